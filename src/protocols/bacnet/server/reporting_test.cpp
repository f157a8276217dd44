#include "protocols/bacnet/server/reporting.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "protocols/bacnet/server/objects.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;

namespace {

constexpr ObjectId power{ObjectType::analog_input, 7};
constexpr ObjectId filter{ObjectType::binary_input, 1};
// 2026-11-28 12:00 UTC, a Saturday.
constexpr WallTime noon = std::chrono::sys_days{std::chrono::year(2026) / 11 / 28} + 12h;

Destination to(std::uint32_t process, bool confirmed = false) {
  return {.recipient = Address{.mac = to_mac({.host = {192, 0, 2, 7}})},
          .process = process,
          .confirmed = confirmed};
}

struct Bench {
  explicit Bench(std::vector<Destination> recipients = {to(7)})
      : reporting(device_object(1234), {.recipients = std::move(recipients)}) {
    reporting.enroll(input, {.low = -1, .high = 10, .deadband = 0.5, .limits = {true, true}});
    reporting.enroll(alarm, {});
  }
  // The input has this value, and is in this state.
  void show(float value, EventState state, WallTime at = noon, std::string_view text = "too much") {
    input.set(PropertyId::present_value, value);
    input.set_condition({.event = state});
    reporting.look(input, text, at);
  }
  // The notifications that wait, as they were sent; good until the next call.
  std::vector<EventNotification> sent() {
    bytes.clear();
    std::vector<EventNotification> all;
    while (auto one = reporting.next_to_send())
      bytes.push_back(std::move(one->data));
    for (const auto& data : bytes)
      all.push_back(EventNotification::decode(data).value());
    return all;
  }
  std::vector<std::byte> stamp(Transition transition) {
    const auto element = input.read(
        {.property = PropertyId::event_time_stamps, .index = static_cast<std::uint32_t>(transition) + 1},
        scratch);
    return {element->begin(), element->end()};
  }
  Refusable<bool> acknowledge(EventState state, Bytes time_stamp, ObjectId object = power) {
    Object other({ObjectType::analog_input, 99}, "other");
    return reporting.acknowledge(object == power ? input : other,
                                 {.process = 1,
                                  .object = object,
                                  .state = state,
                                  .time_stamp = time_stamp,
                                  .source = CharacterString::utf8("anna"),
                                  .time = {}},
                                 noon + 1min);
  }
  std::vector<EventSummary> listed(std::optional<ObjectId> after = {}, std::size_t room = 1476) {
    information.resize(4096);
    ParameterWriter out(information);
    REQUIRE(reporting.write_information(out, {.last_received = after}, room));
    information.resize(out.size());
    const auto ack = GetEventInformationAck::decode(information).value();
    more = ack.more_events;
    return ack.events;
  }
  std::string bits(PropertyId property) { return to_string(*input.value(property)); }

  Object input = analog_object(ObjectType::analog_input, {.instance = 7, .name = "Power"}, {.units = 48});
  Object alarm = binary_object(ObjectType::binary_input, {.instance = 1, .name = "Filter"}, {});
  Reporting reporting;
  std::vector<std::vector<std::byte>> bytes;
  std::vector<std::byte> information;
  std::vector<std::byte> scratch = std::vector<std::byte>(64);
  bool more = false;
};

}  // namespace

TEST_CASE("an object that reports has what its clause requires of that, and nothing is in alarm") {
  Bench b;
  for (const PropertyId property :
       {PropertyId::time_delay, PropertyId::notification_class, PropertyId::high_limit, PropertyId::low_limit,
        PropertyId::deadband, PropertyId::limit_enable, PropertyId::event_enable,
        PropertyId::acked_transitions, PropertyId::notify_type, PropertyId::event_time_stamps,
        PropertyId::event_detection_enable})
    CHECK(b.input.find(property) != nullptr);
  CHECK(b.bits(PropertyId::acked_transitions) == "111");
  CHECK(b.bits(PropertyId::limit_enable) == "11");
  CHECK(b.listed().empty());
  CHECK(b.sent().empty());
}

TEST_CASE("a transition is told once, with what led to it, and its end too") {
  Bench b;
  b.show(5, EventState::normal);
  CHECK(b.sent().empty());
  b.show(12, EventState::high_limit);
  b.show(13, EventState::high_limit);
  const auto all = b.sent();
  REQUIRE(all.size() == 1);
  CHECK(all[0].process == 7);
  CHECK(all[0].device == device_object(1234));
  CHECK(all[0].object == power);
  CHECK(all[0].from_state == EventState::normal);
  CHECK(all[0].to_state == EventState::high_limit);
  CHECK(all[0].event_type == 5);
  CHECK(all[0].priority == 64);
  CHECK(all[0].ack_required == true);
  CHECK(all[0].message->text() == "too much");
  // out-of-range: exceeding-value 12, Status_Flags in-alarm, deadband 0.5, exceeded-limit 10.
  CHECK(to_hex(*all[0].values) == "5E 0C 41 40 00 00 1A 04 80 2C 3F 00 00 00 3C 41 20 00 00 5F");
  b.show(5, EventState::normal, noon + 1min);
  const auto end = b.sent();
  REQUIRE(end.size() == 1);
  CHECK(end[0].from_state == EventState::high_limit);
  CHECK(end[0].to_state == EventState::normal);
  CHECK(end[0].ack_required == false);
  CHECK(end[0].priority == 192);
}

TEST_CASE("a fault is reported by its reliability, and a binary object by its state") {
  Bench b;
  b.input.set_condition({.reliability = 12});
  CHECK(to_string(*b.input.value(PropertyId::status_flags)) == "1100");
  b.reporting.look(b.input, "", noon);
  auto all = b.sent();
  REQUIRE(all.size() == 1);
  CHECK(all[0].event_type == 19);
  CHECK(all[0].to_state == EventState::fault);
  CHECK(to_hex(*all[0].values).starts_with("FE 13 09 0C 1A 04 C0 2E"));
  b.alarm.set(PropertyId::present_value, Enumerated{1});
  b.alarm.set_condition({.event = EventState::offnormal});
  b.reporting.look(b.alarm, "dirty", noon);
  all = b.sent();
  REQUIRE(all.size() == 1);
  CHECK(all[0].event_type == 1);
  CHECK(to_hex(*all[0].values) == "1E 0E 19 01 0F 1A 04 80 1F");
}

TEST_CASE("an alarm is listed until it is over and somebody has seen it") {
  Bench b;
  b.show(12, EventState::high_limit);
  auto events = b.listed();
  REQUIRE(events.size() == 1);
  CHECK(events[0].state == EventState::high_limit);
  CHECK_FALSE(events[0].acknowledged.at(0));
  const auto stamp = b.stamp(Transition::to_offnormal);
  CHECK(std::ranges::equal(events[0].time_stamps[0], stamp));
  b.show(5, EventState::normal, noon + 1min);
  REQUIRE(b.listed().size() == 1);
  CHECK(b.listed()[0].state == EventState::normal);
  CHECK(b.acknowledge(EventState::high_limit, stamp) == true);
  CHECK(b.listed().empty());
  CHECK(b.bits(PropertyId::acked_transitions) == "111");
}

TEST_CASE("an object that is enrolled as it was left is told of no more, and acknowledged as before") {
  Bench before;
  before.show(12, EventState::high_limit);
  const auto stamp = before.stamp(Transition::to_offnormal);
  const AlarmState left = *before.reporting.alarm(power);
  CHECK(before.reporting.alarm({ObjectType::analog_input, 99}) == nullptr);

  Bench after;
  after.reporting.enroll(after.input, {.low = -1, .high = 10, .limits = {true, true}}, left);
  after.show(12, EventState::high_limit, noon + 1h);
  CHECK(after.sent().empty());
  CHECK(after.stamp(Transition::to_offnormal) == stamp);
  REQUIRE(after.listed().size() == 1);
  CHECK(after.acknowledge(EventState::high_limit, stamp).value());
  after.show(5, EventState::normal, noon + 2h);
  CHECK(after.sent().back().from_state == EventState::high_limit);
}

TEST_CASE("an acknowledgement is told to the recipients, once") {
  Bench b;
  b.show(12, EventState::high_limit);
  (void)b.sent();
  const auto stamp = b.stamp(Transition::to_offnormal);
  CHECK(b.acknowledge(EventState::high_limit, stamp) == true);
  CHECK(b.acknowledge(EventState::high_limit, stamp) == false);
  auto all = b.sent();
  REQUIRE(all.size() == 1);
  CHECK(all[0].notify_type == NotifyType::ack_notification);
  CHECK(all[0].to_state == EventState::high_limit);
  CHECK_FALSE(all[0].from_state);
  CHECK_FALSE(all[0].values);
  CHECK_FALSE(std::ranges::equal(all[0].time_stamp, stamp));  // when it was acknowledged

  b.show(5, EventState::normal);
  b.show(-2, EventState::low_limit);
  (void)b.sent();
  b.reporting.acknowledged(b.input, "the dashboard", noon);
  all = b.sent();
  REQUIRE(all.size() == 1);
  CHECK(all[0].notify_type == NotifyType::ack_notification);
  CHECK(b.bits(PropertyId::acked_transitions) == "111");
}

TEST_CASE("an acknowledgement of something else is refused in the words of the standard") {
  Bench b;
  b.show(12, EventState::high_limit);
  const auto stamp = b.stamp(Transition::to_offnormal);
  const auto code = [&](EventState state, Bytes time_stamp, ObjectId object = power) {
    return b.acknowledge(state, time_stamp, object).error().code;
  };
  CHECK(code(EventState::low_limit, stamp) == ErrorCode::invalid_event_state);
  CHECK(code(EventState::high_limit, b.stamp(Transition::to_fault)) == ErrorCode::invalid_time_stamp);
  CHECK(code(EventState::high_limit, stamp, {ObjectType::analog_input, 99}) ==
        ErrorCode::no_alarm_configured);
  CHECK(b.bits(PropertyId::acked_transitions) == "011");
}

TEST_CASE("each recipient hears what he wants to hear, and of a thousand that wait the oldest are lost") {
  Destination only_ends = to(2);
  only_ends.transitions = {false, false, true};
  Destination on_sundays = to(3);
  on_sundays.days = {false, false, false, false, false, false, true};
  Bench b({to(1), only_ends, on_sundays});
  b.show(12, EventState::high_limit);
  b.show(5, EventState::normal);
  std::vector<std::uint32_t> processes;
  for (const EventNotification& one : b.sent())
    processes.push_back(one.process);
  CHECK(processes == std::vector<std::uint32_t>{1, 1, 2});
  for (int i = 0; i < 1000; ++i) {
    b.show(12, EventState::high_limit);
    b.show(5, EventState::normal);
  }
  CHECK(b.sent().size() == 1000);
  CHECK(b.reporting.lost() == 2000);
}

TEST_CASE("what is in alarm is listed page by page") {
  Bench b;
  b.show(12, EventState::high_limit);
  b.alarm.set_condition({.event = EventState::offnormal});
  b.reporting.look(b.alarm, "", noon);
  CHECK(b.listed().size() == 2);
  CHECK_FALSE(b.more);
  CHECK(b.listed({}, 206).size() == 1);
  CHECK(b.more);
  const auto second = b.listed(power, 206);
  REQUIRE(second.size() == 1);
  CHECK(second[0].object == filter);
  CHECK_FALSE(b.more);
  std::vector<std::byte> summary(256);
  ParameterWriter out(summary);
  b.reporting.write_summary(out);
  CHECK(GetAlarmSummaryAck::decode(out.written())->alarms.size() == 2);
}

TEST_CASE("the Notification Class shows its recipients, and takes others") {
  Bench b;
  Object object = b.reporting.class_object();
  for (const PropertyId property : required_properties(ObjectType::notification_class))
    CHECK(object.find(property) != nullptr);
  CHECK(b.reporting.set_recipients(object, encoded({to(9, true)})).has_value());
  CHECK(decode_destinations(object.find(PropertyId::recipient_list)->value)->front() == to(9, true));
  CHECK(b.reporting.set_recipients(object, encoded(Value(1.5F))).error().code ==
        ErrorCode::invalid_data_type);
  const auto crowd = encoded(std::vector(101, to(1)));
  CHECK(b.reporting.set_recipients(object, crowd).error().code == ErrorCode::no_space_to_write_property);
  b.show(12, EventState::high_limit);
  CHECK(b.sent().front().process == 9);
}
