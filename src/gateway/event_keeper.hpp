// EventKeeper: the gateway's events on their way to the disk. What happens is judged on the core (EventLog);
// the records that change are written on the storage executor, where what people did to them is read as
// well. While the disk is slow or ill, records become newer, not more.
//
// All methods on the core executor. stop() before the storage executor ends; destroyed after that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "events/event_log.hpp"
#include "events/event_store.hpp"
#include "io/executor.hpp"

namespace iw::gateway {

// Where the events stand in the folder of all data.
std::string events_path(const std::string& data_folder);

class EventKeeper final : private io::Timer {
 public:
  struct Executors {
    io::Executor& core;
    io::Executor& storage;
  };
  // Reads what was active when the gateway ended.
  static Result<std::unique_ptr<EventKeeper>> open(Executors executors, const std::string& path,
                                                   events::Retention retention, Log& log);
  EventKeeper(const EventKeeper&) = delete;
  EventKeeper& operator=(const EventKeeper&) = delete;
  ~EventKeeper() override;

  // Before all below; the site model must outlive the keeper.
  void begin(const model::SiteModel& site, std::vector<events::PointLimits> limits);

  void described(model::DeviceId device);
  void take(const bus::DeviceEvent& event);
  void take(const model::SampleBatch& batch);
  void take(const bus::DeviceAlarms& alarms);
  void configured(std::span<const std::string> changes, std::vector<events::PointLimits> limits);
  void raise(events::Kind kind, const events::Source& source, events::Cause cause);
  void clear(events::Kind kind, const events::Source& source);
  void note(events::Kind kind, events::Cause cause);

  // Called on the core with each active record that somebody acknowledges.
  void on_acknowledged(std::function<void(const events::Event&)> listener) {
    acknowledged_ = std::move(listener);
  }

  // Everything so far is on the disk, if that is well; then calls `stopped`.
  void stop(std::move_only_function<void()> stopped);

  [[nodiscard]] const events::Alarms& alarms() const { return log_->alarms(); }
  // Somebody does not want to see it now.
  [[nodiscard]] bool is_shelved(const events::Event& event) const;

 private:
  EventKeeper(Executors executors, events::EventStore store, events::Before before,
              events::Retention retention, Log& messages);

  void on_timer() override;
  void hand_over();
  void write(std::vector<events::Event> records);
  void read_handled();
  void take(events::Handled handled);
  void acknowledge(const events::Acknowledged& one);
  void clear_by_hand(const events::Acknowledged& one);
  [[nodiscard]] std::optional<events::Event> active(events::EventId id) const;
  void unshelve_what_is_over();
  [[nodiscard]] events::Moment now() const;

  io::Executor& core_;
  io::Executor& storage_;
  Log& messages_;
  events::EventStore store_;  // used on the storage executor only, as what follows
  events::Retention retention_;
  std::vector<events::Event> unwritten_;  // by an error of the disk
  Instant retained_ = Instant::min();
  bool failing_ = false;

  events::Before before_;
  std::optional<events::EventLog> log_;
  events::Shelf shelf_;
  bool writing_ = false;
  std::move_only_function<void()> stopped_;
  std::function<void(const events::Event&)> acknowledged_;
};

}  // namespace iw::gateway
