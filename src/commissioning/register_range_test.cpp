#include "commissioning/register_range.hpp"

#include <doctest/doctest.h>

#include "commissioning/testing/bench.hpp"

using namespace iw;
using namespace iw::commissioning;
using enum modbus::Table;

namespace {

RegisterRange read(testing::Bench& bench, modbus::Table table, AddressRange range) {
  Link link(bench.network, bench.files, bench.target(1));
  RegisterRange result;
  const auto task = [](Link& on, modbus::Table of, AddressRange all, RegisterRange& into) -> io::Task<void> {
    LinkUnit unit(on, modbus::UnitId(1));
    into = co_await read_range(unit, of, all, {});
  };
  bench.run(task(link, table, range, result));
  return result;
}

void fill(sim::Device& device, modbus::Table table, std::uint16_t first, std::size_t count) {
  device.bank.add(table, first, count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto address = static_cast<std::uint16_t>(first + i);
    device.bank.at(table, address) = address;
  }
}

}  // namespace

TEST_CASE("a range without holes takes as few requests as the standard allows") {
  testing::Bench bench;
  sim::Device device;
  fill(device, holding_registers, 0, 300);
  bench.add(1, device);
  const RegisterRange all = read(bench, holding_registers, {0, 299});
  CHECK(all.requests == 3);
  CHECK(all.found() == 300);
  CHECK(all.registers[299] == 299);
  CHECK_FALSE(all.error);
}

TEST_CASE("holes are found exactly, and what is around them is read") {
  testing::Bench bench;
  sim::Device device;
  fill(device, input_registers, 10, 5);
  fill(device, input_registers, 16, 20);
  fill(device, input_registers, 90, 1);
  bench.add(1, device);
  const RegisterRange all = read(bench, input_registers, {0, 99});
  CHECK_FALSE(all.error);
  for (std::uint16_t address = 0; address < 100; ++address) {
    const bool there = (address >= 10 && address < 15) || (address >= 16 && address < 36) || address == 90;
    CAPTURE(address);
    CHECK(all.registers[address] == (there ? std::optional(address) : std::nullopt));
  }
}

TEST_CASE("a device that takes few registers at once is asked for few from then on") {
  testing::Bench bench;
  sim::Device device;
  fill(device, holding_registers, 0, 500);
  device.faults.max_registers = 16;
  bench.add(1, device);
  const RegisterRange all = read(bench, holding_registers, {0, 499});
  CHECK(all.found() == 500);
  CHECK(all.requests < 500 / 8);
}

TEST_CASE("the last register is reached") {
  testing::Bench bench;
  sim::Device device;
  fill(device, holding_registers, 65530, 6);
  bench.add(1, device);
  const RegisterRange all = read(bench, holding_registers, {65500, 65535});
  CHECK(all.found() == 6);
  CHECK(all.registers.back() == 65535);
}

TEST_CASE("silence ends it, with what was read until then") {
  testing::Bench bench;
  sim::Device device;
  device.faults.silent = true;
  bench.add(1, device);
  const RegisterRange all = read(bench, holding_registers, {0, 9999});
  REQUIRE(all.error);
  CHECK(all.error->kind == ErrorKind::timeout);
  CHECK(all.found() == 0);
  CHECK(all.requests == 2);
}

TEST_CASE("a link that breaks on the way is made anew for the next question") {
  testing::Bench bench;
  sim::Device device;
  fill(device, holding_registers, 0, 10);
  device.faults.reset_every = 2;
  bench.add(1, device);
  Link link(bench.network, bench.files, bench.target(1));
  std::vector<bool> answered;
  const auto task = [](Link& on, std::vector<bool>& into) -> io::Task<void> {
    for (int i = 0; i < 4; ++i) {
      const auto words = co_await on.read(modbus::UnitId(1), modbus::ReadRegisters{.address = 0, .count = 2});
      into.push_back(words.has_value());
    }
  };
  bench.run(task(link, answered));
  CHECK(answered == std::vector{true, false, true, false});
}
