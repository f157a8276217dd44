#include "sim/bacnet_device.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/world/world.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/write_services.hpp"
#include "sim/demo_site.hpp"
#include "sim/seeded_random.hpp"

using namespace iw;
using namespace iw::sim;
using namespace iw::bacnet;

namespace {

struct Deaf final : ClientOwner {
  Instant work(Instant /*now*/) override { return never; }
  void heard(const Address& /*from*/, const UnconfirmedRequest& /*request*/, Instant /*now*/) override {}
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& /*request*/,
                            Instant /*now*/) override {
    return std::nullopt;
  }
};

// A demo site with its building, and somebody who commands it.
struct Bench {
  Bench() {
    devices = site.start().value();
    tasks.spawn(site.run());
    REQUIRE(client.open());
    tasks.spawn(client.run());
    world.run_for(10s);
  }
  ~Bench() {
    site.stop();
    client.close();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 10s));
  }

  using Reply = Result<std::vector<std::byte>>;
  template <class Service>
  Reply ask(std::string_view device, ConfirmedService service, const Service& message) {
    return ask(address_of(device), service, message);
  }
  Address address_of(std::string_view device) {
    const auto& at = std::ranges::find(devices, device, &DemoDevice::name)->endpoint;
    return {.network = local_network, .mac = to_mac(parse_ip(at.host, at.port).value())};
  }
  template <class Service>
  Reply ask(const Address& address, ConfirmedService service, const Service& message) {
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    std::optional<Reply> reply;
    auto task = [](Client& c, Binding to, ConfirmedService s, std::vector<std::byte> data,
                   std::optional<Reply>& result) -> io::Task<void> { result = co_await c.ask(to, s, data); };
    tasks.spawn(task(client, {.address = address, .limits = {}}, service,
                     {out.written().begin(), out.written().end()}, reply));
    CHECK(world.run_until_holds([&] { return reply.has_value(); }, 60s));
    return *reply;
  }
  template <class Service>
  void tell(std::string_view device, UnconfirmedService service, const Service& message) {
    std::array<std::byte, 64> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    client.tell(address_of(device), service, out.written());
  }
  double read(std::string_view device, ObjectId object) {
    const auto reply = ask(device, ConfirmedService::read_property, ReadProperty{.object = object});
    REQUIRE(reply);
    ParameterReader in(ReadPropertyAck::decode(*reply)->value);
    return number(in.value()).value();
  }
  void write(std::string_view device, ObjectId object, const bacnet::Value& value) {
    const auto bytes = encoded(value);
    CHECK(ask(device, ConfirmedService::write_property,
              WriteProperty{.object = object, .value = bytes, .priority = 8})
              .has_value());
  }

  io::world::World world{4};
  io::world::Node& node = world.add_node("site");
  io::world::Node& bms = world.add_node("bms");
  SeededRandom random{3};
  NullLog log;
  // A summer day at noon, ten minutes long.
  DemoSite site{node.network(),
                random,
                log,
                {.host = node.address(),
                 .building = true,
                 .site = {.day_of_year = 200, .day_length = 10min, .start_at = 12h}}};
  std::vector<DemoDevice> devices;
  Deaf owner;
  Client client{{}, bms.network(), owner};
  io::TaskGroup tasks{node.network().executor()};
};

constexpr ObjectId chiller_power{ObjectType::analog_input, 3};
constexpr ObjectId building_power{ObjectType::analog_input, 1};
constexpr ObjectId building_energy{ObjectType::accumulator, 1};
constexpr ObjectId chiller_enable{ObjectType::binary_output, 1};
constexpr ObjectId supply_air{ObjectType::analog_input, 1};
constexpr ObjectId supply_setpoint{ObjectType::analog_output, 2};
constexpr ObjectId fan_command{ObjectType::binary_output, 1};
constexpr ObjectId filter{ObjectType::binary_input, 1};
constexpr ObjectId fan_power{ObjectType::analog_input, 4};

}  // namespace

TEST_CASE("what the plant draws is what its meter shows, and part of the site's load") {
  Bench b;
  const double chiller = b.read("chiller plant", chiller_power);
  CHECK(chiller > 0.1);
  const double parts = chiller + b.read("chiller plant", {ObjectType::analog_input, 4}) +
                       b.read("air handler", fan_power) / 1000;
  CHECK(b.read("building meter", building_power) == doctest::Approx(parts).epsilon(0.1));
  const SiteState& state = b.site.physics().state();
  CHECK(state.building.total_power() < state.load.total_power());
  const double before = b.read("building meter", building_energy);
  b.world.run_for(20s);
  CHECK(b.read("building meter", building_energy) > before);
}

TEST_CASE("a chiller that is switched off draws nothing, and the zone warms up") {
  Bench b;
  const double zone = b.read("air handler", {ObjectType::analog_input, 2});
  b.write("chiller plant", chiller_enable, Enumerated{0});
  b.world.run_for(30s);
  CHECK(b.read("chiller plant", chiller_power) == 0);
  CHECK(b.read("air handler", {ObjectType::analog_input, 2}) > zone);
  b.write("chiller plant", chiller_enable, Null{});
  b.world.run_for(10s);
  CHECK(b.read("chiller plant", chiller_power) > 0.1);
}

TEST_CASE("the air follows its set-point, and the fan its command") {
  Bench b;
  b.write("air handler", supply_setpoint, 19.0F);
  b.world.run_for(10s);
  CHECK(b.read("air handler", supply_air) == doctest::Approx(19).epsilon(0.05));
  b.write("air handler", fan_command, Enumerated{0});
  b.world.run_for(10s);
  CHECK(b.read("air handler", fan_power) == 0);
}

TEST_CASE("a BACnet device takes the time, and shows it from then on") {
  Bench b;
  const WallTime told = b.node.executor().clock().wall_now() + 3h;
  b.tell("air handler", UnconfirmedService::utc_time_synchronization,
         TimeSynchronization{to_date_time(told, Duration{})});
  b.world.run_for(10ms);
  const auto clock =
      b.ask("air handler", ConfirmedService::read_property,
            ReadProperty{.object = device_object(wildcard_instance), .property = {PropertyId::local_time}});
  REQUIRE(clock);
  ParameterReader in(ReadPropertyAck::decode(*clock)->value);
  CHECK(std::get<bacnet::Time>(in.value()).hour == to_date_time(told, Duration{}).time.hour);
}

TEST_CASE(
    "a filter that is dirty is an alarm of the air handler, until it is told that somebody has seen it") {
  Bench b;
  HvacPhysics hvac;
  io::world::Node& hall = b.world.add_node("hall");
  AirHandler handler(hall.network(), b.random, hvac, 2001);
  REQUIRE(handler.listen({.host = "0.0.0.0", .port = default_port}));
  b.tasks.spawn(handler.run());
  const Address there{.mac = to_mac(parse_ip(hall.address()).value())};
  const auto listed = [&](std::vector<std::byte>& bytes) {
    auto reply = b.ask(there, ConfirmedService::get_event_information, GetEventInformation{});
    REQUIRE(reply);
    bytes = std::move(*reply);
    return GetEventInformationAck::decode(bytes)->events;
  };
  handler.refresh();
  std::vector<std::byte> bytes;
  CHECK(listed(bytes).empty());
  hvac.step(20, 0, 12, 200 * 3600);  // more than the filter lasts
  handler.refresh();
  const auto dirty = listed(bytes);
  REQUIRE(dirty.size() == 1);
  CHECK(dirty[0].object == filter);
  CHECK(dirty[0].state == EventState::offnormal);
  CHECK_FALSE(dirty[0].acknowledged.at(0));
  CHECK(b.ask(there, ConfirmedService::acknowledge_alarm,
              AcknowledgeAlarm{.process = 1,
                               .object = filter,
                               .state = EventState::offnormal,
                               .time_stamp = dirty[0].time_stamps[0],
                               .source = CharacterString::utf8("anna"),
                               .time = {}})
            .has_value());
  CHECK(listed(bytes)[0].acknowledged.at(0));
  handler.stop();
  b.world.run_for(1s);
}

TEST_CASE("a BACnet device may be silent, slow, or garble what it says") {
  Bench b;
  BacnetDevice* device = b.site.find_bacnet("air handler");
  REQUIRE(device != nullptr);
  const auto ask = [&] {
    return b.ask("air handler", ConfirmedService::read_property, ReadProperty{.object = supply_air});
  };
  device->faults.silent = true;
  const auto silence = ask();
  CHECK(silence.error().kind == ErrorKind::timeout);
  device->faults = {.delay = 500ms};
  const Instant asked = b.world.now();
  CHECK(ask().has_value());
  CHECK(b.world.now() - asked >= 500ms);
  device->faults = {.garble_rate = 1};
  // A flipped bit may be in what is told, or make the frame none.
  const ReadProperty identity{.object = supply_air, .property = {PropertyId::object_identifier}};
  std::size_t right = 0;
  for (int i = 0; i < 10; ++i) {
    const auto reply = b.ask("air handler", ConfirmedService::read_property, identity);
    if (reply && to_hex(*reply) == "0C 00 00 00 01 19 4B 3E C4 00 00 00 01 3F") ++right;
  }
  CHECK(right < 10);
  device->faults = {};
  CHECK(ask().has_value());
}
