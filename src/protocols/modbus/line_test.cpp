#include "protocols/modbus/line.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <doctest/doctest.h>

#include "io/sleep.hpp"
#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;
using bus::DeviceState;
using model::DeviceId;
using model::Quality;
using model::Validity;
using model::WriteState;

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
