#include "protocols/bacnet/server/server.hpp"

#include <array>

#include <doctest/doctest.h>

#include "protocols/bacnet/server/testing/server_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;
using Bench = ServerBench;

TEST_CASE("a server says that it is there, and says so to who asks") {
  Bench b;
  REQUIRE(b.listener.announced.size() == 1);
  CHECK(b.listener.announced[0] ==
        IAm{.instance = 1234, .max_apdu = 1476, .segmentation = Segmentation::both, .vendor = 0});
  b.tell(UnconfirmedService::who_is, WhoIs{});
  b.tell(UnconfirmedService::who_is, WhoIs{{{.low = 1234, .high = 1234}}});
  b.tell(UnconfirmedService::who_is, WhoIs{{{.low = 1235, .high = 2000}}});
  b.world.run_for(100ms);
  CHECK(b.listener.announced.size() == 3);
  b.tell(UnconfirmedService::who_has, WhoHas{.object = power});
  b.tell(UnconfirmedService::who_has, WhoHas{.object = CharacterString::utf8("Damper")});
  b.tell(UnconfirmedService::who_has, WhoHas{.object = CharacterString::utf8("nothing")});
  b.world.run_for(100ms);
  CHECK(b.listener.have == 2);
}

TEST_CASE("a storm of Who-Is is not answered by a storm, and does not keep others from reading") {
  Bench b;
  for (int i = 0; i < 1000; ++i)
    b.tell(UnconfirmedService::who_is, WhoIs{});
  b.world.run_for(100ms);
  CHECK(b.listener.announced.size() <= 6);
  CHECK(b.read(power).has_value());
}

TEST_CASE("ten thousand Who-Is a second cost fifty I-Am a second, and no read more than 50 ms") {
  Bench b;
  std::vector<io::DatagramSocketPtr> askers;
  for (int i = 0; i < 20; ++i) {
    io::world::Node& node = b.world.add_node(fmt::format("asker-{}", i));
    askers.push_back(node.network().bind({.host = "0.0.0.0", .port = default_port}).value());
  }
  const auto who_is = parse_hex("81 0A 00 08 01 00 10 08").value();
  const std::uint64_t before = b.server->counters().datagrams_out;
  std::vector<Duration> waits;
  for (int slice = 0; slice < 200; ++slice) {  // of 50 ms
    for (std::size_t i = 0; i < 500; ++i)
      REQUIRE(askers[i % askers.size()]->send(who_is, {.host = b.node.address(), .port = default_port}));
    const Instant asked = b.world.now();
    CHECK(b.read(power).has_value());
    waits.push_back(b.world.now() - asked);
    b.world.run_for(50ms - std::min<Duration>(50ms, waits.back()));
  }
  CHECK(b.server->counters().datagrams_in >= 100'000);
  CHECK(b.server->counters().datagrams_out - before <= 200 + 11 * 50);
  CHECK(std::ranges::max(waits) <= 50ms);
  for (const auto& asker : askers)
    asker->close();
}

TEST_CASE("a long list comes in segments") {
  Bench b;
  for (std::uint32_t i = 1; i <= 1500; ++i)
    REQUIRE(b.device.add(text_object({.instance = i, .name = fmt::format("text {}", i)})));
  const auto reply = b.read(b.device.id(), {PropertyId::object_list});
  REQUIRE(reply);
  const auto ack = ReadPropertyAck::decode(*reply).value();
  CHECK(ack.value.size() == 1506 * 5);
}

TEST_CASE("a request in segments is carried out") {
  Bench b;
  std::vector<WriteProperty> writes;
  const auto value = encoded(30.0F);
  writes.resize(160, WriteProperty{.object = damper, .value = value, .priority = 9});
  std::vector<std::byte> buffer(4096);
  ParameterWriter out(buffer);
  write_write_property_multiple(out, writes);
  REQUIRE(out.size() > 1476);
  CHECK(b.ask(ConfirmedService::write_property_multiple, out.written(), {.receives_segments = true})
            .has_value());
  CHECK(b.plant.commands.size() == 160);
}

TEST_CASE("a service that there is not is rejected") {
  Bench b;
  const auto reply = b.ask(ConfirmedService::atomic_read_file, {});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().message.find("unrecognized-service") != std::string::npos);
}

TEST_CASE("unconfirmed garbage of every kind is passed over, and who asks is answered as before") {
  Bench b;
  const auto sent = b.server->counters().datagrams_out;
  for (unsigned service = 0; service <= 20; ++service) {
    for (const std::string_view garbage :
         {"", "FF", "0C", "09 FF FF", "1A", "2E 2E 2E 2E", "C4 02", "75 FF FF FF FF FF"}) {
      const auto bytes = parse_hex(garbage).value();
      b.client.tell(b.address(), static_cast<UnconfirmedService>(service), bytes);
    }
  }
  b.world.run_for(1s);
  // One of it is a question: Who-Is of all devices has no parameters.
  CHECK(b.server->counters().datagrams_out == sent + 1);
  CHECK(b.read(power).has_value());
  CHECK(b.plant.deeds.empty());
}

TEST_CASE("Protocol_Revision is that in which disable is refused, with as many bits as it has") {
  Bench b;
  const auto of_device = [&](PropertyId property) { return *b.device.self().value(property); };
  CHECK(of_device(PropertyId::protocol_revision) == Value(Unsigned{20}));
  CHECK(to_string(of_device(PropertyId::protocol_services_supported)).size() == 47);
  CHECK(to_string(of_device(PropertyId::protocol_object_types_supported)).size() == 63);
}

TEST_CASE("who is not on the list is not answered, and only who may write writes") {
  Bench none({.allow = {{.host = {192, 0, 2, 0}, .prefix = 24}}});
  CHECK(none.listener.announced.size() == 1);  // we speak, but do not listen
  CHECK_FALSE(none.read(power).has_value());
  CHECK(none.server->counters().refused > 0);

  Bench reads({.write = {{.host = {192, 0, 2, 0}, .prefix = 24}}});
  const auto value = encoded(30.0F);
  const auto refused =
      reads.ask(ConfirmedService::write_property, WriteProperty{.object = damper, .value = value});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("write-access-denied") != std::string::npos);
  CHECK(reads.read(power).has_value());
}

TEST_CASE("subscribers hear of changes, confirmed and unconfirmed") {
  Bench b;
  CHECK(b.ask(ConfirmedService::subscribe_cov,
              SubscribeCov{.process = 1, .object = power, .confirmed = false, .lifetime = 60})
            .has_value());
  CHECK(b.ask(ConfirmedService::subscribe_cov,
              SubscribeCov{.process = 2, .object = power, .confirmed = true, .lifetime = 60})
            .has_value());
  b.world.run_for(1s);
  CHECK(b.listener.notified == std::multiset<std::uint32_t>{1, 2});
  b.show(9.0F);
  b.world.run_for(1s);
  CHECK(b.listener.notified == std::multiset<std::uint32_t>{1, 1, 2, 2});
  CHECK(b.listener.last == "09 55 2E 44 41 10 00 00 2F 09 6F 2E 82 04 00 2F");
  // The list of subscriptions is a property.
  CHECK(
      ReadPropertyAck::decode(*b.read(b.device.id(), {PropertyId::active_cov_subscriptions}))->value.size() >
      60);
  b.world.run_for(61s);
  CHECK(b.server->subscriptions() == 0);
}

TEST_CASE("one property may be watched, with an increment of the subscriber's") {
  Bench b;
  const SubscribeCovProperty wanted{
      .subscription = {.process = 3, .object = power, .confirmed = false, .lifetime = 60},
      .property = {PropertyId::present_value},
      .increment = 10.0F};
  CHECK(b.ask(ConfirmedService::subscribe_cov_property, wanted).has_value());
  b.world.run_for(1s);
  b.show(9.0F);
  b.world.run_for(1s);
  CHECK(b.listener.notified.size() == 1);
  b.show(16.0F);
  b.world.run_for(1s);
  CHECK(b.listener.notified.size() == 2);
  SubscribeCovProperty none = wanted;
  none.property = {PropertyId::priority_array};
  CHECK(b.ask(ConfirmedService::subscribe_cov_property, none).error().message.find("unknown-property") !=
        std::string::npos);
}

TEST_CASE("what can not be watched is refused") {
  Bench b;
  const auto refused =
      b.ask(ConfirmedService::subscribe_cov,
            SubscribeCov{.process = 1, .object = b.device.id(), .confirmed = false, .lifetime = 60});
  CHECK(refused.error().message.find("optional-functionality-not-supported") != std::string::npos);
}

TEST_CASE("communication is controlled with the password only, and comes back by itself") {
  ServerSettings settings;
  settings.services.password = "quiet please";
  Bench b(settings);
  CHECK(b.ask(ConfirmedService::subscribe_cov,
              SubscribeCov{.process = 1, .object = power, .confirmed = false, .lifetime = 600})
            .has_value());
  b.world.run_for(1s);
  const auto control = [&](CommunicationState state, std::string_view password) {
    return b.ask(ConfirmedService::device_communication_control,
                 DeviceCommunicationControl{
                     .minutes = 1, .state = state, .password = CharacterString::utf8(password)});
  };
  CHECK(control(CommunicationState::disable_initiation, "wrong").error().message.find("password-failure") !=
        std::string::npos);
  CHECK(control(CommunicationState::disable, "quiet please").error().message.find("service-request-denied") !=
        std::string::npos);
  REQUIRE(control(CommunicationState::disable_initiation, "quiet please"));
  b.show(90.0F);
  b.world.run_for(30s);
  CHECK(b.listener.notified.size() == 1);
  CHECK(b.read(power).has_value());
  b.world.run_for(31s);
  CHECK(b.listener.notified.size() == 2);
}

TEST_CASE("who is silenced answers reads and Who-Is, and says nothing else until he may") {
  ServerSettings settings;
  settings.services.password = "quiet please";
  settings.services.reporting =
      ReportingSettings{.recipients = {Destination{.recipient = global_broadcast, .process = 1}}};
  Bench b(settings);
  REQUIRE(b.ask(ConfirmedService::device_communication_control,
                DeviceCommunicationControl{.state = CommunicationState::disable_initiation,
                                           .password = CharacterString::utf8("quiet please")}));
  b.server->reporting()->enroll(*b.input, {.high = 10, .limits = {false, true}});
  b.alarm(EventState::high_limit);
  b.tell(UnconfirmedService::who_is, WhoIs{});
  b.tell(UnconfirmedService::who_has, WhoHas{.object = power});
  b.world.run_for(1s);
  CHECK(b.read(power).has_value());
  CHECK(b.listener.announced.size() == 2);  // at the start, and who asked
  CHECK(b.listener.have == 0);
  CHECK(b.listener.events.empty());
  REQUIRE(b.ask(ConfirmedService::device_communication_control,
                DeviceCommunicationControl{.state = CommunicationState::enable,
                                           .password = CharacterString::utf8("quiet please")}));
  b.alarm(EventState::normal);
  b.tell(UnconfirmedService::who_has, WhoHas{.object = power});
  b.world.run_for(1s);
  CHECK(b.listener.have == 1);
  CHECK(b.listener.events.size() == 2);
}

TEST_CASE("what waited while a device was silent is told when it is enabled, not only when more happens") {
  ServerSettings settings;
  settings.services.password = "quiet please";
  Bench b(settings);
  const auto control = [&](CommunicationState state) {
    return b.ask(
        ConfirmedService::device_communication_control,
        DeviceCommunicationControl{.state = state, .password = CharacterString::utf8("quiet please")});
  };
  REQUIRE(b.ask(ConfirmedService::subscribe_cov,
                SubscribeCov{.process = 1, .object = power, .confirmed = false, .lifetime = 600}));
  b.world.run_for(1s);
  REQUIRE(control(CommunicationState::disable_initiation));
  b.show(90.0F);
  b.world.run_for(1s);
  CHECK(b.listener.notified.size() == 1);
  REQUIRE(control(CommunicationState::enable));
  b.world.run_for(1s);
  CHECK(b.listener.notified.size() == 2);
}

// ---- The time

TEST_CASE("the time that somebody tells is given to the owner, and our clock stays") {
  Bench b;
  const WallTime now = b.node.executor().clock().wall_now();
  const auto clock = [&] {
    const auto reply = b.read(b.device.id(), {PropertyId::local_time});
    ParameterReader in(ReadPropertyAck::decode(*reply)->value);
    const Time time = in.application<Time>();
    return std::chrono::minutes(60 * time.hour + time.minute) + std::chrono::seconds(time.second);
  };
  const auto before = clock();
  b.tell(UnconfirmedService::utc_time_synchronization,
         TimeSynchronization{to_date_time(now + 90s, Duration{})}, b.address());
  b.world.run_for(10ms);
  REQUIRE(b.plant.told.size() == 1);
  CHECK(b.plant.told[0].utc);
  CHECK_FALSE(b.plant.told[0].taken);
  CHECK(std::chrono::abs(b.plant.told[0].ahead - 90s) < 200ms);
  CHECK(clock() - before < 5s);
  // Local time of another zone is not another time.
  b.tell(UnconfirmedService::time_synchronization,
         TimeSynchronization{to_date_time(now + 2h + 30min + 3s, Duration{})}, b.address());
  b.tell(UnconfirmedService::time_synchronization, TimeSynchronization{}, b.address());  // no time at all
  b.world.run_for(10ms);
  REQUIRE(b.plant.told.size() == 2);
  CHECK(std::chrono::abs(b.plant.told[1].ahead - 3s) < 200ms);
}

TEST_CASE("without a password there is no control of communication") {
  Bench b;
  const auto refused = b.ask(ConfirmedService::device_communication_control,
                             DeviceCommunicationControl{.state = CommunicationState::disable_initiation});
  CHECK(refused.error().message.find("unrecognized-service") != std::string::npos);
}

TEST_CASE("networks are read and written as people write them") {
  CHECK(to_string(parse_ip_network("192.0.2.0/24").value()) == "192.0.2.0/24");
  CHECK(to_string(parse_ip_network("192.0.2.7").value()) == "192.0.2.7");
  CHECK(parse_ip_network("192.0.2.0/24")->contains({192, 0, 2, 77}));
  CHECK_FALSE(parse_ip_network("192.0.2.0/24")->contains({192, 0, 3, 77}));
  CHECK(parse_ip_network("0.0.0.0/0")->contains({8, 8, 8, 8}));
  for (const auto* wrong : {"192.0.2.0/33", "192.0.2/24", "192.0.2.0/", "192.0.2.0:80/24", "lan"})
    CHECK_FALSE(parse_ip_network(wrong).has_value());
}
