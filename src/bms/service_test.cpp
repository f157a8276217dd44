// A running gateway in the seeded world, and a client that reads and commands it by BACnet.
#include "bms/service.hpp"

#include <array>

#include <doctest/doctest.h>

#include "gateway/testing/site_world.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/write_services.hpp"

using namespace iw;
using namespace iw::bacnet;
using bms::Service;
using gateway::testing::SiteWorld;

namespace {

constexpr std::string_view sections = R"(
data: data
control:
  enabled: true
  settle: 1s
  points:
    carport inverter/ActivePowerLimit: {min: 0, max: 5000, default: 5000}
  rights:
    - {owner: bacnet, level: operator, points: ["*"]}
)";
constexpr std::string_view limit = "carport inverter/ActivePowerLimit";
constexpr std::string_view power = "carport inverter/ActivePower";

struct Deaf final : ClientOwner {
  Instant work(Instant /*now*/) override { return never; }
  void heard(const Address& /*from*/, const UnconfirmedRequest& /*request*/, Instant /*now*/) override {}
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& /*request*/,
                            Instant /*now*/) override {
    return std::nullopt;
  }
};

bool is_carport(const sim::DemoDevice& device) { return device.name == "carport inverter"; }

// The site, the service on a thread of its own, and a client on another machine.
struct Bench {
  Bench() {
    REQUIRE(client.open());
    tasks.spawn(client.run());
    site.world.run_for(5s);
    section.device = 4711;
    section.allow = section.write = {{.host = {}, .prefix = 0}};
    section.command_life = 24h;
  }
  ~Bench() {
    bool stopped = false;
    service.stop([&] { stopped = true; });
    CHECK(site.world.run_until_holds([&] { return stopped; }, 10s));
    client.close();
    CHECK(site.world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
    site.world.run_for(1s);
  }
  void apply() {
    service.apply(section);
    site.world.run_for(2s);
  }

  template <class Message>
  Result<std::vector<std::byte>> ask(ConfirmedService kind, const Message& message) {
    using Reply = Result<std::vector<std::byte>>;
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    std::optional<Reply> reply;
    auto task = [](Client& c, Binding to, ConfirmedService s, std::vector<std::byte> data,
                   std::optional<Reply>& result) -> io::Task<void> { result = co_await c.ask(to, s, data); };
    const Address there{.mac = to_mac(parse_ip(site.gateway_node.address()).value())};
    tasks.spawn(task(client, {.address = there, .limits = {}}, kind,
                     {out.written().begin(), out.written().end()}, reply));
    CHECK(site.world.run_until_holds([&] { return reply.has_value(); }, 60s));
    return *reply;
  }
  [[nodiscard]] std::optional<double> read(ObjectId object, PropertyId property = PropertyId::present_value) {
    const auto reply =
        ask(ConfirmedService::read_property, ReadProperty{.object = object, .property = {property}});
    if (!reply) return std::nullopt;
    ParameterReader in(ReadPropertyAck::decode(*reply)->value);
    return number(in.value());
  }
  Result<std::vector<std::byte>> write(ObjectId object, const Value& value, std::uint8_t priority) {
    const auto bytes = encoded(value);
    return ask(ConfirmedService::write_property,
               WriteProperty{.object = object, .value = bytes, .priority = priority});
  }
  // By its name, in the list of objects.
  [[nodiscard]] std::optional<ObjectId> find(std::string_view name) {
    const auto list = ask(ConfirmedService::read_property,
                          ReadProperty{.object = device_object(4711), .property = {PropertyId::object_list}});
    if (!list) return std::nullopt;
    ParameterReader in(ReadPropertyAck::decode(*list)->value);
    std::vector<ObjectId> objects;
    while (in.more())
      objects.push_back(in.application<ObjectId>());
    for (const ObjectId object : objects) {
      const auto reply = ask(ConfirmedService::read_property,
                             ReadProperty{.object = object, .property = {PropertyId::object_name}});
      if (!reply) continue;
      ParameterReader text(ReadPropertyAck::decode(*reply)->value);
      if (text.application<CharacterString>().text() == name) return object;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string file(const std::string& name) {
    site.world.run_for(1s);
    return site.gateway_node.files().read("data/" + name).value_or("");
  }

  SiteWorld site{7, {}, is_carport, sections};
  io::world::SimulatedExecutor& thread = site.gateway_node.add_executor("bacnet");
  io::world::Node& bms = site.world.add_node("bms");
  NullLog log;
  Deaf owner;
  Client client{{}, bms.network(), owner};
  io::TaskGroup tasks{bms.executor()};
  gateway::BacnetServerSection section;
  Service service{{.gateway = *site.gateway,
                   .core = site.gateway_node.executor(),
                   .network = thread.network(),
                   .blocking = site.gateway_node.executor(),
                   .files = site.gateway_node.files(),
                   .log = log,
                   .version = "1"}};
};

}  // namespace

TEST_CASE("values of the gateway are read as objects, in the units of the model") {
  Bench b;
  b.apply();
  const auto object = b.find(power);
  REQUIRE(object);
  CHECK(object->type == ObjectType::analog_input);
  const auto live = b.site.gateway->live().value(*b.site.gateway->site().find(power));
  REQUIRE(live);
  CHECK(b.read(*object).value() == doctest::Approx(live->value).epsilon(0.2));
  CHECK(b.read(*object, PropertyId::reliability) == 0);
  b.site.world.partition(b.site.site_node, b.site.gateway_node);
  b.site.world.run_for(30s);
  CHECK(b.read(*object, PropertyId::reliability) == 12);
}

TEST_CASE("a command is a claim that is in force before it is acknowledged, and its slot is kept") {
  Bench b;
  b.apply();
  const auto object = b.find(limit);
  REQUIRE(object);
  CHECK(object->type == ObjectType::analog_output);
  REQUIRE(b.write(*object, 2000.0F, 8));
  const auto views = b.site.gateway->control()->view();
  REQUIRE(views.size() == 1);
  CHECK(views[0].point.ruling.value == 2000);
  CHECK(views[0].point.claims.front().owner == "bacnet");
  CHECK(b.file("bacnet.slots").contains(limit));
  CHECK(b.write(*object, 9000.0F, 8).error().message.contains("value-out-of-range"));
  CHECK(b.write(*object, 1000.0F, 3).error().message.contains("write-access-denied"));  // no right
  REQUIRE(b.write(*object, Null{}, 8));
  CHECK(b.site.gateway->control()->view()[0].point.ruling.value == 5000);
  CHECK(b.read(*object) == 5000);
}

TEST_CASE(
    "a device whose section stays the same goes on; with another it begins anew, with none it is gone") {
  Bench b;
  b.apply();
  const auto object = b.find(limit);
  REQUIRE(object);
  REQUIRE(b.write(*object, 2000.0F, 8));
  const auto revision = b.read(device_object(4711), PropertyId::database_revision);
  b.apply();
  CHECK(b.read(device_object(4711), PropertyId::database_revision) == revision);
  b.section.location = "roof";
  b.apply();
  CHECK(b.find(limit) == object);
  CHECK(b.read(*object) == 2000);  // its slot stands
  b.service.apply(std::nullopt);
  b.site.world.run_for(1s);
  CHECK_FALSE(b.read(*object).has_value());
}

TEST_CASE("only points that are chosen are objects") {
  Bench b;
  b.section.points = {"*/ActivePower"};
  b.apply();
  CHECK(b.find(power).has_value());
  CHECK_FALSE(b.find(limit).has_value());
}

TEST_CASE("without the numbers that objects once got there is no device, rather than one with others") {
  Bench b;
  REQUIRE(b.site.gateway_node.files().replace("data/bacnet.objects", "this is none\n").has_value());
  b.apply();
  CHECK_FALSE(b.read(device_object(4711), PropertyId::object_name).has_value());
}
