#include <vector>

#include <doctest/doctest.h>

#include "protocols/modbus/line.hpp"
#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;
using bus::DeviceState;
using model::WriteState;

TEST_CASE("a device without a map is asked what it is, again and again until it says") {
  Site site;
  int asked = 0;
  LineDevice d = device(1, 1, {});
  d.discover = [&](UnitAccess& unit) -> io::Task<Result<RegisterMap>> {
    const auto reply =
        co_await unit.ask(ReadRegisters{.table = Table::holding_registers, .address = 40000, .count = 2});
    if (!reply) co_return fail(reply.error());
    if (++asked < 3) co_return fail(ErrorKind::not_found, "no SunSpec marker");
    RegisterMap map;
    map.points = {at(100)};
    co_return map;
  };
  site.line.add(d);
  site.run(30s);
  CHECK(asked == 3);
  CHECK(site.feed.states(1) == std::vector{DeviceState::offline, DeviceState::online});
  CHECK(site.feed.of(1, 0).back().quality.good());
  CHECK(site.feed.descriptions.size() == 1);
}

namespace {

// A device that is found in parts: its discovery reads one register, says what it has found so far, and may
// have been cut short.
struct FoundInParts {
  LineDevice device() {
    LineDevice d = testing::device(1, 1, {});
    d.map = nullptr;
    d.discover = [this](UnitAccess& unit) { return discover(unit); };
    return d;
  }
  io::Task<Result<RegisterMap>> discover(UnitAccess& unit) {
    const auto reply =
        co_await unit.ask(ReadRegisters{.table = Table::holding_registers, .address = 40000, .count = 2});
    asked.push_back(executor.now());
    if (!reply) co_return fail(reply.error());
    RegisterMap map;
    map.points = points;
    map.cut_short = cut_short;
    co_return map;
  }

  io::Executor& executor;
  std::vector<RegisterPoint> points;
  bool cut_short = true;
  std::vector<Instant> asked = {};
};

RegisterPoint setting_at(std::uint16_t address) {
  RegisterPoint point = at(address);
  point.point.name.quantity = model::Quantity::ActivePowerLimit;
  point.point.writable = true;
  return point;
}

}  // namespace

TEST_CASE("a device whose discovery was cut short is polled, and discovered again until it is whole") {
  Site site;
  FoundInParts found{.executor = site.executor, .points = {at(100)}};
  site.line.add(found.device());
  site.run(5s);
  CHECK(site.feed.of(1, 0).back().quality.good());
  CHECK(site.write(7, 1).state == WriteState::refused);

  found.points = {setting_at(300), at(100)};
  found.cut_short = false;
  site.run(10s);
  REQUIRE(site.feed.descriptions.size() == 2);
  // What was known keeps its number.
  CHECK(site.feed.descriptions[1].points[0].name.quantity == model::Quantity::ActivePower);
  CHECK(site.feed.of(1, 0).back().value == 100);
  CHECK(site.feed.of(1, 1).back().value == 300);
  CHECK(site.write(7, 1).state == WriteState::confirmed);
  site.run(1h);
  CHECK(found.asked.size() == 2);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
}

TEST_CASE("a device that stays cut short is looked at ever more rarely, and keeps the most that was found") {
  Site site;
  FoundInParts found{.executor = site.executor, .points = {at(100), setting_at(300)}};
  site.line.add(found.device());
  site.run(5s);
  found.points = {at(100)};
  site.run(1h);
  CHECK(found.asked.size() >= 10);
  CHECK(found.asked.size() <= 14);
  CHECK(site.feed.descriptions.size() == 1);
  CHECK(site.feed.of(1, 1).back().quality.good());
  CHECK(site.feed.of(1, 0).size() >= 3604);

  // It was away: the pauses begin anew.
  const std::size_t before = found.asked.size();
  site.fake.silent = {1};
  site.run(5min);
  CHECK(found.asked.size() == before);
  site.fake.silent = {};
  site.run(2min);
  CHECK(found.asked.size() >= before + 3);
}

TEST_CASE("a second look at one device costs no poll of the others") {
  Site site;
  site.fake.delay = 20ms;
  FoundInParts found{.executor = site.executor, .points = {at(100)}};
  LineDevice doubtful = found.device();
  site.line.add(doubtful);
  site.line.add(device(2, 2, {at(200)}));
  site.run(5s);
  const std::size_t before = site.feed.of(2, 0).size();
  site.run(10min);
  CHECK(found.asked.size() >= 5);
  CHECK(site.feed.of(2, 0).size() == before + 600);
  CHECK(site.line.skipped() == 0);
}

TEST_CASE(
    "devices that nobody has heard of, and that are silent, take the others a fifth of the time at most") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  std::map<std::uint8_t, int> asked;
  for (std::uint8_t unit = 2; unit < 10; ++unit) {
    site.fake.silent.insert(unit);
    LineDevice d = device(unit, unit, {});
    d.map = nullptr;
    d.discover = [&asked, unit](UnitAccess& access) -> io::Task<Result<RegisterMap>> {
      ++asked[unit];
      for (const unsigned base : {40000U, 0U, 50000U})
        co_await access.ask(ReadRegisters{
            .table = Table::holding_registers, .address = static_cast<std::uint16_t>(base), .count = 2});
      co_return fail(ErrorKind::timeout, "it is silent");
    };
    site.line.add(d);
  }
  site.run(30s);  // all of them are due at the start
  CHECK(site.feed.of(1, 0).size() >= 30 * 4 / 5);
  site.run(10min);
  CHECK(site.feed.of(1, 0).size() >= 630 * 4 / 5);
  CHECK(asked.size() == 8);
  for (const auto& [unit, times] : asked)
    CHECK(times >= 3);
}
