#include "events/event_log.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace iw::events {
namespace {

using model::SiteModel;
using To = PointChange::To;

Source source_of(const SiteModel::Device& device) {
  const model::Asset& main = device.assets.at("");
  return {.device = device.name, .path = {}, .asset = main.name, .asset_mrid = main.mrid, .point_mrid = {}};
}

Source source_of(const SiteModel::Device& device, std::uint16_t index) {
  const SiteModel::PlacedPoint& point = device.points[index];
  const model::Asset& asset = device.assets.at(point.point.role);
  return {.device = device.name,
          .path = point.path,
          .asset = asset.name,
          .asset_mrid = asset.mrid,
          .point_mrid = point.mrid};
}

Key key_of(Kind kind, const Source& source) {
  return {.kind = kind, .device = source.device, .path = source.path};
}

// Conditions of which its line says when they are over.
bool is_of_device(Kind kind) { return kind == Kind::device_alarm || kind == Kind::duplicate_device; }

Kind kind_of(const bus::DeviceAlarm& alarm) {
  return alarm.kind == bus::DeviceAlarm::Kind::duplicate ? Kind::duplicate_device : Kind::device_alarm;
}

std::string written(double value, const model::Point& point) {
  const std::string_view unit = model::to_string(model::info(point.name.quantity).unit);
  return fmt::format("{:.6g}{}{}", value, unit.empty() ? "" : " ", unit);
}

}  // namespace

EventLog::EventLog(const SiteModel& site, EventLogSettings settings, Before before, Moment now)
    : site_(site), settings_(std::move(settings)), alarms_(settings_.alarms, before.last) {
  alarms_.restore(std::move(before.active), now);
}

void EventLog::described(model::DeviceId id, Moment now) {
  const SiteModel::Device* device = site_.device(id);
  if (device == nullptr) return;
  Watched& watched = watched_[id];
  watched = {.points = PointWatch(device->points.size()),
             .in_group = std::vector<bool>(device->points.size()),
             .group = 0};
  for (const PointLimits& limit : settings_.limits) {
    const auto point = site_.find(limit.path);
    if (point && point->device == id) watched.points.set_limits(point->index, limit.limits);
  }
  end_of_unknown(*device, now);
  assume(watched, *device);
}

void EventLog::set_limits(std::vector<PointLimits> limits, Moment now) {
  settings_.limits = std::move(limits);
  alarms_.clear_if(
      [&](const Key& key) {
        return key.kind == Kind::limit_violated &&
               std::ranges::find(settings_.limits, key.path, &PointLimits::path) == settings_.limits.end();
      },
      now);
  for (const auto& [device, watched] : std::exchange(watched_, {}))
    described(device, now);
}

// Of points that the device no longer has, and of groups, whose members nobody knows any more.
void EventLog::end_of_unknown(const SiteModel::Device& device, Moment now) {
  const auto is_unknown = [&](const Key& key) {
    if (key.device != device.name) return false;
    if (is_of_device(key.kind)) return false;
    if (key.path.empty()) return key.kind == Kind::quality_bad;
    const auto point = site_.find(key.path);
    return !point || point->device != device.id;
  };
  alarms_.clear_if(is_unknown, now);
}

void EventLog::assume(Watched& watched, const SiteModel::Device& device) {
  alarms_.for_each_active([&](const Event& event) {
    if (event.source.device != device.name) return;
    if (event.kind == Kind::device_lost) watched.points.set_lost(true);
    const auto point = site_.find(event.source.path);
    if (!point || point->device != device.id) return;
    if (event.kind == Kind::quality_bad) watched.points.assume(point->index, To::bad);
    if (event.kind == Kind::limit_violated)
      watched.points.assume(point->index, event.value < event.limit ? To::below : To::above);
  });
}

void EventLog::take(const bus::DeviceEvent& event, Moment now) {
  const SiteModel::Device* device = site_.device(event.device);
  if (device == nullptr) return;
  const auto watched = watched_.find(event.device);
  const auto set_lost = [&](bool lost) {
    if (watched != watched_.end()) watched->second.points.set_lost(lost);
  };
  switch (event.state) {
    case bus::DeviceState::starting: break;
    case bus::DeviceState::online:
      alarms_.clear({.kind = Kind::device_lost, .device = device->name, .path = {}}, now);
      set_lost(false);
      break;
    case bus::DeviceState::offline:
      alarms_.raise(Kind::device_lost, source_of(*device), {.message = event.reason, .remedy = event.remedy},
                    now);
      set_lost(true);
      break;
    case bus::DeviceState::removed:
      alarms_.clear_if([&](const Key& key) { return key.device == device->name; }, now);
      watched_.erase(event.device);
      break;
  }
}

void EventLog::take(const bus::DeviceAlarms& alarms, Moment now) {
  const SiteModel::Device* device = site_.device(alarms.device);
  if (device == nullptr) return;
  std::set<Key> active;
  for (const bus::DeviceAlarm& alarm : alarms.active) {
    Source source = source_of(*device);
    source.path = alarm.what;
    active.insert(key_of(kind_of(alarm), source));
    alarms_.raise(kind_of(alarm), source, {.message = alarm.message, .remedy = alarm.remedy}, now);
  }
  alarms_.clear_if(
      [&](const Key& key) {
        return is_of_device(key.kind) && key.device == device->name && !active.contains(key);
      },
      now);
}

void EventLog::take(const model::SampleBatch& batch) {
  const auto watched = watched_.find(batch.device);
  if (watched == watched_.end()) return;
  watched->second.points.apply(batch, batch.received, settings_.oldest, changes_);
  if (changes_.empty()) return;
  const SiteModel::Device* device = site_.device(batch.device);
  if (device == nullptr || device->points.size() != watched->second.in_group.size()) return;
  take_changed(watched->second, *device, {.wall = batch.source_time, .instant = batch.received});
}

void EventLog::take_changed(Watched& watched, const SiteModel::Device& device, Moment now) {
  turned_bad(watched, device, now);
  for (const PointChange& change : changes_) {
    if (change.to == To::good) turned_good(watched, device, change.index, now);
    if (change.to == To::within || change.to == To::below || change.to == To::above)
      crossed(watched, device, change, now);
  }
}

void EventLog::turned_bad(Watched& watched, const SiteModel::Device& device, Moment now) {
  const auto bad = static_cast<std::size_t>(std::ranges::count(changes_, To::bad, &PointChange::to));
  const bool together = bad > settings_.most_points;
  for (const PointChange& change : changes_) {
    if (change.to != To::bad) continue;
    const std::string quality = model::to_string(change.quality);
    if (together) {
      watched.in_group[change.index] = true;
      ++watched.group;
      alarms_.raise(Kind::quality_bad, source_of(device),
                    {.message = fmt::format("{} values at once can not be trusted, {} among them: {}", bad,
                                            device.points[change.index].path, quality)},
                    now);
    } else {
      alarms_.raise(Kind::quality_bad, source_of(device, change.index), {.message = quality}, now);
    }
  }
}

void EventLog::turned_good(Watched& watched, const SiteModel::Device& device, std::uint16_t index,
                           Moment now) {
  alarms_.clear(key_of(Kind::quality_bad, source_of(device, index)), now);
  if (!watched.in_group[index]) return;
  watched.in_group[index] = false;
  if (--watched.group == 0) alarms_.clear(key_of(Kind::quality_bad, source_of(device)), now);
}

void EventLog::crossed(const Watched& watched, const SiteModel::Device& device, const PointChange& change,
                       Moment now) {
  const Source source = source_of(device, change.index);
  const Limits& limits = watched.points.limits(change.index);
  // From below to above: another violation.
  alarms_.clear(key_of(Kind::limit_violated, source), now);
  if (change.to == To::within) return;
  const bool above = change.to == To::above;
  const double limit = above ? limits.high : limits.low;
  const model::Point& point = device.points[change.index].point;
  alarms_.raise(Kind::limit_violated, source,
                {.message = fmt::format("{} is {} the limit of {}", written(change.value, point),
                                        above ? "above" : "below", written(limit, point)),
                 .value = change.value,
                 .limit = limit},
                now);
}

void EventLog::configured(std::span<const std::string> changes, std::string_view by, Moment now) {
  const auto is_gone = [&](const Key& key) {
    const auto devices = site_.devices();
    return !key.device.empty() && std::ranges::none_of(devices, [&](const SiteModel::Device& device) {
      return device.name == key.device;
    });
  };
  alarms_.clear_if(is_gone, now);
  if (changes.empty()) return;
  alarms_.note(Kind::configuration_changed, {},
               {.message = fmt::format("{}{}{}", by, by.empty() ? "" : ": ", fmt::join(changes, "; "))}, now);
}

void EventLog::raise(Kind kind, const Source& source, Cause cause, Moment now) {
  alarms_.raise(kind, source, std::move(cause), now);
}

void EventLog::clear(Kind kind, const Source& source, Moment now) {
  alarms_.clear(key_of(kind, source), now);
}

void EventLog::note(Kind kind, const Source& source, Cause cause, Moment now) {
  alarms_.note(kind, source, std::move(cause), now);
}

bool EventLog::acknowledge(EventId id, const Acknowledgement& acknowledgement) {
  return alarms_.acknowledge(id, acknowledgement);
}

bool EventLog::clear_by_hand(EventId id, const Acknowledgement& by, Moment now) {
  return alarms_.clear_by_hand(id, by, now);
}

void EventLog::tick(Moment now) {
  const std::uint64_t lost = alarms_.lost();
  if (lost != lost_) {
    alarms_.note(Kind::events_lost, {}, {.message = fmt::format("{} records were lost", lost - lost_)}, now);
    lost_ = lost;
  }
  alarms_.tick(now);
}

}  // namespace iw::events
