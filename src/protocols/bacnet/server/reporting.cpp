#include "protocols/bacnet/server/reporting.hpp"

#include <algorithm>

#include "protocols/bacnet/cov_services.hpp"

namespace iw::bacnet::server {
namespace {

using enum PropertyId;

// BACnetEventType.
constexpr std::uint32_t change_of_state = 1;
constexpr std::uint32_t out_of_range = 5;
constexpr std::uint32_t change_of_reliability = 19;

constexpr std::size_t longest_values = 128;
constexpr std::size_t longest_notification = 512;
constexpr std::size_t longest_text = 255;
constexpr std::size_t longest_information = 96;  // octets of an object in GetEventInformation
constexpr std::size_t head_of_information = 16;

struct Bits {
  explicit Bits(const TransitionBits& flags) {
    for (std::size_t i = 0; i < flags.size(); ++i)
      if (flags[i]) octet[0] |= static_cast<std::byte>(0x80U >> i);
  }
  [[nodiscard]] BitString value() const { return {.bytes = octet, .unused = 5}; }
  std::array<std::byte, 1> octet{};
};

std::size_t index_of(Transition transition) { return static_cast<std::size_t>(transition); }

std::vector<std::byte> stamp_of(const DateTime& time) {
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  write_time_stamp(out, time);
  return {out.written().begin(), out.written().end()};
}

EventState state_of(const Object& object) {
  return static_cast<EventState>(number(object.value(event_state).value_or(Enumerated{0})).value_or(0));
}

float real_of(const Object& object, PropertyId property) {
  const auto value = object.value(property);
  return value ? static_cast<float>(number(*value).value_or(0)) : 0.0F;
}

void copy_property(ParameterWriter& out, std::uint8_t tag, const Object& object, PropertyId property) {
  if (const auto value = object.value(property)) out.context(tag, *value);
}

bool is_binary(const Object& object) {
  return object.id().type == ObjectType::binary_input || object.id().type == ObjectType::binary_output ||
         object.id().type == ObjectType::binary_value;
}

AlarmState never_told() {
  AlarmState alarm;
  alarm.last[index_of(Transition::to_offnormal)].state = EventState::offnormal;
  alarm.last[index_of(Transition::to_fault)].state = EventState::fault;
  for (AlarmState::Last& last : alarm.last)
    last.stamp = stamp_of(DateTime{});
  return alarm;
}

// By which algorithm the object came into this state, or left it (13.3, 13.4).
std::uint32_t algorithm(const Object& object, EventState from, EventState to) {
  if (from == EventState::fault || to == EventState::fault) return change_of_reliability;
  return is_binary(object) ? change_of_state : out_of_range;
}

// BACnetNotificationParameters.
std::vector<std::byte> values_of(const Object& object, std::uint32_t event_type, EventState side) {
  std::array<std::byte, longest_values> buffer;
  ParameterWriter out(buffer);
  const auto tag = static_cast<std::uint8_t>(event_type);
  out.open(tag);
  if (event_type == change_of_reliability) {
    copy_property(out, 0, object, reliability);
    copy_property(out, 1, object, status_flags);
    out.open(2);
    std::array<std::byte, longest_values / 2> scratch;
    if (const auto value = object.read({present_value}, scratch))
      write_property_value(out, {.property = {present_value}, .value = *value});
    out.close(2);
  } else if (event_type == change_of_state) {
    out.open(0);
    copy_property(out, 1, object, present_value);  // BACnetPropertyStates: binary-value
    out.close(0);
    copy_property(out, 1, object, status_flags);
  } else {
    out.context(0, real_of(object, present_value));
    copy_property(out, 1, object, status_flags);
    out.context(2, real_of(object, deadband));
    out.context(3, real_of(object, side == EventState::low_limit ? low_limit : high_limit));
  }
  out.close(tag);
  return {out.written().begin(), out.written().end()};
}

}  // namespace

Transition transition_to(EventState state) {
  if (state == EventState::fault) return Transition::to_fault;
  return state == EventState::normal ? Transition::to_normal : Transition::to_offnormal;
}

Object Reporting::class_object() const {
  Object object(class_id(), settings_.name);
  object.set(notification_class, Unsigned{settings_.notification_class});
  std::vector<Value> all;
  for (const std::uint8_t one : settings_.priorities)
    all.emplace_back(Unsigned{one});
  object.set_list(priority, all);
  object.set(ack_required, Bits(settings_.ack_required).value());
  object.set_encoded(recipient_list, encoded(settings_.recipients), Shape::list);
  object.list_properties();
  return object;
}

void Reporting::enroll(Object& object, const Enrollment& enrollment,
                       const std::optional<AlarmState>& before) {
  if (!is_binary(object)) {
    object.set(high_limit, static_cast<float>(enrollment.high));
    object.set(low_limit, static_cast<float>(enrollment.low));
    object.set(deadband, static_cast<float>(enrollment.deadband));
    const std::array bits{
        static_cast<std::byte>((enrollment.limits[0] ? 0x80U : 0U) | (enrollment.limits[1] ? 0x40U : 0U))};
    object.set(limit_enable, BitString{.bytes = bits, .unused = 6});
  } else {
    object.set(alarm_value, Enumerated{1});
  }
  object.set(time_delay, Unsigned{0});
  object.set(notification_class, Unsigned{settings_.notification_class});
  object.set(event_enable, Bits({true, true, true}).value());
  object.set(notify_type, Enumerated{static_cast<std::uint32_t>(enrollment.notify_type)});
  object.set(event_detection_enable, true);
  Reported reported{.notify_type = enrollment.notify_type, .alarm = before.value_or(never_told())};
  show(object, reported);
  object.list_properties();
  objects_.insert_or_assign(object.id(), std::move(reported));
}

void Reporting::show(Object& object, const Reported& reported) const {
  TransitionBits seen{};
  std::vector<std::byte> stamps;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    seen[i] = reported.alarm.last[i].acknowledged;
    stamps.insert(stamps.end(), reported.alarm.last[i].stamp.begin(), reported.alarm.last[i].stamp.end());
  }
  object.set(acked_transitions, Bits(seen).value());
  object.set_encoded(event_time_stamps, stamps, Shape::array);
}

const AlarmState* Reporting::alarm(ObjectId object) const {
  const auto found = objects_.find(object);
  return found != objects_.end() ? &found->second.alarm : nullptr;
}

bool Reporting::look(Object& object, std::string_view text, WallTime now) {
  const auto found = objects_.find(object.id());
  const EventState to = state_of(object);
  if (found == objects_.end() || found->second.alarm.state == to) return false;
  Reported& reported = found->second;
  const EventState from = std::exchange(reported.alarm.state, to);
  const Transition transition = transition_to(to);
  Last& last = reported.alarm.last[index_of(transition)];
  last = {.state = to,
          .event_type = algorithm(object, from, to),
          .stamp = stamp_of(to_date_time(now, Duration{})),
          .acknowledged = !settings_.ack_required[index_of(transition)]};
  show(object, reported);
  const auto values = values_of(object, last.event_type, to == EventState::normal ? from : to);
  tell(object, transition, last, last.stamp,
       {.from = from, .to = to, .notify_type = reported.notify_type, .text = text, .values = &values}, now);
  return true;
}

// To each who wants to hear of it now. An acknowledgement is told with the time of it (13.8).
void Reporting::tell(const Object& object, Transition transition, const Last& last, Bytes stamp,
                     const Said& said, WallTime now) {
  const DateTime local = to_date_time(now, Duration{});
  const bool is_ack = said.notify_type == NotifyType::ack_notification;
  for (const Destination& to : settings_.recipients) {
    if (!to.wants(transition, local)) continue;
    EventNotification event{.process = to.process,
                            .device = device_,
                            .object = object.id(),
                            .time_stamp = stamp,
                            .notification_class = settings_.notification_class,
                            .priority = settings_.priorities[index_of(transition)],
                            .event_type = last.event_type,
                            .notify_type = said.notify_type,
                            .to_state = said.to};
    if (!said.text.empty()) event.message = CharacterString::utf8(said.text.substr(0, longest_text));
    if (!is_ack) {
      event.ack_required = settings_.ack_required[index_of(transition)];
      event.from_state = said.from;
      event.values = *said.values;
    }
    std::vector<std::byte> data(longest_notification);
    ParameterWriter out(data);
    event.encode(out);
    data.resize(out.size());
    if (waiting_.size() == settings_.most_waiting) {
      waiting_.pop_front();
      ++lost_;
    }
    waiting_.push_back({.to = to, .data = std::move(data)});
  }
}

std::optional<OutgoingEvent> Reporting::next_to_send() {
  if (waiting_.empty()) return std::nullopt;
  OutgoingEvent next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

// ---- Acknowledgements

void Reporting::acknowledge(Object& object, Reported& reported, Transition transition, std::string_view by,
                            WallTime now) {
  Last& last = reported.alarm.last[index_of(transition)];
  last.acknowledged = true;
  show(object, reported);
  tell(object, transition, last, stamp_of(to_date_time(now, Duration{})),
       {.to = last.state, .notify_type = NotifyType::ack_notification, .text = by}, now);
}

void Reporting::acknowledged(Object& object, std::string_view by, WallTime now) {
  const auto found = objects_.find(object.id());
  if (found == objects_.end()) return;
  for (const Transition transition :
       {Transition::to_offnormal, Transition::to_fault, Transition::to_normal}) {
    if (!found->second.alarm.last[index_of(transition)].acknowledged)
      acknowledge(object, found->second, transition, by, now);
  }
}

Refusable<bool> Reporting::acknowledge(Object& object, const AcknowledgeAlarm& request, WallTime now) {
  const auto found = objects_.find(object.id());
  if (found == objects_.end())
    return tl::unexpected(BacnetError{ErrorClass::object, ErrorCode::no_alarm_configured});
  const Transition transition = transition_to(request.state);
  Last& last = found->second.alarm.last[index_of(transition)];
  const bool any_offnormal = request.state == EventState::offnormal && transition == Transition::to_offnormal;
  if (last.state != request.state && !any_offnormal)
    return tl::unexpected(BacnetError{ErrorClass::services, ErrorCode::invalid_event_state});
  if (!std::ranges::equal(last.stamp, request.time_stamp))
    return tl::unexpected(BacnetError{ErrorClass::services, ErrorCode::invalid_time_stamp});
  if (last.acknowledged) return false;
  acknowledge(object, found->second, transition, request.source.text(), now);
  return true;
}

// ---- What there is

bool Reporting::is_listed(const Reported& reported) const {
  return reported.alarm.state != EventState::normal ||
         std::ranges::any_of(reported.alarm.last, [](const Last& last) { return !last.acknowledged; });
}

bool Reporting::write_information(ParameterWriter& out, const GetEventInformation& asked,
                                  std::size_t room) const {
  GetEventInformationAck ack;
  const auto begin = asked.last_received ? objects_.upper_bound(*asked.last_received) : objects_.begin();
  std::deque<Bits> bits;  // what the summaries look at
  const std::size_t most =
      std::max<std::size_t>(1, (room - std::min(room, head_of_information)) / longest_information);
  for (auto one = begin; one != objects_.end(); ++one) {
    const auto& [id, reported] = *one;
    if (!is_listed(reported)) continue;
    if (ack.events.size() == most) {
      ack.more_events = true;
      break;
    }
    TransitionBits seen{};
    EventSummary summary{.object = id, .state = reported.alarm.state, .acknowledged = {}, .time_stamps = {}};
    for (std::size_t i = 0; i < seen.size(); ++i) {
      seen[i] = reported.alarm.last[i].acknowledged;
      summary.time_stamps[i] = reported.alarm.last[i].stamp;
      summary.priorities[i] = settings_.priorities[i];
    }
    summary.acknowledged = bits.emplace_back(seen).value();
    summary.notify_type = reported.notify_type;
    summary.enabled = bits.emplace_back(TransitionBits{true, true, true}).value();
    ack.events.push_back(summary);
  }
  ack.encode(out);
  return out.ok();
}

void Reporting::write_summary(ParameterWriter& out) const {
  GetAlarmSummaryAck ack;
  std::deque<Bits> bits;
  for (const auto& [id, reported] : objects_) {
    if (reported.alarm.state == EventState::normal || reported.notify_type != NotifyType::alarm) continue;
    TransitionBits seen{};
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i] = reported.alarm.last[i].acknowledged;
    ack.alarms.push_back(
        {.object = id, .state = reported.alarm.state, .acknowledged = bits.emplace_back(seen).value()});
  }
  ack.encode(out);
}

Refusable<void> Reporting::set_recipients(Object& class_object, Bytes encoded) {
  auto wanted = decode_destinations(encoded);
  if (!wanted) return tl::unexpected(BacnetError{ErrorClass::property, ErrorCode::invalid_data_type});
  if (wanted->size() > settings_.most_recipients)
    return tl::unexpected(BacnetError{ErrorClass::resources, ErrorCode::no_space_to_write_property});
  settings_.recipients = std::move(*wanted);
  class_object.set_encoded(recipient_list, encoded, Shape::list);
  return {};
}

}  // namespace iw::bacnet::server
