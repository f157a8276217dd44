// ControllerRunner: the controllers of the configuration at work. Each step takes the last normalised values
// that are fresh and good; what it wishes becomes a claim that is renewed with each step and expires by
// itself when the steps end. One that observes decides, and claims nothing; one that is off does neither.
//
// All methods on the core executor; so are the callbacks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
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
  // How wishes become claims. What was claimed, renewed and released comes into force together, by decide().
  struct Claims {
    std::function<Result<control::ClaimId>(const control::ClaimRequest&)> claim;
    std::function<bool(std::string_view path, control::ClaimId, double value, Duration life,
                       std::string_view reason)>
        renew;
    std::function<void(control::ClaimId)> release;
    std::function<void()> decide;
  };
  // The mode in which a controller is: what its section says, unless somebody switched it.
  using ModeOf = std::function<control::Mode(const control::ControllerSection&)>;
  // All of it outlives the runner.
  struct Surroundings {
    io::Executor& core;
    const model::SiteModel& site;
    const bus::LiveState& live;  // the normalised values
    Log& log;
    Claims claims = {};  // none: nobody acts
    // Takes what must survive a restart, once a minute and at the end: a line for each controller.
    std::function<void(std::string)> keep = {};
  };

  explicit ControllerRunner(Surroundings around) : around_(std::move(around)) {}

  // In place of those before, in local time of a zone; both outlive them, and are there until the next call
  // returns. One whose section says the same goes on as it is, one of the same name and kind from its state;
  // claims that are not made anew end.
  void configure(std::span<const control::ControllerSection> sections, const TimeZone& zone,
                 const ModeOf& mode_of);
  // From now on. False: there is no such controller.
  bool set_mode(std::string_view name, control::Mode mode);
  // The points of a device are others than before. It costs what the device has, not what there is.
  void described(model::DeviceId device);
  // New values: those that decide at once do.
  void take(const model::SampleBatch& clean);
  // No more steps, and no claims.
  void stop();

  // What `keep` was given, before configure(). Lines that are not understood are said in the log and left
  // out.
  void restore(std::string_view states);

  // What there is, for lists.
  struct InputView {
    const control::Input& input;
    std::optional<bus::LiveValue> value;  // the last, whatever its quality
    std::string trouble;                  // why it is not for control; empty: it is
  };
  struct OutputView {
    std::string_view path;
    control::ClaimId claim;    // 0: none
    std::string_view refused;  // why its claim is not taken; empty: it is
  };
  struct View {
    std::string_view name;
    std::string_view kind;
    control::Mode mode{};
    control::Mode configured{};
    control::Level level{};
    const control::Declaration& declaration;
    const control::Decision& decision;  // of the last step; without a code before the first, and when off
    WallTime since;                     // it has this code
    std::vector<InputView> inputs = {};
    std::vector<OutputView> outputs = {};
  };
  [[nodiscard]] std::vector<View> view() const;
  // Another number when view() may show something else than before, but for what only grows old; never 0.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  struct Held {
    control::ClaimId id;
    control::Demand demand{};
  };
  struct Seat {
    const control::ControllerSection* section = nullptr;
    control::ConfiguredController one;
    std::vector<std::optional<model::PointId>> points;  // of its inputs
    std::vector<Result<model::FreshValue>> inputs;
    std::vector<std::optional<Held>> held;  // by output
    std::vector<std::string> refused;       // why a claim is not taken, by output; empty: it is
    control::Decision decision;
    WallTime since = {};  // the decision has its code
    Instant next = Instant::min();
  };

  // An input of a controller.
  struct Place {
    std::size_t seat = 0;
    std::size_t input = 0;
  };

  [[nodiscard]] Seat seat_of(const control::ControllerSection& section, control::Mode mode);
  [[nodiscard]] static std::string state_of(const Seat& seat);
  void on_timer() override;
  void arm_next();
  void keep_states(Instant now);
  void find_points(Seat& seat) const;
  void index_inputs();
  void step(Seat& seat);
  void look(Seat& seat) const;
  [[nodiscard]] Result<model::FreshValue> fresh_value(const Seat& seat, std::size_t input) const;
  void claim(Seat& seat);
  void claim_anew(Seat& seat, const control::Wish& wish);
  void release(Seat& seat, std::size_t output);
  void release_all(Seat& seat);
  void decide();
  [[nodiscard]] const std::string& path(const Seat& seat, std::size_t output) const;
  [[nodiscard]] std::vector<InputView> inputs_of(const Seat& seat) const;

  Surroundings around_;
  const TimeZone* zone_ = nullptr;  // since configure()
  std::vector<Seat> seats_;
  std::map<std::string, std::vector<Place>, std::less<>> inputs_by_path_;
  std::map<model::DeviceId, std::vector<Place>> inputs_by_device_;  // of points that are there
  Instant keep_at_ = Instant::min();
  std::uint64_t revision_ = 1;
  std::vector<std::pair<std::string, std::string>> restored_;  // name, state
};

}  // namespace iw::gateway
