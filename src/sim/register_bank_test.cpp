#include "sim/register_bank.hpp"

#include <stdexcept>

#include <doctest/doctest.h>

using namespace iw::sim;
using enum iw::modbus::Table;

TEST_CASE("only what was added is there, and tables do not mix") {
  RegisterBank bank;
  bank.add(holding_registers, 10, 5);
  CHECK(bank.find(holding_registers, 10, 5).size() == 5);
  CHECK(bank.find(holding_registers, 9, 1).empty());
  CHECK(bank.find(holding_registers, 14, 2).empty());
  CHECK(bank.find(input_registers, 10, 1).empty());
  CHECK_THROWS_AS(bank.at(holding_registers, 15), std::out_of_range);
}

TEST_CASE("ranges that touch or overlap are one, and keep values and access") {
  RegisterBank bank;
  bank.add(holding_registers, 10, 5);
  bank.at(holding_registers, 12) = 7;
  bank.add(holding_registers, 20, 2, Access::read_write);
  CHECK(bank.find(holding_registers, 10, 12).empty());
  bank.add(holding_registers, 15, 5);  // closes the gap
  CHECK(bank.find(holding_registers, 10, 12).size() == 12);
  bank.add(holding_registers, 11, 2, Access::read_write);  // over what is there
  CHECK(bank.at(holding_registers, 12) == 7);
  CHECK(bank.writable(holding_registers, 11, 2));
  CHECK(bank.writable(holding_registers, 20, 2));
  CHECK_FALSE(bank.writable(holding_registers, 12, 2));
  CHECK_FALSE(bank.writable(holding_registers, 19, 2));
  CHECK_FALSE(bank.writable(holding_registers, 22, 1));
}

TEST_CASE("the last address of a table can exist") {
  RegisterBank bank;
  bank.add(coils, 65535, 1, Access::read_write);
  CHECK(bank.find(coils, 65535, 1).size() == 1);
  CHECK(bank.find(coils, 65535, 2).empty());
}
