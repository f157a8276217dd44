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
  }
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& request,
                            Instant /*now*/) override {
    if (request.service != ConfirmedService::confirmed_cov_notification) return std::nullopt;
    take(request.data);
    return SimpleAck{.invoke_id = request.invoke_id, .service = request.service};
  }
  void take(Bytes data) {
    const auto notification = CovNotification::decode(data).value();
    notified.insert(notification.process);
    last = to_hex(notification.values);
  }

  std::vector<IAm> announced;
  std::multiset<std::uint32_t> notified;  // processes
  std::string last;
  std::size_t have = 0;
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
