// Alarms over the network, and the record of what clients do.
#include <doctest/doctest.h>

#include "protocols/bacnet/server/server.hpp"
#include "protocols/bacnet/server/testing/server_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;
using Bench = ServerBench;

namespace {

Destination client_at(const Bench& b, bool confirmed) {
  return {.recipient = Address{.mac = to_mac(parse_ip(b.bms.address()).value())},
          .process = 5,
          .confirmed = confirmed};
}

ServerSettings reporting_settings(ReportingSettings reporting = {}) {
  ServerSettings settings;
  settings.services.reporting = std::move(reporting);
  return settings;
}

std::vector<std::byte> recipients_of(const Bench& b) {
  return b.device.find(ObjectId{ObjectType::notification_class, 1})->find(PropertyId::recipient_list)->value;
}

}  // namespace

TEST_CASE("recipients hear of alarms, confirmed and not, and the alarm is seen by who acknowledges it") {
  for (const bool confirmed : {false, true}) {
    CAPTURE(confirmed);
    Bench b(reporting_settings());
    b.server->reporting()->enroll(*b.input, {.high = 10, .limits = {false, true}});
    const auto list = encoded({client_at(b, confirmed)});
    const ObjectId alarms{ObjectType::notification_class, 1};
    REQUIRE(b.ask(ConfirmedService::write_property,
                  WriteProperty{.object = alarms, .property = {PropertyId::recipient_list}, .value = list}));
    CHECK(b.plant.recipients == list);
    b.alarm(EventState::high_limit);
    b.world.run_for(1s);
    REQUIRE(b.listener.events ==
            std::vector<Listener::Event>{{power, EventState::high_limit, NotifyType::alarm}});
    const auto reply = b.ask(ConfirmedService::get_event_information, GetEventInformation{});
    REQUIRE(reply);
    CHECK(GetEventInformationAck::decode(*reply)->events.size() == 1);
    const auto stamp = b.listener.stamp;
    const AcknowledgeAlarm seen{.process = 5,
                                .object = power,
                                .state = EventState::high_limit,
                                .time_stamp = stamp,
                                .source = CharacterString::utf8("anna"),
                                .time = {}};
    CHECK(b.ask(ConfirmedService::acknowledge_alarm, seen).has_value());
    b.world.run_for(1s);
    REQUIRE(b.plant.seen.size() == 1);
    CHECK(b.plant.seen[0].object == power);
    CHECK(b.plant.seen[0].who == "anna");
    CHECK(b.plant.seen[0].process == 5);
    CHECK(b.plant.seen[0].by == b.client_address());
    CHECK(b.plant.deeds.back().service == ConfirmedService::acknowledge_alarm);
    CHECK(b.plant.deeds.back().what.starts_with("high-limit of "));
    CHECK(b.plant.deeds.back().what.ends_with(", seen by 'anna', process 5"));
    CHECK(b.listener.events.back().type == NotifyType::ack_notification);
    CHECK(b.server->counters().events_failed == 0);
  }
}

TEST_CASE("a recipient that is named by its device is looked for, and given up when it is not there") {
  Bench b(reporting_settings({.recipients = {Destination{.recipient = device_object(999), .process = 1}}}));
  b.server->reporting()->enroll(*b.input, {.high = 10, .limits = {false, true}});
  b.alarm(EventState::high_limit);
  b.world.run_for(1s);
  CHECK(b.listener.events.empty());
  CHECK(b.listener.asked_for == 1);
  b.tell(UnconfirmedService::i_am, IAm{.instance = 999, .max_apdu = 1476});
  b.world.run_for(1s);
  CHECK(b.listener.events.size() == 1);
  b.alarm(EventState::normal);
  b.world.run_for(1s);
  CHECK(b.listener.events.size() == 2);  // it is known now

  Bench nobody(
      reporting_settings({.recipients = {Destination{.recipient = device_object(999), .process = 1}}}));
  nobody.server->reporting()->enroll(*nobody.input, {.high = 10, .limits = {false, true}});
  nobody.alarm(EventState::high_limit);
  nobody.world.run_for(2min);
  CHECK(nobody.server->counters().events_failed == 1);
  CHECK(nobody.listener.asked_for <= 4);
}

TEST_CASE("who may not ask is not told of alarms either") {
  Destination elsewhere{.recipient = Address{.mac = to_mac({.host = {198, 51, 100, 1}})}, .process = 1};
  ServerSettings settings = reporting_settings({.recipients = {elsewhere}});
  settings.allow = {{.host = {10, 0, 0, 0}, .prefix = 8}};
  Bench b(settings);
  b.server->reporting()->enroll(*b.input, {.high = 10, .limits = {false, true}});
  b.alarm(EventState::high_limit);
  b.world.run_for(1s);
  CHECK(b.server->counters().events == 0);
  CHECK(b.server->counters().events_failed == 1);
}

TEST_CASE("recipients are added and removed one by one") {
  Bench b(reporting_settings());
  const ObjectId alarms{ObjectType::notification_class, 1};
  const auto change = [&](ConfirmedService service, const Destination& one, PropertyId property) {
    const auto element = encoded(std::vector{one});
    return b.ask(service, ChangeList{.object = alarms, .property = {property}, .elements = element});
  };
  const Destination first = client_at(b, false);
  const Destination second = client_at(b, true);
  const auto list = PropertyId::recipient_list;
  CHECK(change(ConfirmedService::add_list_element, first, list).has_value());
  CHECK(change(ConfirmedService::add_list_element, second, list).has_value());
  CHECK(change(ConfirmedService::add_list_element, second, list).has_value());  // is there already
  CHECK(recipients_of(b) == encoded({first, second}));
  CHECK(change(ConfirmedService::remove_list_element, first, list).has_value());
  CHECK(recipients_of(b) == encoded({second}));
  const auto gone = change(ConfirmedService::remove_list_element, first, list);
  CHECK(gone.error().message.contains("list-element-not-found"));
  const auto other = change(ConfirmedService::add_list_element, first, PropertyId::priority);
  CHECK(other.error().message.contains("property-is-not-a-list"));
}

TEST_CASE("without a Notification Class there are no alarms to be asked for") {
  Bench b;
  for (const ConfirmedService service :
       {ConfirmedService::get_event_information, ConfirmedService::get_alarm_summary})
    CHECK(b.ask(service, Bytes{}).error().message.contains("unrecognized-service"));
}

// ---- The record

TEST_CASE("what clients do is on record before they are answered, refused or not, without passwords") {
  ServerSettings settings = reporting_settings();
  settings.services.password = "quiet please";
  Bench b(settings);
  const auto control = [&](CommunicationState state, std::string_view password) {
    return b.ask(ConfirmedService::device_communication_control,
                 DeviceCommunicationControl{
                     .minutes = 10, .state = state, .password = CharacterString::utf8(password)});
  };
  const auto last = [&] { return b.plant.deeds.back(); };
  CHECK_FALSE(control(CommunicationState::disable_initiation, "wrong").has_value());
  CHECK(last().what == "disable-initiation for 10 minutes");
  CHECK(last().refused == BacnetError{ErrorClass::security, ErrorCode::password_failure});
  CHECK_FALSE(last().object.has_value());
  CHECK_FALSE(control(CommunicationState::disable, "quiet please").has_value());
  CHECK(last().refused == BacnetError{ErrorClass::services, ErrorCode::service_request_denied});
  CHECK(control(CommunicationState::enable, "quiet please").has_value());
  CHECK_FALSE(last().refused.has_value());

  const auto watts = encoded(55.0F);
  REQUIRE(b.ask(ConfirmedService::write_property,
                WriteProperty{.object = damper, .value = watts, .priority = 8}));
  CHECK(last().what == "present-value 55 at priority 8");
  CHECK(last().object == damper);
  CHECK(last().by == b.client_address());
  CHECK_FALSE(b.ask(ConfirmedService::write_property, WriteProperty{.object = power, .value = watts}));
  CHECK(last().refused == BacnetError{ErrorClass::property, ErrorCode::write_access_denied});

  const auto list = encoded({client_at(b, false)});
  const ObjectId alarms{ObjectType::notification_class, 1};
  REQUIRE(b.ask(ConfirmedService::write_property,
                WriteProperty{.object = alarms, .property = {PropertyId::recipient_list}, .value = list}));
  CHECK(last().what == fmt::format("recipient-list {}:47808 process 5", b.bms.address()));
  const ChangeList change{.object = alarms, .property = {PropertyId::recipient_list}, .elements = list};
  REQUIRE(b.ask(ConfirmedService::remove_list_element, change));
  CHECK(last().what == fmt::format("recipient-list without {}:47808 process 5", b.bms.address()));
  CHECK(b.plant.deeds.size() == 7);
  CHECK(b.read(power).has_value());  // which changes nothing
  CHECK(b.plant.deeds.size() == 7);
}

TEST_CASE("what can not be put on record is answered with an error; a command is on record elsewhere") {
  ServerSettings settings = reporting_settings();
  settings.services.password = "quiet please";
  Bench b(settings);
  b.plant.no_record = BacnetError{ErrorClass::device, ErrorCode::operational_problem};
  const auto silenced = b.ask(ConfirmedService::device_communication_control,
                              DeviceCommunicationControl{.state = CommunicationState::disable_initiation,
                                                         .password = CharacterString::utf8("quiet please")});
  CHECK(silenced.error().message.contains("operational-problem"));
  const auto list = encoded({client_at(b, false)});
  const ChangeList change{.object = {ObjectType::notification_class, 1},
                          .property = {PropertyId::recipient_list},
                          .elements = list};
  CHECK(b.ask(ConfirmedService::add_list_element, change).error().message.contains("operational-problem"));
  const auto value = encoded(55.0F);
  CHECK(b.ask(ConfirmedService::write_property, WriteProperty{.object = damper, .value = value}));
}
