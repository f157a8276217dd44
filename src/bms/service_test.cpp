// A running gateway in the seeded world, and a client that reads and commands it by BACnet.
#include "bms/service.hpp"

#include <doctest/doctest.h>

#include "bms/testing/bms_client.hpp"
#include "gateway/testing/site_world.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "security/audit_log.hpp"

using namespace iw;
using namespace iw::bacnet;
using bms::Service;
using bms::testing::BmsClient;
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

bool is_carport(const sim::DemoDevice& device) { return device.name == "carport inverter"; }

// The site, the service on a thread of its own, and a client on another machine.
struct Bench {
  Bench() {
    site.world.run_for(5s);
    section.device = 4711;
    section.allow = section.write = {{.host = {}, .prefix = 0}};
    section.command_life = 24h;
  }
  ~Bench() {
    bool stopped = false;
    service.stop([&] { stopped = true; });
    CHECK(site.world.run_until_holds([&] { return stopped; }, 10s));
    client.end();
    site.world.run_for(1s);
  }
  void apply() {
    service.apply(section);
    site.world.run_for(2s);
  }

  std::optional<double> read(ObjectId object, PropertyId property = PropertyId::present_value) {
    return client.read(object, property);
  }
  BmsClient::Reply write(ObjectId object, const Value& value, std::uint8_t priority) {
    return client.write(object, value, priority);
  }
  std::optional<ObjectId> find(std::string_view name) { return client.find(4711, name); }
  [[nodiscard]] std::string file(const std::string& name) {
    site.world.run_for(1s);
    return site.gateway_node.files().read("data/" + name).value_or("");
  }

  SiteWorld site{7, {}, is_carport, sections};
  io::world::SimulatedExecutor& thread = site.gateway_node.add_executor("bacnet");
  BmsClient client{site.world, site.gateway_node};
  NullLog log;
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

TEST_CASE("what clients do is on record: who, to what, and whether it was refused") {
  Bench b;
  b.section.password = "quiet please";
  b.apply();
  const auto object = b.find(limit);
  REQUIRE(object);
  REQUIRE(b.write(*object, 2000.0F, 8));
  CHECK_FALSE(b.write(*object, 9000.0F, 8).has_value());
  const auto control = [&](std::string_view password) {
    return b.client.ask(ConfirmedService::device_communication_control,
                        DeviceCommunicationControl{.minutes = 5,
                                                   .state = CommunicationState::disable_initiation,
                                                   .password = CharacterString::utf8(password)});
  };
  CHECK_FALSE(control("open sesame").has_value());
  REQUIRE(control("quiet please"));
  b.site.world.run_for(1s);
  std::vector<std::string> lines;
  const auto verdict =
      security::verify_audit(b.site.gateway_node.files(), gateway::bacnet_audit_folder("data"),
                             [&](const security::AuditRecord& record) {
                               const security::AuditEntry& entry = record.entry;
                               if (entry.actor != b.client.address()) return;
                               lines.push_back(fmt::format("{} {} {}: {}", entry.action, entry.subject,
                                                           entry.outcome, entry.detail));
                             });
  REQUIRE(verdict);
  CHECK_FALSE(verdict->fault.has_value());
  CHECK(lines ==
        std::vector<std::string>{
            fmt::format("write {} accepted: present-value 2000 at priority 8", limit),
            fmt::format("write {} refused: present-value 9000 at priority 8: property: value-out-of-range",
                        limit),
            "communication device refused: disable-initiation for 5 minutes: security: password-failure",
            "communication device accepted: disable-initiation for 5 minutes"});
}
