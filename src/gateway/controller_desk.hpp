// ControllerDesk: the controllers of the configuration at run time: they step (ControllerRunner), their
// wishes become claims (ControlDesk), and people switch them between off, observe and act.
//
//   desk.set_mode({.controller = "peak", .mode = Mode::act, .by = "anna"}, [](Result<void> done) { ... });
//
// Who may claim what a controller moves, at its level, may switch it. A change is in force once it is on
// record, and holds over restarts (controller_modes.hpp).
//
// All methods on the core executor; so are the callbacks.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/control_desk.hpp"
#include "gateway/controller_modes.hpp"
#include "gateway/controller_runner.hpp"

namespace iw::gateway {

class ControllerDesk {
 public:
  // All of it outlives the desk.
  struct Surroundings {
    io::Executor& core;
    const model::SiteModel& site;
    const bus::LiveState& live;  // the normalised values
    Log& log;
    ControlDesk* control = nullptr;  // none: nobody acts, and nobody is switched
    // What controllers knew when the gateway ended, and who keeps it for the next time; none: nobody.
    std::string states = {};
    std::function<void(std::string)> keep = {};
  };
  explicit ControllerDesk(Surroundings around);
  ControllerDesk(const ControllerDesk&) = delete;
  ControllerDesk& operator=(const ControllerDesk&) = delete;

  // As ControllerRunner's; control goes first.
  void configure(std::span<const control::ControllerSection> sections, const TimeZone& zone);
  void described(model::DeviceId device) { runner_.described(device); }
  void take(const model::SampleBatch& clean) { runner_.take(clean); }
  void stop() { runner_.stop(); }

  using View = ControllerRunner::View;
  [[nodiscard]] std::vector<View> view() const { return runner_.view(); }
  // Another number when view() or switched() may say something else than before, but for what only grows old.
  [[nodiscard]] std::uint64_t revision() const { return runner_.revision() + switches_; }
  // Who switched it, when and why; none: it is in the mode that is configured.
  [[nodiscard]] const SwitchedMode* switched(std::string_view controller) const {
    return modes_.find(controller);
  }

  struct ModeRequest {
    std::string controller;
    control::Mode mode{};
    std::string by;
    std::string reason = {};
  };
  void set_mode(ModeRequest request, std::move_only_function<void(Result<void>)> done,
                ControlDesk::RoleRight role = {});

 private:
  [[nodiscard]] Result<void> may_switch(const ModeRequest& request, const View* view,
                                        ControlDesk::RoleRight role) const;
  void audit(std::string_view controller, std::string actor, std::string outcome, std::string detail);
  [[nodiscard]] security::AuditEntry entry(std::string_view controller, std::string actor,
                                           std::string outcome, std::string detail) const;

  io::Executor& core_;
  Log& log_;
  ControlDesk* control_;
  ControllerModes modes_;
  ControllerRunner runner_;
  std::map<std::string, control::Mode, std::less<>> noted_;  // on record
  std::uint64_t switches_ = 0;
};

}  // namespace iw::gateway
