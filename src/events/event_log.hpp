// EventLog: what the gateway does about events: it watches devices, points and the configuration, names what
// changed after the site model, and keeps the conditions (Alarms). On the core thread, without IO; it knows
// no threads.
//
// What must be kept is handed over as values: take() on the core, EventStore::write() with that on the
// storage thread; only then the next take(), so that a slow disk makes records newer, not queues longer. The
// other way, about once a second: EventStore::handled_elsewhere() on the storage thread, acknowledge() and
// clear_by_hand() here with each.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "events/alarms.hpp"
#include "events/point_watch.hpp"
#include "model/site_model.hpp"

namespace iw::events {

struct PointLimits {
  std::string path;  // "roof/ActivePower"
  Limits limits;
};

struct EventLogSettings {
  AlarmSettings alarms = {};
  std::vector<PointLimits> limits = {};
  Duration oldest = 60s;  // value that is held against limits
  // More points than these that turn bad in one batch are one event of the device.
  std::size_t most_points = 8;
};

// What the store has at the start.
struct Before {
  EventId last;
  std::vector<Event> active;
};

class EventLog {
 public:
  // The site model must outlive it.
  EventLog(const model::SiteModel& site, EventLogSettings settings, Before before, Moment now);

  // The points of a device are known, or are others now: after SiteModel::describe().
  void described(model::DeviceId device, Moment now);
  // Before the device leaves the site model, where it does.
  void take(const bus::DeviceEvent& event, Moment now);
  void take(const model::SampleBatch& batch);
  void take(const bus::DeviceAlarms& alarms, Moment now);
  // Other limits than before; a violation of one that is gone ends.
  void set_limits(std::vector<PointLimits> limits, Moment now);
  // What was added, changed, removed, in words; by whom. Conditions of devices that the site model has no
  // more end.
  void configured(std::span<const std::string> changes, std::string_view by, Moment now);

  // Everything else: what the gateway notices about itself.
  void raise(Kind kind, const Source& source, Cause cause, Moment now);
  void clear(Kind kind, const Source& source, Moment now);
  void note(Kind kind, const Source& source, Cause cause, Moment now);

  // Of an active record. False: it is over, and only the store has it.
  bool acknowledge(EventId id, const Acknowledgement& acknowledgement);
  // Of an active record, see Alarms.
  bool clear_by_hand(EventId id, const Acknowledgement& by, Moment now);
  // About once a second.
  void tick(Moment now);

  // The records to be written.
  [[nodiscard]] std::vector<Event> take_changes() { return alarms_.take_changes(); }
  [[nodiscard]] const Alarms& alarms() const { return alarms_; }

 private:
  struct Watched {
    PointWatch points;
    std::vector<bool> in_group;  // by index: bad, with others, as one event of the device
    std::size_t group = 0;       // how many of them are still bad
  };

  void end_of_unknown(const model::SiteModel::Device& device, Moment now);
  void assume(Watched& watched, const model::SiteModel::Device& device);
  void take_changed(Watched& watched, const model::SiteModel::Device& device, Moment now);
  void turned_bad(Watched& watched, const model::SiteModel::Device& device, Moment now);
  void turned_good(Watched& watched, const model::SiteModel::Device& device, std::uint16_t index, Moment now);
  void crossed(const Watched& watched, const model::SiteModel::Device& device, const PointChange& change,
               Moment now);

  const model::SiteModel& site_;
  EventLogSettings settings_;
  Alarms alarms_;
  std::map<model::DeviceId, Watched> watched_;
  std::vector<PointChange> changes_;  // of the batch under way
  std::uint64_t lost_ = 0;            // events, told already
};

}  // namespace iw::events
