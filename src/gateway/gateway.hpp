// Gateway: the running program without its command line: the core (bus, live state, site model) on one
// executor, the field (lines and devices) on another, joined by a feed. All methods on the core executor.
//
// start() and reload() take a configuration; a bad one never replaces a good one, because only good ones can
// be loaded.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "bus/bus.hpp"
#include "bus/field_feed.hpp"
#include "bus/live_state.hpp"
#include "gateway/control_desk.hpp"
#include "gateway/controller_desk.hpp"
#include "gateway/event_keeper.hpp"
#include "gateway/field.hpp"
#include "gateway/line_plan.hpp"
#include "gateway/normalizer.hpp"
#include "gateway/recorder.hpp"
#include "gateway/site_config.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

class Gateway final : private io::Timer {
 public:
  struct Surroundings {
    io::Executor& core;
    io::Network& field_network;  // with its executor, which may be the core's
    io::Random& random;          // the field's
    io::Files& files;            // the field's
    Log& log;
    // None: no history is kept.
    std::unique_ptr<Recorder> recorder = {};
    // None: no events are kept.
    std::unique_ptr<EventKeeper> events = {};
    // What controllers knew when the gateway ended, and who keeps it for the next time; none: nobody.
    std::string controller_states = {};
    std::function<void(std::string)> keep_controller_states = {};
    // What drivers must know after a restart: the folder, and who keeps it there, by name; empty: nobody.
    std::string driver_memory = {};
    std::function<void(std::string, std::string)> keep_driver_memory = {};
    // None: nothing can be controlled.
    std::unique_ptr<ControlKeeper> control = {};
  };

  Gateway(std::unique_ptr<LoadedConfig> config, Surroundings surroundings);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway() override;

  void start();
  void reload(std::unique_ptr<LoadedConfig> config);
  // Ends all lines; then calls `stopped`, on the core.
  void stop(std::move_only_function<void()> stopped);

  // A guest's question to a line that runs; see Field.
  void ask(Field::Guest guest, std::move_only_function<void(Result<std::vector<std::byte>>)> done);
  void line_status(std::move_only_function<void(std::vector<driver::LineStatus>)> done);
  // The newest first: of a line by its URL, or of a device.
  using RequestsOf = std::variant<std::string, model::DeviceId>;
  void recent_requests(RequestsOf of, std::move_only_function<void(std::vector<driver::RequestRecord>)> done);
  void raw_points(model::DeviceId device, std::move_only_function<void(std::vector<driver::RawPoint>)> done);

  // The normalised values; as the devices gave them; and those of the normalised that are worth a report
  // (more than the deadband, another quality, or the heartbeat).
  [[nodiscard]] bus::Bus& bus() { return bus_; }
  [[nodiscard]] bus::Bus& raw_bus() { return raw_bus_; }
  [[nodiscard]] bus::Bus& report_bus() { return report_bus_; }
  [[nodiscard]] const bus::LiveState& live() const { return live_; }
  [[nodiscard]] const bus::LiveState& raw_live() const { return raw_live_; }
  [[nodiscard]] const model::SiteModel& site() const { return site_; }
  [[nodiscard]] const LoadedConfig& config() const { return *config_; }
  [[nodiscard]] std::uint64_t dropped() const { return feed_.dropped(); }
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] const EventKeeper* events() const { return events_.get(); }
  [[nodiscard]] const Recorder* recorder() const { return recorder_.get(); }
  [[nodiscard]] ControllerDesk& controllers() { return *controllers_; }

  // Something that happened at this moment, from beside the gateway.
  void note(events::Kind kind, events::Cause cause) {
    if (events_) events_->note(kind, std::move(cause));
  }
  // A condition that is noticed beside the gateway, and its end.
  void raise(events::Kind kind, const events::Source& source, events::Cause cause) {
    if (events_) events_->raise(kind, source, std::move(cause));
  }
  void clear(events::Kind kind, const events::Source& source) {
    if (events_) events_->clear(kind, source);
  }
  // Values of before, for the history.
  void recall(const bus::PastValues& values);
  // None where nothing can be controlled.
  [[nodiscard]] ControlDesk* control() { return control_.get(); }

  // Called for every change of a device's state.
  void on_device_event(std::function<void(const bus::DeviceEvent&)> listener) {
    listener_ = std::move(listener);
  }

 private:
  // What a device of the configuration has in the site model.
  struct Placed {
    model::AssetsByRole assets;                           // as configured
    std::optional<model::DeviceDescription> description;  // as its driver said last
    bool polled = false;                                  // its line will say when it is through with it
  };

  void place_devices();
  void remove(model::DeviceId device);
  void remove_leaving();
  [[nodiscard]] const DeviceSection* configured(model::DeviceId device) const;
  void describe(const model::DeviceDescription& description);
  void normalize_as_configured(model::DeviceId device);
  void take_batch(const model::SampleBatch& raw);
  void on_timer() override;
  void watch_clock();
  void watch_recorder();
  void stop_field(std::move_only_function<void()> stopped);
  void stop_keeping(std::move_only_function<void()> stopped);
  void take_notice(bus::Notice& notice);
  void take_event(bus::DeviceEvent& event);
  void acknowledged(const events::Event& event);
  void apply_to_field();
  // Past all claims: nobody but the desk gets it. The result comes on the core.
  void write(model::WriteCommand command, std::move_only_function<void(model::WriteResult)> done);

  io::Executor& core_;
  io::Executor& field_executor_;
  Log& log_;
  std::unique_ptr<LoadedConfig> config_;
  DeviceIds ids_;
  model::SiteModel site_;
  std::map<model::DeviceId, Placed> placed_;
  Normalizer normalizer_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<EventKeeper> events_;
  std::optional<Duration> wall_ahead_;  // of the monotonic clock
  std::uint64_t lost_samples_ = 0;      // that an event was made of
  std::uint64_t reloads_ = 0;
  bus::Bus bus_;
  bus::Bus raw_bus_;
  bus::Bus report_bus_;
  bus::LiveState live_;
  bus::LiveState raw_live_;
  std::unique_ptr<ControlDesk> control_;
  std::unique_ptr<ControllerDesk> controllers_;
  std::function<void(const bus::DeviceEvent&)> listener_;
  std::function<void(std::string, std::string)> keep_driver_memory_;
  bus::FieldFeed feed_;
  std::unique_ptr<Field> field_;  // used on the field executor only
  io::TaskGroup field_tasks_;     // likewise
};

}  // namespace iw::gateway
