#include "protocols/modbus/line.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;
using bus::DeviceState;
using model::DeviceId;
using model::Validity;

TEST_CASE("a device is described, comes online, and its points arrive at their rates") {
  Site site;
  site.line.add(device(1, 1, {at(100), at(101), at(500, model::RateClass::normal)}));
  site.run(10s);
  REQUIRE(site.feed.descriptions.size() == 1);
  CHECK(site.feed.descriptions[0].points.size() == 3);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
  CHECK(site.feed.of(1, 0).size() == 10);
  CHECK(site.feed.of(1, 2).size() == 3);
  CHECK(site.feed.of(1, 1).back().value == 101);
  CHECK(site.feed.of(1, 1).back().quality.good());
}

TEST_CASE("the last requests are known with what became of them, and how long each device takes") {
  Site site;
  site.fake.delay = 30ms;
  site.fake.silent = {2};
  site.line.add(device(1, 1, {at(100), at(101)}));
  site.line.add(device(2, 2, {at(200)}));
  site.run(10s);
  const auto recent = site.line.recent_requests();
  const auto of = [&](std::uint16_t id, driver::RequestOutcome outcome) {
    return std::ranges::find_if(recent, [&](const driver::RequestRecord& record) {
      return record.device == DeviceId(id) && record.outcome == outcome;
    });
  };
  const auto answered = of(1, driver::RequestOutcome::answered);
  REQUIRE(answered != recent.end());
  CHECK(answered->asked.function == 3);
  CHECK(answered->asked.first == 100);
  CHECK(answered->asked.count == 2);
  CHECK(answered->took == 30ms);
  CHECK(answered->request.size == 12);
  CHECK(answered->answer.size == 6);  // function, length, two registers
  CHECK(of(2, driver::RequestOutcome::timeout) != recent.end());
  CHECK(of(2, driver::RequestOutcome::answered) == recent.end());

  CHECK(site.line.latency().at(DeviceId(1)).count() == site.feed.of(1, 0).size());
  CHECK_FALSE(site.line.latency().contains(DeviceId(2)));
  site.line.remove(DeviceId(1));
  CHECK(site.line.latency().empty());
  site.run(1s);  // an answer that was under way to it is nobody's
  CHECK(std::ranges::none_of(site.line.recent_requests(), [](const driver::RequestRecord& record) {
    return record.device == DeviceId(1);
  }));
}

TEST_CASE("a refusal, and what is lost with the connection, are told too") {
  Site site;
  site.fake.exception = ExceptionCode::server_device_busy;
  site.line.add(device(1, 1, {at(100)}));
  site.run(2s);
  CHECK(site.line.recent_requests().front().outcome == driver::RequestOutcome::refused);
  site.fake.exception = {};
  site.fake.silent = {1};
  site.run(3s);
  site.fake.hang_up();
  site.run(100ms);
  const auto recent = site.line.recent_requests();
  CHECK(std::ranges::none_of(recent, [](const driver::RequestRecord& record) {
    return record.outcome == driver::RequestOutcome::under_way;
  }));
}

TEST_CASE("the registers of each point are kept from the first question on") {
  Site site;
  RegisterPoint wide = at(110);
  wide.type = ValueType::u32;
  wide.point.source = "holding 110";
  site.line.add(device(1, 1, {at(100), wide}));
  site.run(3s);
  CHECK(site.line.raw_points(DeviceId(1)).empty());
  site.run(3s);
  const auto raw = site.line.raw_points(DeviceId(1));
  REQUIRE(raw.size() == 2);
  CHECK(raw[0].words == std::vector<std::uint16_t>{100});
  CHECK(raw[1].index == 1);
  CHECK(raw[1].source == "holding 110");
  CHECK(raw[1].words == std::vector<std::uint16_t>{110, 111});
  CHECK(site.line.raw_points(DeviceId(9)).empty());
}

TEST_CASE("near points travel in one request") {
  Site site;
  site.line.add(device(1, 1, {at(100), at(105), at(110)}));
  site.run(5s);
  CHECK(site.fake.seen.size() == 5);
}

TEST_CASE("polls keep their period to the millisecond, whatever the answer takes") {
  Site site;
  site.fake.delay = 300ms;
  site.line.add(device(1, 1, {at(100)}));
  site.run(20s);
  for (std::size_t i = 1; i < site.fake.seen.size(); ++i) {
    CHECK(site.fake.seen[i].at - site.fake.seen[i - 1].at == 1s);
  }
  CHECK(site.fake.seen.size() >= 19);
}

TEST_CASE("start-up with the device off: it is said to be offline and why, and comes online by itself") {
  Site site;
  site.network.on = false;
  site.line.add(device(1, 1, {at(100)}));
  site.run(5s);
  CHECK(site.feed.states(1) == std::vector{DeviceState::offline});
  CHECK(site.feed.events[0].reason.find("nobody listens") != std::string::npos);
  CHECK(site.feed.of(1, 0).back().quality.validity() == Validity::invalid);
  site.network.on = true;
  site.run(40s);
  CHECK(site.feed.states(1) == std::vector{DeviceState::offline, DeviceState::online});
  CHECK(site.feed.of(1, 0).back().quality.good());
}

TEST_CASE(
    "a unit that falls silent becomes old at once, then offline, is probed ever more rarely, and comes "
    "back") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.line.add(device(2, 2, {at(100)}));
  site.run(5s);
  site.fake.silent = {2};
  site.run(2500ms);
  CHECK(site.feed.of(2, 0).back().quality.has(model::Detail::old_data));
  CHECK(site.feed.of(2, 0).back().quality.validity() == Validity::questionable);
  site.run(10s);
  CHECK(site.feed.states(2) == std::vector{DeviceState::online, DeviceState::offline});
  CHECK(site.feed.of(2, 0).back().quality.validity() == Validity::invalid);
  const std::size_t before = site.fake.count(2);
  site.run(5min);
  CHECK(site.fake.count(2) - before <= 10);
  site.fake.silent = {};
  site.run(65s);
  CHECK(site.feed.states(2).back() == DeviceState::online);
  CHECK(site.feed.of(2, 0).back().quality.good());
}

TEST_CASE(
    "behind a gateway two dead units of ten cost the others little, and never two requests are under way") {
  Site site;
  site.fake.delay = 20ms;
  site.fake.silent = {9, 10};
  for (std::uint8_t unit = 1; unit <= 10; ++unit)
    site.line.add(device(unit, unit, {at(100)}));
  site.run(2min);
  CHECK(site.fake.most_at_once == 1);
  for (std::uint8_t unit = 1; unit <= 8; ++unit)
    CHECK(site.feed.of(unit, 0).size() >= 96);  // of 120
  CHECK(site.line.counters().connects == 1);
}

TEST_CASE("a unit that is dead from the start does not keep the others waiting, however many reads it has") {
  Site site;
  site.fake.silent = {2};
  for (const std::uint8_t unit : std::vector<std::uint8_t>{2, 1})
    site.line.add(device(unit, unit, {at(100), at(500), at(1000), at(1500), at(2000)}));
  site.run(60s);
  REQUIRE_FALSE(site.feed.of(1, 0).empty());
  CHECK(site.feed.of(1, 0).front().received <= Instant(1500ms));
  CHECK(site.feed.of(1, 4).front().received <= Instant(1500ms));
  CHECK(site.line.counters().connects == 1);
  const auto& samples = site.feed.of(1, 0);
  CHECK(samples.size() >= 48);
  for (std::size_t i = 1; i < samples.size(); ++i)
    CHECK(samples[i].received - samples[i - 1].received <= 2100ms);
}

TEST_CASE("probes of a dead unit do not end a connection on which another is seldom asked") {
  Site site;
  site.line.add(device(1, 1, {at(100, model::RateClass::constant)}));
  site.line.add(device(2, 2, {at(100)}));
  site.run(10s);
  site.fake.silent = {2};
  site.run(10min);
  CHECK(site.line.counters().connects == 1);
  CHECK(site.feed.of(1, 0).back().quality.good());
  CHECK(site.feed.states(2).back() == DeviceState::offline);
}

TEST_CASE("a unit that is asked what it is and never says costs the others little") {
  Site site;
  site.fake.silent = {2};
  LineDevice d = device(2, 2, {});
  d.discover = [](UnitAccess& unit) -> io::Task<Result<RegisterMap>> {
    Error last;
    for (const unsigned base : {40000U, 0U, 50000U}) {
      const auto reply = co_await unit.ask(ReadRegisters{
          .table = Table::holding_registers, .address = static_cast<std::uint16_t>(base), .count = 2});
      if (reply) co_return RegisterMap{};
      last = reply.error();
    }
    co_return fail(last);
  };
  site.line.add(d);
  site.line.add(device(1, 1, {at(100), at(500)}));
  site.run(2min);
  CHECK(site.feed.of(1, 0).size() >= 96);  // of 120
  CHECK(site.feed.of(1, 0).front().received <= Instant(2s));
  CHECK(site.line.counters().connects == 1);
  CHECK(site.feed.states(2) == std::vector{DeviceState::offline});
}

TEST_CASE("a lost connection makes values old, and is opened again") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.run(3s);
  site.fake.hang_up();
  site.run(100ms);
  CHECK(site.feed.of(1, 0).back().quality.has(model::Detail::old_data));
  site.run(3s);
  CHECK(site.feed.of(1, 0).back().quality.good());
  CHECK(site.line.counters().connects == 2);
  CHECK(site.feed.states(1) == std::vector{DeviceState::online});
}

TEST_CASE("a device that answers nonsense is offline and says so, and comes back when it talks sense") {
  Site site;
  SUBCASE("from the start") {
    site.fake.nonsense = true;
    site.line.add(device(1, 1, {at(100)}));
    site.run(3s);
    CHECK(site.feed.states(1) == std::vector{DeviceState::offline});
  }
  SUBCASE("all of a sudden") {
    site.line.add(device(1, 1, {at(100)}));
    site.run(3s);
    site.fake.nonsense = true;
    site.run(5s);
    CHECK(site.feed.states(1) == std::vector{DeviceState::online, DeviceState::offline});
    CHECK(site.feed.of(1, 0).back().quality.validity() == Validity::invalid);
  }
  CHECK(site.feed.events.back().reason.find("this is not a Modbus TCP stream") != std::string::npos);
  CHECK(site.network.attempts < 8);
  site.fake.nonsense = false;
  site.run(60s);
  CHECK(site.feed.states(1).back() == DeviceState::online);
  CHECK(site.feed.of(1, 0).back().quality.good());
}

TEST_CASE("a device that is offline for a new reason says the new one") {
  Site site;
  site.network.on = false;
  site.line.add(device(1, 1, {at(100)}));
  site.run(15s);
  CHECK(site.feed.events.size() == 1);
  site.network.on = true;
  site.fake.silent = {1};
  site.run(2min);
  REQUIRE(site.feed.events.size() == 2);
  CHECK(site.feed.events.back().state == DeviceState::offline);
  CHECK(site.feed.events.back().reason.find("did not answer") != std::string::npos);
}

TEST_CASE("a half-open connection is noticed within three polls and opened anew") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.run(3s);
  site.fake.silent = {1};
  site.run(6s);
  CHECK(site.line.counters().connects >= 2);
  site.fake.silent = {};
  site.run(40s);
  CHECK(site.feed.of(1, 0).back().quality.good());
}

TEST_CASE("a device that accepts and never answers is not connected to more and more often") {
  Site site;
  site.fake.silent = {1};
  site.line.add(device(1, 1, {at(100)}));
  site.run(10min);
  CHECK(site.network.attempts < 40);
}

TEST_CASE("devices are added, removed and added again while the line runs, and the others do not notice") {
  Site site;
  site.line.add(device(1, 1, {at(100)}));
  site.run(5500ms);
  site.line.add(device(2, 2, {at(200)}));
  site.run(5s);
  CHECK(site.feed.of(2, 0).size() >= 4);
  site.line.remove(DeviceId(2));
  CHECK(site.feed.states(2).back() == DeviceState::removed);
  const std::size_t polls = site.fake.count(2);
  site.run(5s);
  CHECK(site.fake.count(2) == polls);
  CHECK(site.feed.of(1, 0).size() >= 15);
  CHECK(site.line.counters().connects == 1);
}

TEST_CASE("pipelining: a wider window is tried out when it is allowed") {
  Site site({.in_flight = 4});
  site.fake.delay = 20ms;
  std::vector<RegisterPoint> points;
  for (std::uint16_t i = 0; i < 12; ++i)
    points.push_back(at(static_cast<std::uint16_t>(200 * i)));
  site.line.add(device(1, 1, points));
  site.run(20s);
  CHECK(site.line.window() == 4);
  CHECK(site.fake.most_at_once == 4);
}

TEST_CASE("pipelining: a device that serves one at a time is found out, and no poll is lost") {
  Site site({.in_flight = 4});
  site.fake.delay = 20ms;
  site.fake.one_at_a_time = true;
  std::vector<RegisterPoint> points;
  for (std::uint16_t i = 0; i < 6; ++i)
    points.push_back(at(static_cast<std::uint16_t>(200 * i)));
  site.line.add(device(1, 1, points));
  site.run(30s);
  CHECK(site.line.window() == 1);
  for (std::uint16_t i = 0; i < 6; ++i) {
    CHECK(site.feed.of(1, i).size() >= 28);
    CHECK(std::ranges::all_of(site.feed.of(1, i), [](const auto& sample) { return sample.quality.good(); }));
  }
}

TEST_CASE("connect delay and gap are kept") {
  Site site({.connect_delay = 1s, .gap = 50ms});
  site.line.add(device(1, 1, {at(100), at(500)}));
  site.run(10s);
  REQUIRE(site.fake.seen.size() > 4);
  CHECK(site.fake.seen[0].at >= Instant(1s));
  for (std::size_t i = 1; i < site.fake.seen.size(); ++i)
    CHECK(site.fake.seen[i].at - site.fake.seen[i - 1].at >= 50ms);
}

TEST_CASE("an RTU line keeps its gap also between a fence and the question behind it") {
  Site site({.address = {.transport = Transport::rtu_over_tcp}, .timeout = 200ms, .gap = 100ms});
  site.fake.rtu = true;
  site.fake.delay = 150ms;
  site.line.add(device(1, 1, {at(100), at(101)}));
  site.run(3s);
  REQUIRE(site.feed.of(1, 0).back().quality.good());
  site.fake.silent = {1};
  site.run(1s);
  const std::uint64_t timeouts = site.line.counters().timeouts;
  REQUIRE(timeouts > 0);
  site.fake.silent.clear();
  const std::size_t before = site.fake.seen.size();
  site.run(3s);
  REQUIRE(site.fake.seen.size() >= before + 2);
  const auto& fence = site.fake.seen[before];
  const auto& question = site.fake.seen[before + 1];
  CHECK(std::get<ReadRegisters>(fence.request).count == 1);
  CHECK(std::get<ReadRegisters>(question.request).count == 2);
  CHECK(question.at - fence.at == 250ms);
  CHECK(site.line.counters().timeouts == timeouts);
  CHECK(site.feed.of(1, 0).back().quality.good());
}
