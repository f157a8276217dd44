// What a line makes of each exception.
#include <doctest/doctest.h>

#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;
using bus::DeviceState;

TEST_CASE("a unit that the gateway calls dead (0B) is given up alone") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.run(3s);
  site.fake.exception = ExceptionCode::gateway_target_failed_to_respond;
  site.run(10s);
  CHECK(site.feed.states(1).back() == DeviceState::offline);
  CHECK(site.feed.events.back().reason.find("MODBUS_EXC_GATEWAY_TARGET") != std::string::npos);
  CHECK(site.line.counters().connects == 1);
}

TEST_CASE("a hole is found and remembered, and the device stays online") {
  Site site;
  std::vector<RegisterPoint> points;
  for (std::uint16_t i = 0; i < 20; ++i)
    points.push_back(at(static_cast<std::uint16_t>(100 + i)));
  site.fake.holes = {107};
  site.line.add(device(1, 1, points));
  site.run(10s);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
  CHECK(site.feed.of(1, 7).back().quality.has(model::Detail::bad_reference));
  CHECK(site.feed.of(1, 6).back().quality.good());
  CHECK(site.feed.of(1, 8).back().quality.good());
  CHECK(site.log.count("has no ActivePower at address 107") == 1);
  const std::uint64_t exceptions = site.line.counters().exceptions;
  site.run(1min);
  CHECK(site.line.counters().exceptions == exceptions);
}

TEST_CASE("a gateway that is overloaded (0A) gets a pause from all units, and ever longer ones") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.line.add(device(2, 2, {at(200)}));
  site.run(10s);
  const std::size_t before = site.fake.seen.size();
  CHECK(before >= 18);
  site.fake.exception = ExceptionCode::gateway_path_unavailable;
  site.run(20s);
  CHECK(site.fake.seen.size() - before <= 20);  // of 40
  for (std::size_t i = before + 3; i < site.fake.seen.size(); ++i)
    CHECK(site.fake.seen[i].at - site.fake.seen[i - 1].at >= 300ms);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
  site.fake.exception.reset();
  site.run(70s);
  CHECK(site.feed.of(1, 0).back().quality.good());
  CHECK(site.feed.of(2, 0).back().quality.good());
}

TEST_CASE("units that the gateway has no route to (0A) are given up, and cost the others nothing") {
  Site site;
  for (std::uint8_t unit = 1; unit <= 6; ++unit)
    site.line.add(device(unit, unit, {at(100)}));
  site.fake.without_path = {2, 3, 4, 5, 6};
  site.run(10s);
  const std::size_t healthy = site.fake.count(1);
  const std::size_t all = site.fake.seen.size();
  site.run(60s);
  CHECK(site.fake.count(1) - healthy >= 59);
  CHECK(site.fake.seen.size() - all <= 100);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
  for (std::uint16_t id = 2; id <= 6; ++id)
    CHECK(site.feed.states(id) == std::vector{DeviceState::offline});
  CHECK(site.feed.events.back().reason.find("MODBUS_EXC_GATEWAY_PATH") != std::string::npos);
}

TEST_CASE("a unit that the gateway loses its route to (0A) is lost, and comes back with the route") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.line.add(device(2, 2, {at(200)}));
  site.run(10s);
  site.fake.without_path = {2};
  const std::size_t before = site.fake.count(1);
  site.run(30s);
  CHECK(site.fake.count(1) - before >= 28);
  CHECK(site.feed.states(2) == std::vector{DeviceState::online, DeviceState::offline});
  site.fake.without_path.clear();
  site.run(60s);
  CHECK(site.feed.states(2).back() == DeviceState::online);
  CHECK(site.feed.of(2, 0).back().quality.good());
}

TEST_CASE("the only unit of a gateway that has no route to it (0A) was not heard of") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.fake.without_path = {1};
  site.run(30s);
  CHECK(site.feed.states(1) == std::vector{DeviceState::offline});
}

TEST_CASE("a device that finds its memory damaged (08) is an alarm until it can read it again") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.run(3s);
  site.fake.exception = ExceptionCode::memory_parity_error;
  site.run(10s);
  REQUIRE(site.feed.alarms.size() == 1);
  REQUIRE(site.feed.alarms[0].active.size() == 1);
  CHECK(site.feed.alarms[0].active[0].what == "holding registers from 100 on");
  CHECK(site.feed.alarms[0].active[0].message.find("MODBUS_EXC_MEMORY_PARITY_ERROR") != std::string::npos);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
  site.fake.exception.reset();
  site.run(1min);
  REQUIRE(site.feed.alarms.size() == 2);
  CHECK(site.feed.alarms[1].active.empty());
}
