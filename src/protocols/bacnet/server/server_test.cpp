#include "protocols/bacnet/server/server.hpp"

#include <array>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "io/world/world.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/server/testing/served_plant.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;

namespace {

// What a client hears, and how it answers notifications.
struct Listener final : ClientOwner {
  Instant work(Instant /*now*/) override { return never; }
  void heard(const Address& from, const UnconfirmedRequest& request, Instant /*now*/) override {
    if (request.service == UnconfirmedService::i_am) {
      announced.push_back(IAm::decode(request.data).value());
      server = from;
    }
    if (request.service == UnconfirmedService::i_have) ++have;
    if (request.service == UnconfirmedService::unconfirmed_cov_notification) take(request.data);
    if (request.service == UnconfirmedService::unconfirmed_event_notification) take_event(request.data);
    if (request.service == UnconfirmedService::who_is) ++asked_for;
  }
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& request,
                            Instant /*now*/) override {
    if (request.service == ConfirmedService::confirmed_event_notification) {
      take_event(request.data);
    } else if (request.service == ConfirmedService::confirmed_cov_notification) {
      take(request.data);
    } else {
      return std::nullopt;
    }
    return SimpleAck{.invoke_id = request.invoke_id, .service = request.service};
  }
  void take_event(Bytes data) {
    const auto event = EventNotification::decode(data).value();
    events.push_back({event.object, event.to_state, event.notify_type});
    stamp.assign(event.time_stamp.begin(), event.time_stamp.end());
  }
  void take(Bytes data) {
    const auto notification = CovNotification::decode(data).value();
    notified.insert(notification.process);
    last = to_hex(notification.values);
  }

  std::vector<IAm> announced;
  std::multiset<std::uint32_t> notified;  // processes
  std::string last;
  struct Event {
    ObjectId object;
    EventState state;
    NotifyType type;
    friend bool operator==(const Event&, const Event&) = default;
  };
  std::vector<Event> events;
  std::vector<std::byte> stamp;  // of the last one
  std::size_t have = 0;
  std::size_t asked_for = 0;
  Address server;
};

// A server and a client, each on a machine of its own.
struct Bench : ServedPlant {
  explicit Bench(ServerSettings more = {}) : settings(std::move(more)) {
    if (settings.allow.empty()) settings.allow = {{.host = {0, 0, 0, 0}, .prefix = 0}};
    if (settings.write.empty()) settings.write = settings.allow;
    server.emplace(device, plant, settings, node.network());
    REQUIRE(client.open());
    tasks.spawn(client.run());
    REQUIRE(server->open());
    tasks.spawn(server->run());
    world.run_for(100ms);
  }
  ~Bench() {
    server->close();
    client.close();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
  }

  using Reply = Result<std::vector<std::byte>>;
  Reply ask(ConfirmedService service, Bytes parameters, PeerLimits limits = {}) {
    std::optional<Reply> reply;
    auto task = [](Client& c, Binding to, ConfirmedService s, std::vector<std::byte> data,
                   std::optional<Reply>& out) -> io::Task<void> { out = co_await c.ask(to, s, data); };
    tasks.spawn(task(client, {.address = address(), .limits = limits}, service,
                     {parameters.begin(), parameters.end()}, reply));
    CHECK(world.run_until_holds([&] { return reply.has_value(); }, 60s));
    return reply.value_or(fail(ErrorKind::timeout, "nothing came"));
  }
  [[nodiscard]] Address address() const {
    return {.network = local_network, .mac = to_mac(parse_ip(node.address()).value())};
  }
  template <class Service>
  Reply ask(ConfirmedService service, const Service& message) {
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    return ask(service, out.written());
  }
  Reply read(ObjectId object, PropertyReference property = {}) {
    return ask(ConfirmedService::read_property, ReadProperty{.object = object, .property = property});
  }
  template <class Service>
  void tell(UnconfirmedService service, const Service& message, const Address& to = global_broadcast) {
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    client.tell(to, service, out.written());
  }
  void alarm(EventState state) {
    input->set_condition({.event = state});
    server->look(*input, "too much");
  }
  void show(float value) {
    input->set(PropertyId::present_value, value);
    server->changed(*input);
  }

  io::world::World world{1};
  io::world::Node& node = world.add_node("plant");
  io::world::Node& bms = world.add_node("bms");
  io::TaskGroup tasks{node.network().executor()};
  Listener listener;
  Client client{{}, bms.network(), listener};
  ServerSettings settings;
  std::optional<Server> server;
};

}  // namespace

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

// ---- Alarms

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
    CHECK(b.plant.seen == std::vector<std::pair<ObjectId, std::string>>{{power, "anna"}});
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
