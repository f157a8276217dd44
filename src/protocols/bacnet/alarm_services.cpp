#include "protocols/bacnet/alarm_services.hpp"

#include <fmt/format.h>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

constexpr std::uint8_t stamp_time = 0;
constexpr std::uint8_t stamp_sequence = 1;
constexpr std::uint8_t stamp_date_time = 2;

TimeStamp read_time_stamp(ParameterReader& in) {
  if (in.next_is(stamp_time)) return in.context<Time>(stamp_time);
  if (in.next_is(stamp_sequence)) return in.context<Unsigned>(stamp_sequence);
  in.open(stamp_date_time);
  const DateTime stamp = read_date_time(in);
  in.close(stamp_date_time);
  return stamp;
}

EventState read_state(ParameterReader& in, std::uint8_t tag) {
  return static_cast<EventState>(in.context<Enumerated>(tag).value);
}

Enumerated as_enumerated(auto value) { return Enumerated{static_cast<std::uint32_t>(value)}; }

std::uint8_t read_octet(ParameterReader& in, std::uint8_t tag) {
  const std::uint32_t number = in.context_u32(tag);
  if (number > 0xFF) in.failed(RejectReason::parameter_out_of_range);
  return static_cast<std::uint8_t>(number);
}

EventSummary read_summary(ParameterReader& in) {
  EventSummary event{.object = in.context<ObjectId>(0),
                     .state = read_state(in, 1),
                     .acknowledged = in.context<BitString>(2),
                     .time_stamps = {}};
  in.open(3);
  for (Bytes& stamp : event.time_stamps)
    stamp = in.element();
  in.close(3);
  event.notify_type = static_cast<NotifyType>(in.context<Enumerated>(4).value);
  event.enabled = in.context<BitString>(5);
  in.open(6);
  for (std::uint32_t& priority : event.priorities)
    priority = in.application_u32();
  in.close(6);
  return event;
}

void write_summary(ParameterWriter& out, const EventSummary& event) {
  out.context(0, event.object);
  out.context(1, as_enumerated(event.state));
  out.context(2, event.acknowledged);
  out.open(3);
  for (const Bytes stamp : event.time_stamps)
    out.raw(stamp);
  out.close(3);
  out.context(4, as_enumerated(event.notify_type));
  out.context(5, event.enabled);
  out.open(6);
  for (const std::uint32_t priority : event.priorities)
    out.application(Unsigned{priority});
  out.close(6);
}

std::optional<std::uint32_t> optional_enumerated(ParameterReader& in, std::uint8_t tag) {
  const auto number = in.optional<Enumerated>(tag);
  if (!number) return std::nullopt;
  return number->value;
}

}  // namespace

std::string to_string(const TimeStamp& stamp) {
  return std::visit(overloaded{[](const Time& time) { return to_string(Value(time)); },
                               [](const Unsigned& number) { return fmt::format("number {}", number.value); },
                               [](const DateTime& at) {
                                 return fmt::format("{} {}", to_string(Value(at.date)),
                                                    to_string(Value(at.time)));
                               }},
                    stamp);
}

Decoded<TimeStamp> decode_time_stamp(Bytes encoded) {
  ParameterReader in(encoded);
  return checked(in, read_time_stamp(in));
}

void write_time_stamp(ParameterWriter& out, const TimeStamp& stamp) {
  std::visit(overloaded{[&](Time time) { out.context(stamp_time, time); },
                        [&](Unsigned sequence) { out.context(stamp_sequence, sequence); },
                        [&](const DateTime& time) {
                          out.open(stamp_date_time);
                          write_date_time(out, time);
                          out.close(stamp_date_time);
                        }},
             stamp);
}

Decoded<EventNotification> EventNotification::decode(Bytes data) {
  ParameterReader in(data);
  EventNotification event{.process = in.context_u32(0),
                          .device = in.context<ObjectId>(1),
                          .object = in.context<ObjectId>(2),
                          .time_stamp = in.enclosed(3),
                          .notification_class = in.context_u32(4),
                          .priority = read_octet(in, 5),
                          .event_type = in.context<Enumerated>(6).value};
  event.message = in.optional<CharacterString>(7);
  event.notify_type = static_cast<NotifyType>(in.context<Enumerated>(8).value);
  event.ack_required = in.optional<bool>(9);
  if (in.next_is(10)) event.from_state = read_state(in, 10);
  event.to_state = read_state(in, 11);
  if (in.next_opens(12)) event.values = in.enclosed(12);
  return checked(in, event);
}

void EventNotification::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{process});
  out.context(1, device);
  out.context(2, object);
  out.enclosed(3, time_stamp);
  out.context(4, Unsigned{notification_class});
  out.context(5, Unsigned{priority});
  out.context(6, Enumerated{event_type});
  if (message) out.context(7, *message);
  out.context(8, as_enumerated(notify_type));
  if (ack_required) out.context(9, *ack_required);
  if (from_state) out.context(10, as_enumerated(*from_state));
  out.context(11, as_enumerated(to_state));
  if (values) out.enclosed(12, *values);
}

Decoded<AcknowledgeAlarm> AcknowledgeAlarm::decode(Bytes data) {
  ParameterReader in(data);
  AcknowledgeAlarm request{.process = in.context_u32(0),
                           .object = in.context<ObjectId>(1),
                           .state = read_state(in, 2),
                           .time_stamp = in.enclosed(3),
                           .source = in.context<CharacterString>(4),
                           .time = {}};
  in.open(5);
  request.time = read_time_stamp(in);
  in.close(5);
  return checked(in, request);
}

void AcknowledgeAlarm::encode(ParameterWriter& out) const {
  out.context(0, Unsigned{process});
  out.context(1, object);
  out.context(2, as_enumerated(state));
  out.enclosed(3, time_stamp);
  out.context(4, source);
  out.open(5);
  write_time_stamp(out, time);
  out.close(5);
}

Decoded<GetEventInformation> GetEventInformation::decode(Bytes data) {
  ParameterReader in(data);
  return checked(in, GetEventInformation{in.optional<ObjectId>(0)});
}

void GetEventInformation::encode(ParameterWriter& out) const {
  if (last_received) out.context(0, *last_received);
}

Decoded<GetEventInformationAck> GetEventInformationAck::decode(Bytes data) {
  ParameterReader in(data);
  GetEventInformationAck ack;
  in.open(0);
  while (in.more() && !in.next_closes(0))
    ack.events.push_back(read_summary(in));
  in.close(0);
  ack.more_events = in.context<bool>(1);
  return checked(in, std::move(ack));
}

void GetEventInformationAck::encode(ParameterWriter& out) const {
  out.open(0);
  for (const EventSummary& event : events)
    write_summary(out, event);
  out.close(0);
  out.context(1, more_events);
}

Decoded<GetAlarmSummaryAck> GetAlarmSummaryAck::decode(Bytes data) {
  ParameterReader in(data);
  GetAlarmSummaryAck ack;
  while (in.more()) {
    ack.alarms.push_back({.object = in.application<ObjectId>(),
                          .state = static_cast<EventState>(in.application<Enumerated>().value),
                          .acknowledged = in.application<BitString>()});
  }
  return checked(in, std::move(ack));
}

void GetAlarmSummaryAck::encode(ParameterWriter& out) const {
  for (const AlarmSummary& alarm : alarms) {
    out.application(alarm.object);
    out.application(as_enumerated(alarm.state));
    out.application(alarm.acknowledged);
  }
}

Decoded<GetEnrollmentSummary> GetEnrollmentSummary::decode(Bytes data) {
  ParameterReader in(data);
  GetEnrollmentSummary request;
  const std::uint32_t filter = in.context<Enumerated>(0).value;
  if (filter > static_cast<std::uint32_t>(AcknowledgmentFilter::not_acked))
    in.failed(RejectReason::undefined_enumeration);
  request.acknowledgment = static_cast<AcknowledgmentFilter>(filter);
  if (in.next_opens(1)) request.enrollment = in.enclosed(1);
  request.event_state = optional_enumerated(in, 2);
  request.event_type = optional_enumerated(in, 3);
  if (in.next_opens(4)) {
    in.open(4);
    request.priorities = {in.context_u32(0), in.context_u32(1)};
    in.close(4);
  }
  request.notification_class = in.optional_u32(5);
  return checked(in, request);
}

void GetEnrollmentSummary::encode(ParameterWriter& out) const {
  out.context(0, as_enumerated(acknowledgment));
  if (enrollment) out.enclosed(1, *enrollment);
  if (event_state) out.context(2, Enumerated{*event_state});
  if (event_type) out.context(3, Enumerated{*event_type});
  if (priorities) {
    out.open(4);
    out.context(0, Unsigned{(*priorities)[0]});
    out.context(1, Unsigned{(*priorities)[1]});
    out.close(4);
  }
  if (notification_class) out.context(5, Unsigned{*notification_class});
}

Decoded<GetEnrollmentSummaryAck> GetEnrollmentSummaryAck::decode(Bytes data) {
  ParameterReader in(data);
  GetEnrollmentSummaryAck ack;
  while (in.more()) {
    EnrollmentSummary summary{.object = in.application<ObjectId>(),
                              .event_type = in.application<Enumerated>().value,
                              .state = static_cast<EventState>(in.application<Enumerated>().value),
                              .priority = in.application_u32()};
    if (in.next_type() == DataType::unsigned_integer) summary.notification_class = in.application_u32();
    ack.enrollments.push_back(summary);
  }
  return checked(in, std::move(ack));
}

void GetEnrollmentSummaryAck::encode(ParameterWriter& out) const {
  for (const EnrollmentSummary& summary : enrollments) {
    out.application(summary.object);
    out.application(Enumerated{summary.event_type});
    out.application(as_enumerated(summary.state));
    out.application(Unsigned{summary.priority});
    if (summary.notification_class) out.application(Unsigned{*summary.notification_class});
  }
}

}  // namespace iw::bacnet
