#include "gateway/commands/write_plan.hpp"

#include <doctest/doctest.h>

#include "commissioning/readings.hpp"
#include "commissioning/testing/bench.hpp"

using namespace iw;
using namespace iw::gateway;
using namespace iw::commissioning;
using modbus::WriteOutcome;
using modbus::WritePlan;
using model::WriteState;
using Words = std::vector<std::uint16_t>;
using enum modbus::Table;

namespace {

// A device that makes of a write what it likes.
class Stubborn final : public sim::Device {
 public:
  std::optional<std::uint16_t> shows;  // instead of what was written to register 0
  bool silent_after = false;

  void written(const sim::RegisterWrite& /*write*/, Instant /*now*/) override {
    if (shows) bank.at(holding_registers, 0) = *shows;
    if (silent_after) faults.silent = true;
  }
};

struct Fixture : commissioning::testing::Bench {
  Fixture() {
    device.bank.add(holding_registers, 0, 8, sim::Access::read_write);
    device.bank.add(coils, 0, 8, sim::Access::read_write);
    device.bank.at(holding_registers, 0) = 100;
    add(1, device);
  }

  WriteOutcome write(const WritePlan& plan, Words before) {
    Link link(network, files, target(1));
    WriteOutcome outcome;
    const auto task = [](Link& on, WritePlan what, Words showed, WriteOutcome& into) -> io::Task<void> {
      LinkUnit unit(on, modbus::UnitId(1));
      into = co_await write_verified(unit, on.executor(), what, showed);
    };
    run(task(link, plan, before, outcome));
    return outcome;
  }
  WriteOutcome write_words(std::uint16_t address, const Words& words) {
    Words held;
    for (std::size_t i = 0; i < words.size(); ++i) {
      held.push_back(device.bank.at(holding_registers, static_cast<std::uint16_t>(address + i)));
    }
    return write(plan_words(holding_registers, address, words, true), held);
  }

  Stubborn device;
};

}  // namespace

TEST_CASE("a write is confirmed when the device shows it, and is sent once") {
  Fixture f;
  const WriteOutcome outcome = f.write_words(0, {4711});
  CHECK(outcome.state == WriteState::confirmed);
  CHECK(outcome.read_back == Words{4711});
  CHECK(f.device.counters.writes == 1);
  CHECK(f.write_words(2, {1, 2, 3}).state == WriteState::confirmed);
  CHECK(f.device.bank.at(holding_registers, 4) == 3);
}

TEST_CASE("a device that goes on as before has not followed") {
  Fixture f;
  f.device.shows = 100;
  const WriteOutcome outcome = f.write_words(0, {4711});
  CHECK(outcome.state == WriteState::not_followed);
  CHECK(outcome.read_back == Words{100});
  CHECK(f.device.counters.writes == 1);
}

TEST_CASE("a device that takes another value has limited it") {
  Fixture f;
  f.device.shows = 4000;
  const WriteOutcome outcome = f.write_words(0, {4711});
  CHECK(outcome.state == WriteState::limited);
  CHECK(outcome.read_back == Words{4000});
}

TEST_CASE("a write whose answer is missing is unknown, and not sent again") {
  Fixture f;
  f.device.silent_after = true;
  const WriteOutcome outcome = f.write_words(0, {4711});
  CHECK(outcome.state == WriteState::unknown);
  REQUIRE(outcome.error);
  CHECK(outcome.error->kind == ErrorKind::timeout);
  CHECK(f.device.counters.writes == 1);
}

TEST_CASE("a refused write is refused, with the exception of the standard") {
  Fixture f;
  const WriteOutcome outcome = f.write(plan_words(holding_registers, 100, {1}, true), {});
  CHECK(outcome.state == WriteState::refused);
  REQUIRE(outcome.error);
  CHECK(outcome.error->message.contains("MODBUS_EXC_ILLEGAL_DATA_ADDRESS"));
  CHECK(f.device.counters.writes == 0);
}

TEST_CASE("coils, one and many") {
  Fixture f;
  CHECK(f.write(plan_words(coils, 2, {1}, true), {0}).state == WriteState::confirmed);
  CHECK(f.write(plan_words(coils, 3, {1, 0, 1}, true), {0, 0, 0}).state == WriteState::confirmed);
  CHECK(f.device.bank.at(coils, 5) == 1);
}

TEST_CASE("a mask changes its own bits, and the whole register must show it") {
  Fixture f;
  f.device.bank.at(holding_registers, 1) = 0x00F0;
  const modbus::MaskWriteRegister mask{.address = 1, .and_mask = 0xFFFE, .or_mask = 0x0001};
  CHECK(f.write(plan_mask(mask, {0x00F0}), {0x00F0}).state == WriteState::confirmed);
  CHECK(f.device.bank.at(holding_registers, 1) == 0x00F1);
}

TEST_CASE("a single register is written with 06, or with 16 when that is wanted") {
  CHECK(
      std::holds_alternative<modbus::WriteSingleRegister>(plan_words(holding_registers, 0, {1}, true).write));
  CHECK(std::holds_alternative<modbus::WriteMultipleRegisters>(
      plan_words(holding_registers, 0, {1}, false).write));
  CHECK(std::holds_alternative<modbus::WriteSingleCoil>(plan_words(coils, 0, {1}, false).write));
}

TEST_CASE("the value of a point is scaled by the register that holds its exponent") {
  const modbus::RegisterPoint point{.point = {.writable = true},
                                    .address = 4,
                                    .type = modbus::ValueType::i16,
                                    .scale_register = modbus::ScaleRegister{7}};
  const Place place = place_of(point);
  CHECK(std::get<modbus::ReadRegisters>(place.read).count == 4);
  CHECK(place.scale_offset == 3);
  const auto plan = plan_value(point, {}, 1500, {0, 0, 0, 2});
  REQUIRE(plan);
  CHECK(plan->expected == Words{15});
  CHECK(plan->offset == 0);
  CHECK_FALSE(plan_value(point, {}, 1500, {}));  // the exponent is not known

  Fixture f;
  f.device.bank.at(holding_registers, 7) = 2;
  CHECK(f.write(*plan, {0}).state == WriteState::confirmed);
  CHECK(f.device.bank.at(holding_registers, 4) == 15);
}

TEST_CASE("points are read in one sweep, and a missing one does not spoil its neighbours") {
  Fixture f;
  modbus::RegisterMap map;
  const auto add = [&](std::string_view name, std::uint16_t address) {
    map.points.push_back(
        {.point = {.name = model::parse_point_name(name).value(), .source = "x"}, .address = address});
  };
  add("ActivePower", 0);
  add("Frequency", 1);
  add("StateOfCharge", 12);
  f.device.bank.at(holding_registers, 1) = 50;
  Link link(f.network, f.files, f.target(1));
  Readings readings;
  const auto task = [](Link& on, modbus::RegisterMap of, Readings& into) -> io::Task<void> {
    LinkUnit unit(on, modbus::UnitId(1));
    into = co_await read_points(unit, of);
  };
  f.run(task(link, map, readings));
  REQUIRE(readings.points.size() == 3);
  CHECK(readings.points[0].value == 100);
  CHECK(readings.points[1].value == 50);
  CHECK_FALSE(readings.points[2].quality.good());
  CHECK(readings.good() == 2);
  CHECK_FALSE(readings.error);

  f.device.faults.silent = true;
  f.run(task(link, map, readings));
  CHECK(readings.good() == 0);
  REQUIRE(readings.error);
  CHECK(readings.error->kind == ErrorKind::timeout);
}

TEST_CASE("points are chosen by name and role, and a slip of the pen is corrected") {
  modbus::RegisterMap map;
  map.points.push_back({.point = {.name = model::parse_point_name("ActivePower").value()}});
  map.points.push_back(
      {.point = {.name = model::parse_point_name("ActivePower").value(), .role = "battery"}});
  CHECK(select_points(map, {}).value().points.size() == 2);
  CHECK(select_points(map, {"battery/ActivePower"}).value().points.at(0).point.role == "battery");
  CHECK(select_points(map, {"battery: ActivePower", "ActivePower"}).value().points.size() == 2);
  CHECK(select_points(map, {"ActivPower"}).error().message.contains("did you mean 'ActivePower'?"));
}
