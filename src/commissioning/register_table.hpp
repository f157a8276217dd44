// RegisterTable: registers that nobody described, as each type that they could be, side by side; which of
// them move from one reading to the next; and guesses. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "commissioning/register_range.hpp"
#include "commissioning/value_guess.hpp"

namespace iw::commissioning {

constexpr std::array all_byte_orders{modbus::ByteOrder::abcd, modbus::ByteOrder::cdab,
                                     modbus::ByteOrder::badc, modbus::ByteOrder::dcba};

struct RegisterRow {
  std::uint16_t address = 0;
  std::uint16_t word = 0;
  std::optional<std::uint16_t> next;  // the one behind it, where there is one: for values of two registers
  std::uint32_t changes = 0;          // how often it was another than in the reading before
  int by = 0;                         // its last change, with sign
  std::optional<Guess> guess;         // of a value that begins here
};

class RegisterTable {
 public:
  // Readings of one range; one that ended early keeps what was known.
  void take(const RegisterRange& read);

  [[nodiscard]] std::size_t readings() const { return readings_; }
  // In the order of the addresses; those that the device does not have are not there.
  [[nodiscard]] std::vector<RegisterRow> rows() const;

 private:
  struct Movement {
    std::uint32_t changes = 0;
    int by = 0;
  };

  RegisterRange last_;
  std::vector<Movement> movements_;
  std::size_t readings_ = 0;
};

// [{"address", "value", "i16", "text", "u32": {"abcd": ...}, "i32", "f32", "moved", "changes", "guess"}]:
// what needs a second register only where there is one, a float only where it is a number, what moved only
// after a second reading.
nlohmann::ordered_json to_json(const RegisterTable& table);

}  // namespace iw::commissioning
