#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/modbus/line.hpp"
#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;
using model::DeviceId;
using model::WriteState;

TEST_CASE("a write is confirmed only by what the device holds afterwards") {
  Site site;
  auto point = at(100);
  point.point.writable = true;
  point.scale = 0.1;
  site.line.add(device(1, 1, {point}));
  site.run(2s);
  const auto result = site.write(42.5);
  CHECK(result.id == 7);
  CHECK(result.state == WriteState::confirmed);
  CHECK(result.read_back == 42.5);
  CHECK(site.fake.registers[100] == 425);
}

TEST_CASE("a device that takes the write and keeps its value has not followed") {
  Site site;
  auto point = at(100);
  point.point.writable = true;
  site.fake.clamp = [](std::uint16_t) { return std::uint16_t{100}; };
  site.line.add(device(1, 1, {point}));
  site.run(2s);
  CHECK(site.write(42).state == WriteState::not_followed);
  site.fake.clamp = [](std::uint16_t v) { return std::min<std::uint16_t>(v, 120); };
  site.run(2s);
  const auto limited = site.write(500);
  CHECK(limited.state == WriteState::limited);
  CHECK(limited.read_back == 120);
}

TEST_CASE("a write that is not answered is read back, and never sent twice") {
  Site site({.timeout = 300ms});
  auto point = at(100);
  point.point.writable = true;
  site.fake.mute_writes = true;
  site.line.add(device(1, 1, {point}));
  site.run(2s);
  CHECK(site.write(42).state == WriteState::confirmed);
  CHECK(site.fake.writes().size() == 1);
}

TEST_CASE("a write that was acknowledged and can not be read back is unknown") {
  Site site;
  auto point = at(100);
  point.point.writable = true;
  site.fake.clamp = [&site](std::uint16_t value) {
    site.fake.holes.insert(100);
    return value;
  };
  site.line.add(device(1, 1, {point}));
  site.run(2s);
  const auto result = site.write(42);
  CHECK(result.state == WriteState::unknown);
  CHECK_FALSE(result.read_back);
  CHECK(result.error);
}

TEST_CASE("what may not be written is refused with the reason, and nothing is sent") {
  Site site;
  auto limited = at(100);
  limited.point.writable = true;
  limited.point.minimum = 0;
  limited.point.maximum = 100;
  site.line.add(device(1, 1, {limited, at(101)}));
  site.run(2s);
  CHECK(site.write(101).state == WriteState::refused);
  CHECK(site.write(5, 1).error->message.find("can only be read") != std::string::npos);
  CHECK(site.write(5, 9).error->kind == ErrorKind::not_found);
  CHECK(site.write(5, 0, site.executor.now()).state == WriteState::expired);
  CHECK(site.fake.writes().empty());
}

TEST_CASE("a bit is written without touching its neighbours") {
  Site site;
  auto bit = at(100);
  bit.type = ValueType::boolean;
  bit.bit = 3;
  bit.point.writable = true;
  site.fake.registers[100] = 0xFF00;
  site.line.add(device(1, 1, {bit}));
  site.run(2s);
  CHECK(site.write(1).state == WriteState::confirmed);
  CHECK(site.fake.registers[100] == 0xFF08);
}

TEST_CASE("a bit range of a longer value is confirmed by the register that it lies in") {
  Site site;
  auto range = at(100);
  range.type = ValueType::u32;
  range.bits = 4;
  range.point.writable = true;
  site.fake.registers = {{100, 5}, {101, 0xAB30}};
  site.line.add(device(1, 1, {range}));
  site.run(2s);
  SUBCASE("by itself") {
    CHECK(site.write(5).state == WriteState::confirmed);
    CHECK(site.fake.registers[100] == 5);
    CHECK(site.fake.registers[101] == 0xAB35);
  }
  SUBCASE("and not by another one") {
    site.fake.clamp = [](std::uint16_t) { return std::uint16_t{0xAB30}; };
    CHECK(site.write(5).state == WriteState::not_followed);
  }
}

TEST_CASE("a neighbour of a bit that the device changes by itself is no limit") {
  Site site;
  auto bit = at(100);
  bit.type = ValueType::boolean;
  bit.bit = 3;
  bit.point.writable = true;
  site.fake.registers = {{100, 0}};
  site.line.add(device(1, 1, {bit}));
  site.run(2s);
  site.fake.clamp = [](std::uint16_t value) { return static_cast<std::uint16_t>(value | 0x8000); };
  CHECK(site.write(1).state == WriteState::confirmed);
  site.fake.clamp = [](std::uint16_t) { return std::uint16_t{8}; };
  CHECK(site.write(0).state == WriteState::not_followed);
}

namespace {

// A set-point in 100 that the device obeys with mode 4 in 110 (where it has modes) and bit 1 of 111.
RegisterPoint enabled_point() {
  auto point = at(100);
  point.point.writable = true;
  point.enables = {{.address = 110, .value = 4, .sentinel = 0xFFFF}, {.address = 111, .value = 2, .mask = 2}};
  return point;
}

}  // namespace

TEST_CASE("what makes the device obey is set after the value, without touching its neighbours") {
  Site site;
  site.fake.registers = {{110, 0}, {111, 0x8001}};
  site.line.add(device(1, 1, {enabled_point()}));
  site.run(2s);
  const auto result = site.write(42);
  CHECK(result.state == WriteState::confirmed);
  CHECK(result.read_back == 42);
  CHECK(site.fake.writes() == std::vector<Request>{WriteSingleRegister{100, 42}, WriteSingleRegister{110, 4},
                                                   WriteSingleRegister{111, 0x8003}});
}

TEST_CASE("what enables is set again with each value, and a register that is not there is left alone") {
  Site site;
  site.fake.registers = {{110, 0xFFFF}, {111, 2}};
  site.line.add(device(1, 1, {enabled_point()}));
  site.run(2s);
  CHECK(site.write(42).state == WriteState::confirmed);
  CHECK(site.fake.writes() ==
        std::vector<Request>{WriteSingleRegister{100, 42}, WriteSingleRegister{111, 2}});
}

namespace {

// A set-point in 100 that the device holds for the seconds in 120, 121 and then leaves for that in 122, with
// a heartbeat in 130, obeyed with 1 in 111.
RegisterPoint guarded_point() {
  auto point = at(100);
  point.point.writable = true;
  point.revert_timer = RevertTimer{.address = 120,
                                   .type = ValueType::u32,
                                   .value_address = 122,
                                   .value_enable = EnableRegister{.address = 123}};
  point.heartbeat = Heartbeat{.address = 130, .value = 255};
  point.enables = {{.address = 111}};
  return point;
}

}  // namespace

TEST_CASE("a device is told to fall back before it is told the value, and then what makes it obey") {
  Site site;
  site.fake.registers = {{111, 0}, {120, 0}, {121, 0}, {122, 7}, {123, 0}, {130, 255}};
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  const auto result = site.write(42, model::Revert{.after = 90s, .to = 3});
  CHECK(result.state == WriteState::confirmed);
  CHECK_FALSE(result.unguarded);
  CHECK(site.fake.writes() == std::vector<Request>{WriteSingleRegister{122, 3}, WriteSingleRegister{123, 1},
                                                   WriteMultipleRegisters{120, {0, 90}},
                                                   WriteSingleRegister{100, 42}, WriteSingleRegister{130, 0},
                                                   WriteSingleRegister{111, 1}});
}

TEST_CASE("while its timer runs the next value goes first, and starts it anew") {
  Site site;
  site.fake.registers = {{111, 0}, {120, 0}, {121, 0}, {122, 3}, {123, 1}, {130, 4}};
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  const model::Revert revert{.after = 90s, .to = 3};
  CHECK(site.write(42, revert).state == WriteState::confirmed);
  const std::vector<Request> first{WriteMultipleRegisters{120, {0, 90}}, WriteSingleRegister{100, 42},
                                   WriteSingleRegister{130, 5}, WriteSingleRegister{111, 1}};
  CHECK(site.fake.writes() == first);
  const auto second_of = [&](double value) {
    const std::size_t before = site.fake.writes().size();
    CHECK(site.write(value, revert).state == WriteState::confirmed);
    return site.fake.writes().at(before);
  };
  CHECK(second_of(43) == Request(WriteSingleRegister{100, 43}));
  site.run(91s);  // it has run out
  CHECK(second_of(44) == Request(WriteMultipleRegisters{120, {0, 90}}));
  site.fake.hang_up();  // a device that was away may have forgotten it
  site.run(10s);
  CHECK(second_of(45) == Request(WriteMultipleRegisters{120, {0, 90}}));
}

TEST_CASE("wherever a gateway ends in the middle of a write, the device does not hold its value for ever") {
  Site site;
  // It obeys already: a default stands.
  site.fake.registers = {{100, 7}, {111, 1}, {120, 0}, {121, 0}, {122, 0}, {123, 0}, {130, 4}};
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  CHECK(site.write(42, model::Revert{.after = 90s, .to = 3}).state == WriteState::confirmed);
  CHECK(site.write(7, model::Revert{}).state == WriteState::confirmed);
  std::map<std::uint16_t, std::uint16_t> held{{100, 7}};
  for (const Request& request : site.fake.writes()) {
    if (const auto* one = std::get_if<WriteSingleRegister>(&request)) held[one->address] = one->value;
    if (const auto* two = std::get_if<WriteMultipleRegisters>(&request))
      held[two->address + 1] = two->values.at(1);
    CAPTURE(held[100]);
    if (held[100] == 42) {
      CHECK(held[121] == 90);
      CHECK(held[122] == 3);
      CHECK(held[123] == 1);
    }
  }
  CHECK(held[100] == 7);
  CHECK(held[121] == 0);
}

TEST_CASE("a device that takes the time only once it holds the value is told it then") {
  Site site;
  site.fake.registers = {{100, 7}, {111, 0}, {120, 0}, {121, 0}, {122, 3}, {123, 1}, {130, 4}};
  site.fake.read_only = {120};
  site.fake.clamp = [&site](std::uint16_t value) {
    if (value == 42) site.fake.read_only.clear();
    return value;
  };
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  const auto result = site.write(42, model::Revert{.after = 90s, .to = 3});
  CHECK(result.state == WriteState::confirmed);
  CHECK_FALSE(result.unguarded);
  CHECK(site.fake.registers[121] == 90);
}

TEST_CASE("a value that went stale while the device was told to fall back is not written") {
  Site site;
  site.fake.registers = {{111, 0}, {120, 0}, {121, 0}, {122, 7}, {123, 0}, {130, 4}};
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  site.fake.delay = 400ms;
  model::WriteResult result;
  auto main = [&]() -> io::Task<void> {
    result = co_await site.line.write({.point = {model::DeviceId(1), 0},
                                       .value = 42,
                                       .owner = "test",
                                       .id = 7,
                                       .expiry = site.executor.now() + 1s,
                                       .revert = model::Revert{.after = 90s, .to = 3}});
  };
  site.tasks.spawn(main());
  site.executor.advance(10s);
  CHECK(result.state == WriteState::expired);
  CHECK(site.fake.registers[100] != 42);
}

TEST_CASE(
    "a device that is to hold a value has its timer switched off once, and a heart that goes on beating") {
  Site site;
  site.fake.registers = {{111, 0}, {120, 0}, {121, 90}, {122, 7}, {123, 1}, {130, 4}};
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  CHECK(site.write(42, model::Revert{}).state == WriteState::confirmed);
  CHECK(site.write(42, model::Revert{}).state == WriteState::confirmed);
  CHECK(site.fake.writes() == std::vector<Request>{WriteSingleRegister{100, 42},
                                                   WriteMultipleRegisters{120, {0, 0}},
                                                   WriteSingleRegister{130, 5}, WriteSingleRegister{111, 1},
                                                   WriteSingleRegister{100, 42}, WriteSingleRegister{130, 6},
                                                   WriteSingleRegister{111, 1}});
}

TEST_CASE(
    "a device whose timer can not be set obeys all the same, and it is said that it would not fall back") {
  Site site;
  site.fake.registers = {{111, 0}, {120, 0}, {121, 0}, {122, 7}, {123, 0}, {130, 0}};
  site.fake.read_only = {120, 121};
  site.line.add(device(1, 1, {guarded_point()}));
  site.run(2s);
  const auto result = site.write(42, model::Revert{.after = 90s, .to = 3});
  CHECK(result.state == WriteState::confirmed);
  REQUIRE(result.unguarded);
  CHECK(result.unguarded->message.contains("the revert timer, register 120: "));
  CHECK(site.fake.registers[111] == 1);
}

TEST_CASE("a value that the device does not hold is not enabled") {
  Site site;
  site.fake.clamp = [](std::uint16_t) { return std::uint16_t{7}; };
  site.line.add(device(1, 1, {enabled_point()}));
  site.run(2s);
  CHECK(site.write(42).state == WriteState::limited);
  CHECK(site.fake.writes().size() == 1);
}

TEST_CASE("a device that holds the value and will not be enabled has not followed, and it is said why") {
  Site site;
  site.fake.registers = {{110, 0}, {111, 0}};
  site.line.add(device(1, 1, {enabled_point()}));
  site.run(2s);
  SUBCASE("it keeps another mode") {
    site.fake.clamp = [](std::uint16_t value) { return value == 4 ? std::uint16_t{3} : value; };
    const auto result = site.write(42);
    CHECK(result.state == WriteState::not_followed);
    CHECK(result.read_back == 42);
    REQUIRE(result.error);
    CHECK(result.error->message ==
          "the device holds the value, but register 110, which has to be 4 for it to obey, shows 3");
  }
  SUBCASE("it refuses") {
    site.fake.read_only = {111};
    const auto result = site.write(42);
    CHECK(result.state == WriteState::not_followed);
    REQUIRE(result.error);
    CHECK(result.error->message.contains("register 111, which has to be 2 for it to obey, is refused: "));
  }
  SUBCASE("it has no such register") {
    site.fake.holes = {111};
    const auto result = site.write(42);
    CHECK(result.state == WriteState::unknown);
    REQUIRE(result.error);
    CHECK(result.error->message.contains("register 111"));
  }
}

namespace {

// Two set-points in 100 and 101 that the device obeys with a bit each of 110, and a plain one in 102.
std::vector<RegisterPoint> points_with_a_shared_register() {
  std::vector<RegisterPoint> points{at(100), at(101), at(102)};
  for (RegisterPoint& point : points)
    point.point.writable = true;
  points[0].enables = {{.address = 110, .value = 1, .mask = 1}};
  points[1].enables = {{.address = 110, .value = 2, .mask = 2}};
  return points;
}

// Of one device, under way together; the results in the order in which they came.
struct Writes {
  void begin(Site& site, std::uint16_t point, double value, Instant expiry = never,
             std::uint16_t device = 1) {
    site.tasks.spawn(write(site, {.point = {DeviceId(device), point},
                                  .value = value,
                                  .owner = "test",
                                  .id = point,
                                  .expiry = expiry}));
  }
  io::Task<void> write(Site& site, model::WriteCommand command) {
    auto result = co_await site.line.write(std::move(command));
    results.push_back(std::move(result));
  }
  [[nodiscard]] WriteState state_of(std::uint16_t point) const {
    const auto found = std::ranges::find(results, point, &model::WriteResult::id);
    return found != results.end() ? found->state : WriteState::requested;
  }

  std::vector<model::WriteResult> results = {};
};

}  // namespace

TEST_CASE("two writes that share a register do not undo each other, whenever the second one comes") {
  for (const Duration later : {0ms, 25ms, 45ms, 65ms, 85ms, 105ms}) {
    CAPTURE(later.count());
    Site site;
    site.fake.registers = {{110, 0}};
    site.line.add(device(1, 1, points_with_a_shared_register()));
    site.run(2s);
    site.fake.delay = 20ms;
    Writes writes;
    writes.begin(site, 0, 41);
    site.run(later);
    writes.begin(site, 1, 42);
    site.run(3s);
    CHECK(writes.state_of(0) == WriteState::confirmed);
    CHECK(writes.state_of(1) == WriteState::confirmed);
    CHECK(site.fake.registers[110] == 3);
  }
}

TEST_CASE("two bits of one register are written one after the other, and both are confirmed") {
  Site site;
  auto low = at(100);
  low.type = ValueType::boolean;
  low.point.writable = true;
  auto high = low;
  high.bit = 1;
  site.fake.registers = {{100, 0}};
  site.line.add(device(1, 1, {low, high}));
  site.run(2s);
  site.fake.delay = 20ms;
  Writes writes;
  writes.begin(site, 0, 1);
  writes.begin(site, 1, 1);
  site.run(1s);
  CHECK(writes.state_of(0) == WriteState::confirmed);
  CHECK(writes.state_of(1) == WriteState::confirmed);
  CHECK(site.fake.registers[100] == 3);
}

TEST_CASE("writes of whole registers, and those to other units, wait for no turn") {
  Site site;
  auto elsewhere = at(200);
  elsewhere.point.writable = true;
  elsewhere.enables = {{.address = 210}};
  site.line.add(device(1, 1, points_with_a_shared_register()));
  site.line.add(device(2, 2, {elsewhere}));
  site.run(2s);
  site.fake.delay = 20ms;
  Writes writes;
  writes.begin(site, 0, 41);
  writes.begin(site, 1, 42);
  writes.begin(site, 2, 7);
  writes.begin(site, 0, 8, never, 2);
  site.run(3s);
  std::vector<double> order;
  for (const model::WriteResult& result : writes.results)
    order.push_back(result.read_back.value_or(0));
  CHECK(order == std::vector<double>{7, 41, 8, 42});
}

TEST_CASE("a write that went stale while it waited for its turn is not sent") {
  Site site;
  site.fake.registers = {{110, 0}};
  site.line.add(device(1, 1, points_with_a_shared_register()));
  site.run(2s);
  site.fake.delay = 50ms;
  Writes writes;
  writes.begin(site, 0, 41);
  writes.begin(site, 1, 42, site.executor.now() + 100ms);
  site.run(3s);
  CHECK(writes.state_of(0) == WriteState::confirmed);
  CHECK(writes.state_of(1) == WriteState::expired);
  CHECK(site.fake.writes() ==
        std::vector<Request>{WriteSingleRegister{100, 41}, WriteSingleRegister{110, 1}});
}

TEST_CASE("a device that goes and a connection that is lost leave no write waiting for its turn") {
  Site site;
  site.fake.registers = {{110, 0}};
  site.line.add(device(1, 1, points_with_a_shared_register()));
  site.run(2s);
  site.fake.delay = 50ms;
  Writes writes;
  writes.begin(site, 0, 41);
  writes.begin(site, 1, 42);
  writes.begin(site, 0, 43);
  SUBCASE("connection") {
    site.fake.hang_up();
    site.run(1s);
    CHECK(writes.results.size() == 3);
    CHECK(site.fake.writes().size() <= 1);
    site.run(20s);
    site.fake.delay = 0ns;
    CHECK(site.write(44).state == WriteState::confirmed);
  }
  SUBCASE("device") {
    site.line.remove(DeviceId(1));
    site.run(3s);
    CHECK(writes.results.size() == 3);
    CHECK(std::ranges::count(writes.results, WriteState::refused, &model::WriteResult::state) == 2);
  }
}

TEST_CASE("a write goes before the polls that are due") {
  Site site;
  site.fake.delay = 50ms;
  std::vector<RegisterPoint> points;
  for (std::uint16_t i = 0; i < 15; ++i)
    points.push_back(at(static_cast<std::uint16_t>(200 * i)));
  points[0].point.writable = true;
  site.line.add(device(1, 1, points));
  site.run(2s);
  const Instant asked = site.executor.now();
  CHECK(site.write(42).state == WriteState::confirmed);
  const auto write =
      std::ranges::find_if(site.fake.seen, [](const auto& seen) { return is_write(seen.request); });
  REQUIRE(write != site.fake.seen.end());
  // At most one poll is under way.
  CHECK(write->at - asked <= 50ms);
}

TEST_CASE("questions fail at once while the line is not connected") {
  Site site;
  site.network.on = false;
  auto point = at(100);
  point.point.writable = true;
  site.line.add(device(1, 1, {point}));
  site.run(2s);
  const auto result = site.write(1);
  CHECK(result.state == WriteState::refused);
  CHECK(result.error->message.find("not connected") != std::string::npos);
}
