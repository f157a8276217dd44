// What is in alarm: points with limits report intrinsically by them, and each device of the site has a Binary
// Input that is active while anything else is wrong with it.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/hex.hpp"
#include "bms/site_device.hpp"

namespace iw::bms {

using bacnet::EventState;
using bacnet::ObjectId;
using bacnet::PropertyId;
using bacnet::server::Object;

void SiteDevice::enroll(Shown& shown, Object& object) {
  if (server_.reporting() == nullptr) return;
  const events::Limits* limits = troubles_.limits_of(shown.point.path);
  const bool analog = shown.id.type == bacnet::ObjectType::analog_input ||
                      shown.id.type == bacnet::ObjectType::analog_value ||
                      shown.id.type == bacnet::ObjectType::analog_output;
  shown.limited = limits != nullptr && analog;
  if (!shown.limited) return server_.reporting()->removed(shown.id);
  const bool has_low = std::isfinite(limits->low);
  const bool has_high = std::isfinite(limits->high);
  enroll(object, {.low = has_low ? limits->low : 0,
                  .high = has_high ? limits->high : 0,
                  .deadband = limits->hysteresis,
                  .limits = {has_low, has_high}});
}

// As recipients know it, whether we were away or only the object was.
void SiteDevice::enroll(Object& object, const bacnet::server::Enrollment& enrollment) {
  const auto known = alarms_.find(object.id());
  server_.reporting()->enroll(object, enrollment,
                              known != alarms_.end() ? std::optional(known->second.alarm) : std::nullopt);
}

void SiteDevice::take(const Troubles& troubles) {
  if (server_.reporting() == nullptr) return;
  const Troubles before = std::exchange(troubles_, troubles);
  for (Shown& shown : shown_) {
    const events::Limits* was = before.limits_of(shown.point.path);
    const events::Limits* is = troubles_.limits_of(shown.point.path);
    const bool same = was == nullptr || is == nullptr ? was == is : *was == *is;
    Object* object = same ? nullptr : device_.find(shown.id);
    if (object != nullptr) enroll(shown, *object);
  }
  place_devices();
  for (Shown& shown : shown_)
    if (shown.limited) show_point(shown);
  for (const auto& [device, id] : devices_)
    show_device(device, id);
  keep_alarms();
}

void SiteDevice::place_devices() {
  if (server_.reporting() == nullptr) return;
  for (auto one = devices_.begin(); one != devices_.end();) {
    if (std::ranges::find(troubles_.devices, one->first) != troubles_.devices.end()) {
      ++one;
      continue;
    }
    device_.remove(one->second);
    server_.removed(one->second);
    server_.reporting()->removed(one->second);
    one = devices_.erase(one);
  }
  for (const std::string& device : troubles_.devices) {
    if (devices_.contains(device)) continue;
    const ObjectId id =
        object_id(model::derive({}, fmt::format("trouble of {}", device)), bacnet::ObjectType::binary_input);
    auto added = device_.add(
        bacnet::server::binary_object(id.type,
                                      {.instance = id.instance,
                                       .name = fmt::format("{} trouble", device),
                                       .description = fmt::format("something is wrong with {}", device)},
                                      {.inactive_text = "well", .active_text = "trouble"}));
    if (!added) {
      log_.warning("BACnet: the state of {} is not shown: {}", device, added.error().message);
      continue;
    }
    enroll(**added, {});
    devices_.emplace(device, id);
  }
}

void SiteDevice::show_point(Shown& shown) {
  Object* object = device_.find(shown.id);
  if (object == nullptr) return;
  std::vector<const SiteAlarm*> alarms;
  shown.event = EventState::normal;
  for (const SiteAlarm& alarm : troubles_.alarms) {
    if (!alarm.above || alarm.path != shown.point.path) continue;
    alarms.push_back(&alarm);
    shown.event = *alarm.above ? EventState::high_limit : EventState::low_limit;
    shown.trouble = alarm.message;
  }
  if (shown.condition.event != shown.event) return show_condition(shown, *object);  // which comes back here
  if (shown.was_good) look(*object, shown.trouble, alarms);
}

void SiteDevice::show_device(const std::string& device, ObjectId id) {
  std::vector<const SiteAlarm*> alarms;
  for (const SiteAlarm& alarm : troubles_.alarms) {
    // At a start the alarms are there before the points.
    const Shown* point = find(alarm.path);
    const bool is_of_point = alarm.above && (point == nullptr || point->limited);
    if (alarm.device == device && !is_of_point) alarms.push_back(&alarm);
  }
  Object& object = *device_.find(id);
  const bool wrong = !alarms.empty();
  object.set(PropertyId::present_value, bacnet::Enumerated{wrong ? 1U : 0U});
  object.set_condition({.event = wrong ? EventState::offnormal : EventState::normal});
  look(object, wrong ? alarms.back()->message : fmt::format("{} is well", device), alarms);
  server_.changed(object);
}

// Recipients are told of what is new; what somebody has seen by other roads is acknowledged here too.
void SiteDevice::look(Object& object, const std::string& text, const std::vector<const SiteAlarm*>& alarms) {
  server_.look(object, text);
  const bool all_seen = !alarms.empty() && std::ranges::none_of(alarms, [](const SiteAlarm* alarm) {
    return alarm->seen_by.empty();
  });
  if (all_seen) server_.acknowledged(object, alarms.back()->seen_by);
  remember(object.id(), alarms);
}

// Of events that are over the last ones stay: somebody may still acknowledge them.
void SiteDevice::remember(ObjectId id, const std::vector<const SiteAlarm*>& alarms) {
  const bacnet::server::AlarmState* alarm = server_.reporting()->alarm(id);
  if (alarm == nullptr) return;
  const bool told = std::ranges::any_of(
      alarm->last, [](const auto& last) { return last.event_type != 0 || !last.acknowledged; });
  if (!told) return;
  AlarmMemory now{.alarm = *alarm, .events = {}};
  for (const SiteAlarm* one : alarms)
    now.events.push_back(one->id);
  AlarmMemory& before = alarms_[id];
  if (alarms.empty()) now.events = before.events;
  if (now == before) return;
  before = std::move(now);
  alarms_changed_ = true;
}

void SiteDevice::keep_alarms() {
  if (std::exchange(alarms_changed_, false)) hooks_.keep_alarms(to_text(alarms_));
}

void SiteDevice::acknowledged(const Seen& seen) {
  if (const auto known = alarms_.find(seen.object); known != alarms_.end() && !known->second.events.empty())
    hooks_.acknowledge(known->second.events, seen);
  remember(seen.object, {});
  keep_alarms();
}

void SiteDevice::recipients_changed(Bytes encoded) {
  hooks_.keep_recipients(encoded.empty() ? std::string(nobody) : to_hex(encoded));
}

}  // namespace iw::bms
