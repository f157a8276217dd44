#include "protocols/modbus/plan.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::modbus;

namespace {

RegisterPoint at(std::uint16_t address, ValueType type = ValueType::u16) {
  RegisterPoint point;
  point.address = address;
  point.type = type;
  return point;
}

Plan plan_of(const RegisterMap& map, Duration period = 1s) {
  const std::vector<Duration> periods(map.points.size(), period);
  return Plan(map, periods);
}

// A device with holes: what it does with each block of a plan, until the plan stands.
struct Device {
  std::set<std::uint16_t> holes;
  int refusals = 0;

  bool has(const Block& block) const {
    return std::ranges::none_of(holes, [&](unsigned hole) {
      return hole >= block.address && hole < unsigned{block.address} + block.count;
    });
  }
  // One round over all blocks; false when nothing was refused any more.
  bool poll(Plan& plan) {
    bool refused = false;
    for (std::size_t i = 0; i < plan.blocks().size();) {
      if (has(plan.blocks()[i])) {
        if (!plan.accepted(i)) ++i;
        continue;
      }
      refused = true;
      ++refusals;
      plan.refused(i);
    }
    return refused;
  }
};

}  // namespace

TEST_CASE("near points become one request, far ones do not") {
  RegisterMap map;
  map.limits.max_gap = 4;
  map.points = {at(100), at(101, ValueType::f32), at(107), at(113)};
  const Plan plan = plan_of(map);
  REQUIRE(plan.blocks().size() == 2);
  CHECK(plan.blocks()[0].address == 100);
  CHECK(plan.blocks()[0].count == 8);
  CHECK(plan.blocks()[0].points == std::vector<std::uint16_t>{0, 1, 2});
  CHECK(plan.blocks()[1].address == 113);
  CHECK(plan.blocks()[1].count == 1);
}

TEST_CASE("tables and rates are never mixed") {
  RegisterMap map;
  map.points = {at(0), at(1), at(2)};
  map.points[1].table = Table::input_registers;
  const std::vector<Duration> periods{1s, 1s, 5s};
  const Plan plan(map, periods);
  CHECK(plan.blocks().size() == 3);
}

TEST_CASE("a value is not torn at the limit of the device") {
  RegisterMap map;
  map.limits.max_registers = 10;
  for (std::uint16_t i = 0; i < 7; ++i)
    map.points.push_back(at(static_cast<std::uint16_t>(4 * i), ValueType::u64));
  const Plan plan = plan_of(map);
  for (const Block& block : plan.blocks()) {
    CHECK(block.count <= 10);
    CHECK(block.count % 4 == 0);
  }
  CHECK(plan.blocks().size() == 4);
}

TEST_CASE("a scale register is always in the block of its value") {
  RegisterMap map;
  map.points = {at(40010), at(40080), at(40200)};
  map.points[0].scale_register = ScaleRegister{40116};
  map.points[1].scale_register = ScaleRegister{40117};
  const Plan plan = plan_of(map);
  for (const Block& block : plan.blocks()) {
    for (const std::uint16_t index : block.points) {
      if (!map.points[index].scale_register) continue;
      const unsigned scale = map.points[index].scale_register->address;
      CHECK(scale >= block.address);
      CHECK(scale < unsigned{block.address} + block.count);
    }
  }
  CHECK(plan.unreadable().empty());
}

TEST_CASE("a scale register out of reach is named, not read in two requests") {
  RegisterMap map;
  map.limits.max_registers = 50;
  map.points = {at(100), at(101)};
  map.points[0].scale_register = ScaleRegister{180};
  const Plan plan = plan_of(map);
  CHECK(std::ranges::equal(plan.unreadable(), std::vector<std::uint16_t>{0}));
  CHECK(plan.blocks().size() == 1);
}

TEST_CASE("a hole between two points is found, remembered, and the rest is joined again") {
  RegisterMap map;
  map.limits.max_gap = 50;
  for (std::uint16_t i = 0; i < 20; ++i)
    map.points.push_back(at(static_cast<std::uint16_t>(5 * i)));
  Plan plan = plan_of(map);
  REQUIRE(plan.blocks().size() == 1);
  Device device{.holes = {42}};
  while (device.poll(plan)) {
  }
  CHECK(plan.blocks().size() == 2);
  CHECK(plan.missing().empty());
  CHECK(plan.blocks()[0].count == 41);
  CHECK(plan.blocks()[1].address == 45);
  CHECK_FALSE(device.poll(plan));
}

TEST_CASE("a point that the device does not have costs only itself") {
  RegisterMap map;
  for (std::uint16_t i = 0; i < 30; ++i)
    map.points.push_back(at(i));
  Plan plan = plan_of(map);
  Device device{.holes = {17}};
  while (device.poll(plan)) {
  }
  CHECK(std::ranges::equal(plan.missing(), std::vector<std::uint16_t>{17}));
  CHECK(plan.blocks().size() == 2);
}

TEST_CASE("blocks that are as many as before and hold other points have changed") {
  RegisterMap map;
  map.limits.max_registers = 8;
  for (std::uint16_t i = 0; i < 4; ++i)
    map.points.push_back(at(static_cast<std::uint16_t>(4 * i), ValueType::u64));
  Plan plan = plan_of(map);
  REQUIRE(plan.blocks().size() == 2);
  plan.refused(0);
  plan.refused(0);  // of the halves the first one, a point that is not there
  const std::vector<Block> before = plan.blocks();
  CHECK(plan.accepted(0));
  CHECK(plan.blocks().size() == before.size());
  CHECK(plan.blocks()[0].points == std::vector<std::uint16_t>{1, 2});
  CHECK(plan.blocks()[1].points == std::vector<std::uint16_t>{3});
}

TEST_CASE("100 points over 400 registers with 3 holes need at most 6 requests, and no further refusals") {
  RegisterMap map;
  for (std::uint16_t i = 0; i < 100; ++i)
    map.points.push_back(at(static_cast<std::uint16_t>(4 * i)));
  Plan plan = plan_of(map);
  Device device{.holes = {81, 203, 330}};
  while (device.poll(plan)) {
  }
  CHECK(plan.blocks().size() <= 6);
  CHECK(plan.missing().empty());
  device.refusals = 0;
  for (int i = 0; i < 1000; ++i)
    device.poll(plan);
  CHECK(device.refusals == 0);
}

TEST_CASE("every point is in exactly one block, whatever is refused") {
  RegisterMap map;
  for (std::uint16_t i = 0; i < 60; ++i)
    map.points.push_back(at(static_cast<std::uint16_t>(3 * i)));
  for (std::uint16_t hole = 0; hole < 178; hole = static_cast<std::uint16_t>(hole + 7)) {
    Plan plan = plan_of(map);
    Device device{.holes = {hole, static_cast<std::uint16_t>(hole + 2)}};
    while (device.poll(plan)) {
    }
    std::multiset<std::uint16_t> seen(plan.missing().begin(), plan.missing().end());
    for (const Block& block : plan.blocks()) {
      CHECK(device.has(block));
      seen.insert(block.points.begin(), block.points.end());
    }
    CHECK(seen.size() == map.points.size());
    CHECK(std::set(seen.begin(), seen.end()).size() == map.points.size());
  }
}
