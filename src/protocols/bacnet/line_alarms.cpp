// What devices report of themselves (clause 13): notifications, and the list of what is active, which is
// asked for every now and then, because a device only notifies whom it was told to. And the time
// (16.7, 16.8).
#include <algorithm>
#include <array>

#include "protocols/bacnet/line_device.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::bacnet {
namespace {

constexpr Duration ask_every = 5min;
constexpr Duration logs_looked_at_every = 1h;
constexpr std::size_t most_pages = 200;

// In the order of transitions: to off-normal, to fault, to normal.
std::size_t transition_of(EventState state) {
  if (state == EventState::fault) return 1;
  return state == EventState::normal ? 2 : 0;
}

std::string in_words(EventState state) {
  return name_or_number(event_state_names(), static_cast<std::uint32_t>(state));
}

std::string name_of(const ObjectMap& map, ObjectId object) {
  const auto point = std::ranges::find(map.points, object, &ObjectPoint::object);
  if (point == map.points.end()) return to_string(object);
  return fmt::format("{} ({})", model::to_string(point->point.name), to_string(object));
}

std::vector<std::byte> request_after(const std::optional<ObjectId>& last) {
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  GetEventInformation{.last_received = last}.encode(out);
  return {out.written().begin(), out.written().end()};
}

}  // namespace

// What is due beside polling; returns when it wants to be looked at again.
Instant Line::look_after(const DevicePtr& device, Instant now) {
  watch_rival(device, now);
  Instant next = device->rival ? now + 1min : never;
  if (device->back_off.given_up()) return next;
  if (device->time_due <= now) tell_time(device, now);
  next = std::min(next, device->time_due);
  if (device->asking) return next;
  if (device->config.alarms && device->alarms_due <= now) {
    device->asking = true;
    tasks_.spawn(ask_for_alarms(device));
    return next;
  }
  const bool past = device->config.backfill && device->state == bus::DeviceState::online;
  if (past && device->logs_due <= now) {
    device->asking = true;
    device->logs_due = now + logs_looked_at_every;
    tasks_.spawn(read_logs(device, executor_.clock().wall_now()));
    return next;
  }
  if (past && device->logs_due == never) device->logs_due = now;
  if (past) next = std::min(next, device->logs_due);
  return device->config.alarms ? std::min(next, device->alarms_due) : next;
}

io::Task<void> Line::ask_for_alarms(DevicePtr device) {
  bool asks = !device->abilities.known || device->abilities.event_information;
  std::map<ObjectId, Device::Alarm> active;
  std::optional<ObjectId> last;
  bool complete = false;
  for (std::size_t page = 0; asks && page < most_pages && device->binding; ++page) {
    const auto reply =
        co_await client_.ask(*device->binding, ConfirmedService::get_event_information, request_after(last));
    if (!reply && reply.error().kind == ErrorKind::unsupported) asks = false;
    const auto ack = reply ? GetEventInformationAck::decode(*reply) : tl::unexpected(RejectReason::other);
    if (!ack) break;
    for (const EventSummary& event : ack->events) {
      last = event.object;
      if (event.state == EventState::normal) continue;
      const std::size_t transition = transition_of(event.state);
      const Bytes stamp = event.time_stamps[transition];
      Device::Alarm& alarm = active[event.object];
      if (const auto known = device->alarms.find(event.object);
          known != device->alarms.end() && known->second.state == event.state)
        alarm.message = known->second.message;
      alarm.state = event.state;
      alarm.time_stamp.assign(stamp.begin(), stamp.end());
      alarm.acknowledged = event.acknowledged.at(transition);
    }
    complete = !ack->more_events || ack->events.empty();
    if (complete) break;
  }
  device->asking = false;
  if (device->removed || stopping_) co_return;
  const Instant now = executor_.now();
  device->alarms_due = asks ? now + ask_every : never;
  // Of a device that can not be asked, what it notified stands.
  if (!asks) {
    state_alarms(*device);
  } else if (complete) {
    device->alarms = std::move(active);
    state_alarms(*device);
  }
  schedule(device, now);
  client_.wake();
}

// True: it is of a device of ours.
bool Line::event_notified(const Address& from, const EventNotification& event, Instant now) {
  const auto found = std::ranges::find_if(devices_, [&](const DevicePtr& d) {
    return d->binding && d->plan && d->binding->address == from &&
           d->config.url.instance == event.device.instance;
  });
  if (found == devices_.end()) return false;
  Device& device = **found;
  device.answered = now;
  const std::string text = event.message ? event.message->text() : std::string();
  if (event.notify_type == NotifyType::event) {
    surroundings_.log.info("{}: {}: {}{}{}", device.config.name, name_of(device.plan->map(), event.object),
                           in_words(event.to_state), text.empty() ? "" : ": ", text);
    return true;
  }
  if (event.notify_type == NotifyType::ack_notification) {
    const auto alarm = device.alarms.find(event.object);
    if (alarm != device.alarms.end()) alarm->second.acknowledged = true;
    return true;
  }
  if (event.to_state == EventState::normal) {
    device.alarms.erase(event.object);
  } else {
    device.alarms[event.object] = {.state = event.to_state,
                                   .time_stamp = {event.time_stamp.begin(), event.time_stamp.end()},
                                   .message = text,
                                   .acknowledged = !event.ack_required.value_or(false)};
  }
  if (device.config.alarms) state_alarms(device);
  return true;
}

// Only when it is other than before; the first time in any case, so that what was active before we were
// started ends.
void Line::state_alarms(Device& device) {
  std::vector<bus::DeviceAlarm> active;
  if (device.duplicate && device.rival && device.binding) {
    active.push_back({.kind = bus::DeviceAlarm::Kind::duplicate,
                      .message = fmt::format("two devices have the instance {}: at {} and at {}",
                                             *device.config.url.instance, to_string(device.binding->address),
                                             to_string(*device.rival)),
                      .remedy = "give one of them another instance; nothing is written to it until then"});
  }
  if (device.mute) {
    active.push_back({.what = "notifications",
                      .message =
                          "answers, but sends no notifications any more: it may have been told to be silent "
                          "(DeviceCommunicationControl); it is polled meanwhile",
                      .remedy = fmt::format("interwatt bacnet silence '{}' --end lets it speak again",
                                            to_string(device.config.url))});
  }
  for (const auto& [object, alarm] : device.alarms) {
    const std::string name = device.plan ? name_of(device.plan->map(), object) : to_string(object);
    active.push_back({.what = to_string(object),
                      .message = fmt::format("{}: {}{}{}", name, in_words(alarm.state),
                                             alarm.message.empty() ? "" : ": ", alarm.message)});
  }
  if (device.stated == active) return;
  device.stated = active;
  surroundings_.feed.state({.device = device.config.id, .active = std::move(active)});
}

void Line::acknowledge(model::DeviceId id, const std::string& what, const std::string& by) {
  const DevicePtr device = find(id);
  if (!device || !device->binding) return;
  const auto found =
      std::ranges::find_if(device->alarms, [&](const auto& alarm) { return to_string(alarm.first) == what; });
  if (found == device->alarms.end() || found->second.acknowledged) return;
  Device::Alarm& alarm = found->second;
  std::vector<std::byte> buffer(128 + by.size() + alarm.time_stamp.size());
  ParameterWriter out(buffer);
  const Duration offset = device->abilities.local_offset.value_or(Duration{});
  AcknowledgeAlarm{.process = process_of(id),
                   .object = found->first,
                   .state = alarm.state,
                   .time_stamp = alarm.time_stamp,
                   .source = CharacterString::utf8(by),
                   .time = to_date_time(executor_.clock().wall_now(), offset)}
      .encode(out);
  alarm.acknowledged = true;
  ask({.device = device, .purpose = Purpose::acknowledge}, ConfirmedService::acknowledge_alarm, out.written(),
      false);
  client_.wake();
}

void Line::tell_time(const DevicePtr& device, Instant now) {
  device->time_due = now + *settings_.time_sync;
  const Abilities& abilities = device->abilities;
  const WallTime wall = executor_.clock().wall_now();
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  if (abilities.utc_time) {
    TimeSynchronization{.time = to_date_time(wall, Duration{})}.encode(out);
    client_.tell(device->binding->address, UnconfirmedService::utc_time_synchronization, out.written());
  } else if (abilities.local_time && abilities.local_offset) {
    TimeSynchronization{.time = to_date_time(wall, *abilities.local_offset)}.encode(out);
    client_.tell(device->binding->address, UnconfirmedService::time_synchronization, out.written());
  } else {
    device->time_due = never;
    surroundings_.log.info("{}: is not told the time, because it does not say that it takes it",
                           device->config.name);
  }
}

}  // namespace iw::bacnet
