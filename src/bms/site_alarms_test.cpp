// What is in alarm, who is told, who has seen it; also after a restart.
#include <algorithm>

#include <doctest/doctest.h>

#include "bms/site_device.hpp"
#include "bms/testing/site_bench.hpp"

using namespace iw;
using namespace iw::bms;
using namespace iw::bms::testing;
using namespace iw::bacnet;
using Bench = SiteBench;

namespace {

constexpr ObjectId alarm_class{ObjectType::notification_class, 1};

// Of the site device, with recipients that nobody is.
struct AlarmBench : Bench {
  explicit AlarmBench(SiteDevice::Memory before = {})
      : Bench(server::ReportingSettings{}, std::move(before)) {}
  // The same site after a restart, as far as it was kept.
  [[nodiscard]] SiteDevice::Memory kept_memory() const {
    return {.instances = Instances::parse(kept).value(), .alarms = parse_alarm_memories(alarms)};
  }

  void state(std::vector<SiteAlarm> alarms) {
    device.take(Troubles{.devices = {"pv"},
                         .limits = {{power, {.low = -9000, .high = 0, .hysteresis = 100}}},
                         .alarms = std::move(alarms)});
  }
  static SiteAlarm limit_alarm(std::string seen_by = {}) {
    return {.id = events::EventId(12),
            .device = "pv",
            .path = power,
            .above = true,
            .message = "too much",
            .seen_by = std::move(seen_by)};
  }
  [[nodiscard]] std::string event_state(std::string_view name) const {
    return to_string(*object(name).value(PropertyId::event_state));
  }
  [[nodiscard]] std::string seen(std::string_view name) const {
    return to_string(*object(name).value(PropertyId::acked_transitions));
  }
  std::vector<EventSummary> listed() {
    information = *ask(ConfirmedService::get_event_information, GetEventInformation{});
    return GetEventInformationAck::decode(information)->events;
  }

  std::vector<std::byte> information;
};

}  // namespace

TEST_CASE("a point beyond its limit is in alarm, with the limits that it has, until it is back") {
  AlarmBench b;
  b.state({});
  b.show(0, -3000);
  CHECK(to_string(*b.object(power).value(PropertyId::limit_enable)) == "11");
  CHECK(number(*b.object(power).value(PropertyId::high_limit)) == 0);
  CHECK(b.event_state(power) == "0");
  b.state({AlarmBench::limit_alarm()});
  CHECK(b.event_state(power) == "3");  // high-limit
  CHECK(b.flags(power) == "1000");
  CHECK(b.seen(power) == "011");
  REQUIRE(b.listed().size() == 1);
  CHECK(b.present("pv trouble") == Value(Enumerated{0}));  // its own object says it
  b.state({});
  CHECK(b.event_state(power) == "0");
  CHECK(b.listed().size() == 1);  // over, and nobody has seen it
}

TEST_CASE("whatever else is wrong with a device is an alarm of the device") {
  AlarmBench b;
  b.state({{.id = events::EventId(3), .device = "pv", .path = "", .message = "gone"},
           {.id = events::EventId(4), .device = "meter", .path = "", .message = "gone too"}});
  CHECK(b.present("pv trouble") == Value(Enumerated{1}));
  CHECK(b.event_state("pv trouble") == "2");
  CHECK(b.device.objects().find("meter trouble") == nullptr);  // there is no such device
  b.state({});
  CHECK(b.present("pv trouble") == Value(Enumerated{0}));
  b.device.take(Troubles{});
  CHECK(b.device.objects().find("pv trouble") == nullptr);
}

TEST_CASE("who acknowledges by BACnet acknowledges the events, and who does elsewhere does here") {
  AlarmBench b;
  b.state({});
  b.show(0, -3000);
  b.state({AlarmBench::limit_alarm()});
  const auto events = b.listed();
  REQUIRE(events.size() == 1);
  CHECK(b.ask(ConfirmedService::acknowledge_alarm, AcknowledgeAlarm{.process = 1,
                                                                    .object = events[0].object,
                                                                    .state = EventState::high_limit,
                                                                    .time_stamp = events[0].time_stamps[0],
                                                                    .source = CharacterString::utf8("anna"),
                                                                    .time = {}})
            .has_value());
  CHECK(b.acknowledged ==
        std::vector<std::pair<std::vector<events::EventId>, std::string>>{{{events::EventId(12)}, "anna"}});
  CHECK(b.seen(power) == "111");

  b.state({});
  b.state({AlarmBench::limit_alarm()});
  CHECK(b.seen(power) == "011");
  b.state({AlarmBench::limit_alarm("ada")});
  CHECK(b.seen(power) == "111");
  CHECK(b.acknowledged.size() == 1);
}

TEST_CASE("who acknowledges is on record with his address, his process and his name") {
  AlarmBench b;
  b.state({});
  b.show(0, -3000);
  b.state({AlarmBench::limit_alarm()});
  const auto events = b.listed();
  REQUIRE(events.size() == 1);
  const AcknowledgeAlarm seen{.process = 7,
                              .object = events[0].object,
                              .state = EventState::high_limit,
                              .time_stamp = events[0].time_stamps[0],
                              .source = CharacterString::utf8("anna"),
                              .time = {}};
  REQUIRE(b.ask(ConfirmedService::acknowledge_alarm, seen));
  REQUIRE(b.deeds.size() == 1);
  CHECK(b.deeds[0].actor == b.client.address());
  CHECK(b.deeds[0].action == "acknowledge");
  CHECK(b.deeds[0].subject == power);
  CHECK(b.deeds[0].outcome == "accepted");
  CHECK(b.deeds[0].detail.starts_with("high-limit of 20"));
  CHECK(b.deeds[0].detail.ends_with(", seen by 'anna', process 7"));
  AcknowledgeAlarm wrong = seen;
  wrong.state = EventState::fault;
  CHECK_FALSE(b.ask(ConfirmedService::acknowledge_alarm, wrong).has_value());
  CHECK(b.deeds.back().outcome == "refused");
  CHECK(b.deeds.back().detail.contains("invalid-time-stamp"));
}

TEST_CASE("after a restart nobody is told again what he knows, and what was not acknowledged still can be") {
  AlarmBench before;
  before.state({});
  before.show(0, -3000);
  before.state(
      {AlarmBench::limit_alarm(), {.id = events::EventId(3), .device = "pv", .path = "", .message = "gone"}});
  CHECK(before.listed().size() == 2);
  before.state({});  // over, and nobody has seen it
  const auto told = before.listed();
  REQUIRE(told.size() == 2);

  AlarmBench after(before.kept_memory());
  after.state({});
  after.show(0, -3000);
  CHECK(after.alarms.empty());  // nothing is new
  const auto listed = after.listed();
  REQUIRE(listed.size() == 2);
  for (std::size_t i = 0; i < listed.size(); ++i) {
    CHECK(listed[i].object == told[i].object);
    CHECK(std::ranges::equal(listed[i].time_stamps[0], told[i].time_stamps[0]));
  }
  REQUIRE(
      after.ask(ConfirmedService::acknowledge_alarm, AcknowledgeAlarm{.process = 1,
                                                                      .object = after.object(power).id(),
                                                                      .state = EventState::high_limit,
                                                                      .time_stamp = told[0].time_stamps[0],
                                                                      .source = CharacterString::utf8("anna"),
                                                                      .time = {}}));
  CHECK(after.acknowledged.back().first == std::vector{events::EventId(12)});
  CHECK(after.listed().size() == 1);
}

TEST_CASE("a limit that is known to be violated before its point is described is no trouble of the device") {
  AlarmBench b;
  b.device.take(formats::Catalog{});
  b.state({AlarmBench::limit_alarm()});
  CHECK(b.present("pv trouble") == Value(Enumerated{0}));
  CHECK(b.listed().empty());
  b.device.take(b.catalog);
  b.show(0, 500);
  CHECK(b.present("pv trouble") == Value(Enumerated{0}));
  CHECK(b.event_state(power) == "3");  // high-limit
}

TEST_CASE("an alarm that began or ended while we were away is told as what it is") {
  AlarmBench before;
  before.state({});
  before.show(0, -3000);
  before.state({AlarmBench::limit_alarm()});
  AlarmBench after(before.kept_memory());
  after.state({});
  after.show(0, -3000);
  CHECK(after.event_state(power) == "0");
  CHECK(parse_alarm_memories(after.alarms).at(after.object(power).id()).alarm.state == EventState::normal);
}

TEST_CASE("a point that was never good is not lost; one that was is") {
  AlarmBench b;
  b.state({});
  CHECK(b.event_state(power) == "1");  // fault: nothing is known of it yet
  CHECK(b.listed().empty());
  b.show(0, -3000);
  CHECK(b.listed().empty());
  b.show(0, 0, model::Quality(model::Validity::invalid).with(model::Detail::no_connection));
  REQUIRE(b.listed().size() == 1);
  CHECK(b.listed()[0].state == EventState::fault);
}

TEST_CASE("the recipients that a client writes are kept") {
  AlarmBench b;
  const auto list = encoded({Destination{.recipient = device_object(99), .process = 1}});
  CHECK(b.ask(ConfirmedService::write_property,
              WriteProperty{.object = alarm_class, .property = {PropertyId::recipient_list}, .value = list})
            .has_value());
  CHECK(parse_hex(b.recipients).value() == list);
  CHECK(b.ask(ConfirmedService::write_property,
              WriteProperty{.object = alarm_class, .property = {PropertyId::recipient_list}, .value = {}})
            .has_value());
  CHECK(b.recipients == SiteDevice::nobody);  // which is not the same as none written ever
}

TEST_CASE("without alarms in the configuration there is nothing about them") {
  Bench b;
  b.device.take(Troubles{.devices = {"pv"}, .limits = {{power, {.high = 0}}}});
  CHECK(b.device.objects().find("pv trouble") == nullptr);
  CHECK(b.object(power).find(PropertyId::high_limit) == nullptr);
}
