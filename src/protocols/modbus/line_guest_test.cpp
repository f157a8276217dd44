#include <vector>

#include <doctest/doctest.h>

#include "protocols/modbus/line.hpp"
#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;
using bus::DeviceState;

namespace {

// Somebody who looks for units on a line that runs, one after the other.
io::Task<void> look_around(Line& line, std::vector<std::uint8_t> units, std::vector<Result<ReplyPdu>>& out) {
  for (const std::uint8_t unit : units) {
    out.push_back(co_await line.ask(
        UnitId(unit), ReadRegisters{.table = Table::holding_registers, .address = 0, .count = 1},
        Turn::between_polls, 1s));
  }
}

}  // namespace

TEST_CASE("a guest asks between the polls, and no poll misses its slot for units that are silent") {
  Site site;
  site.fake.delay = 20ms;
  site.line.add(device(1, 1, {at(100)}));
  site.line.add(device(2, 2, {at(200)}));
  site.run(5s);
  std::vector<std::uint8_t> units;
  for (std::uint8_t unit = 3; unit < 30; ++unit)
    units.push_back(unit);
  site.fake.silent = {units.begin(), units.end()};
  site.fake.silent.erase(7);
  site.fake.seen.clear();
  std::vector<Result<ReplyPdu>> found;
  site.tasks.spawn(look_around(site.line, units, found));
  const Instant began = site.executor.now();
  site.run(30s);

  REQUIRE(found.size() == units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    CAPTURE(units[i]);
    CHECK(found[i].has_value() == (units[i] == 7));
    if (!found[i]) CHECK(found[i].error().kind == ErrorKind::timeout);
  }
  CHECK(site.line.skipped() == 0);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
  for (const std::uint8_t unit : std::initializer_list<std::uint8_t>{1, 2}) {
    std::vector<Instant> polls;
    for (const FakeDevice::Seen& seen : site.fake.seen)
      if (seen.unit == unit) polls.push_back(seen.at);
    CHECK(polls.size() >= 29);
    for (std::size_t i = 1; i < polls.size(); ++i)
      CHECK(polls[i] - polls[i - 1] <= 1500ms);  // half a period late at most
  }
  CHECK(site.fake.seen.back().at - began <= 30s);
}

TEST_CASE(
    "a guest waits as long as he likes for a line that polls seldom, and briefly for one that polls often") {
  using Case = std::pair<Duration, Duration>;
  for (const auto& [period, waits] : {Case(10s, 1000ms), Case(400ms, 200ms)}) {
    Site site;
    RegisterPoint point = at(100);
    point.period = period;
    site.line.add(device(1, 1, {point}));
    site.run(5s);
    site.fake.silent = {9};
    std::vector<Result<ReplyPdu>> found;
    site.tasks.spawn(look_around(site.line, {9}, found));
    site.run(3s);
    REQUIRE(found.size() == 1);
    CHECK(found[0].error().message == fmt::format("the unit did not answer within {} ms", waits / 1ms));
  }
}

TEST_CASE("a guest for whom the polls leave no time is told so") {
  Site site;
  site.fake.delay = 600ms;
  site.line.add(device(1, 1, {at(100)}));
  site.line.add(device(2, 2, {at(100)}));
  site.run(5s);
  std::vector<Result<ReplyPdu>> found;
  site.tasks.spawn(look_around(site.line, {9}, found));
  site.run(11s);
  REQUIRE(found.size() == 1);
  CHECK(found[0].error().kind == ErrorKind::busy);
  CHECK(found[0].error().message == "line has no time for other questions: its polls fill it");
  CHECK(site.fake.count(9) == 0);
}

TEST_CASE("a guest learns that the connection is lost") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.run(5s);
  site.fake.silent = {9};
  std::vector<Result<ReplyPdu>> found;
  site.tasks.spawn(look_around(site.line, {9, 10}, found));
  site.run(50ms);
  site.network.on = false;
  site.fake.hang_up();
  site.run(1s);
  REQUIRE(found.size() == 2);
  CHECK(found[0].error().message.contains("not connected"));
  CHECK(found[1].error().message.contains("not connected"));
}
