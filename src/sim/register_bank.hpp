// RegisterBank: the four tables of a device (MODBUS Application Protocol 4.3), sparse: what was not added is
// not there.
//
// Registers are in host order; a coil or discrete input is a register that is 0 or 1.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "protocols/modbus/registers.hpp"

namespace iw::sim {

using modbus::Table;

enum class Access : std::uint8_t { read_only, read_write };

class RegisterBank {
 public:
  // Makes the addresses exist, zero; those that exist keep their value. Ranges that touch become one, so that
  // a read may cross them.
  void add(Table table, std::uint16_t first, std::size_t count, Access access = Access::read_only);

  // The registers, or an empty span when one of them is not there. Good until the next add().
  [[nodiscard]] std::span<std::uint16_t> find(Table table, std::uint16_t first, std::size_t count);
  [[nodiscard]] std::span<const std::uint16_t> find(Table table, std::uint16_t first,
                                                    std::size_t count) const;
  [[nodiscard]] bool writable(Table table, std::uint16_t first, std::size_t count) const;

  // For devices that fill their own registers: the address must be there.
  std::uint16_t& at(Table table, std::uint16_t address);
  [[nodiscard]] std::uint16_t at(Table table, std::uint16_t address) const;

 private:
  struct Range {
    std::size_t first = 0;
    std::vector<std::uint16_t> values;
    std::vector<Access> access;

    [[nodiscard]] std::size_t end() const { return first + values.size(); }
  };

  [[nodiscard]] const Range* range_of(Table table, std::size_t first, std::size_t count) const;

  std::array<std::vector<Range>, 4> tables_;  // by Table; sorted, never touching
};

}  // namespace iw::sim
