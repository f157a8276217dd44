// ControllerRunner: the controllers of the configuration at work. Each step takes the last normalised values
// that are fresh and good; what it wishes becomes a claim that is renewed with each step and expires by
// itself when the steps end. One that observes decides, and claims nothing.
//
// All methods on the core executor; so are the callbacks.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/time_zone.hpp"
#include "bus/live_state.hpp"
#include "control/claim_book.hpp"
#include "control/controllers/registry.hpp"
#include "io/executor.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

class ControllerRunner final : private io::Timer {
 public:
  // How wishes become claims.
  struct Claims {
    std::function<Result<control::ClaimId>(const control::ClaimRequest&)> claim;
    std::function<bool(std::string_view path, control::ClaimId, double value, Duration life)> renew;
    std::function<void(control::ClaimId)> release;
  };
  // All of it outlives the runner.
  struct Surroundings {
    io::Executor& core;
    const model::SiteModel& site;
    const bus::LiveState& live;  // the normalised values
    Log& log;
    Claims claims = {};  // none: all observe
    // Takes what must survive a restart, once a minute and at the end: a line for each controller.
    std::function<void(std::string)> keep = {};
  };

  explicit ControllerRunner(Surroundings around) : around_(std::move(around)) {}

  // In place of those before, in local time of a zone that outlives them. One of the same name and kind goes
  // on from its state; claims of the others end.
  void configure(std::span<const control::ControllerSection> sections, const TimeZone& zone);
  // The points of a device are others than before.
  void described();
  // New values: those that decide at once do.
  void take(const model::SampleBatch& clean);
  // No more steps, and no claims.
  void stop();

  // What `keep` was given, before configure(). Lines that are not understood are said in the log and left
  // out.
  void restore(std::string_view states);

  struct View {
    std::string_view name;
    std::string_view kind;
    control::Mode mode;
    control::Level level;
    const control::Decision& decision;
    const control::Declaration& declaration;
  };
  [[nodiscard]] std::vector<View> view() const;

 private:
  struct Held {
    control::ClaimId id;
    control::Demand demand{};
  };
  struct Seat {
    control::ConfiguredController one;
    std::vector<std::optional<model::PointId>> points;  // of its inputs
    std::vector<Result<model::FreshValue>> inputs;
    std::vector<std::optional<Held>> held;  // by output
    std::vector<std::string> refused;       // why a claim is not taken, by output; empty: it is
    control::Decision decision;
    Instant next = Instant::min();
  };

  void on_timer() override;
  void arm_next();
  void keep_states(Instant now);
  void find_points(Seat& seat) const;
  void step(Seat& seat);
  void look(Seat& seat, Instant now) const;
  void claim(Seat& seat);
  void claim_anew(Seat& seat, const control::Wish& wish);
  void release(Seat& seat, std::size_t output);
  [[nodiscard]] const std::string& path(const Seat& seat, std::size_t output) const;

  Surroundings around_;
  const TimeZone* zone_ = nullptr;  // since configure()
  std::vector<Seat> seats_;
  Instant keep_at_ = Instant::min();
  std::vector<std::pair<std::string, std::string>> restored_;  // name, state
};

}  // namespace iw::gateway
