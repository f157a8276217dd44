// Value guess: what lies in registers that nobody has described. Pure.
//
// A guess is a hint for the one who writes a profile, never a fact: floats whose size makes sense in the
// field (the frequency and voltages of a grid most of all), texts, and the bit patterns that usually mean
// "not available".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/modbus/registers.hpp"

namespace iw::commissioning {

struct Guess {
  std::size_t first = 0;  // of the span
  std::size_t registers = 1;
  modbus::ValueType type{};
  modbus::ByteOrder order{};
  double scale = 1;
  std::optional<double> value = {};  // scaled; none of a text, and of what is not available
  std::string text = {};
  std::string_view meaning = {};  // "frequency, Hz", "not available"; may be empty

  // "f32 cdab 49.98: frequency, Hz?"
  [[nodiscard]] std::string in_words() const;
};

// The guesses, in order, none across another. What is not there is none.
std::vector<Guess> guess(std::span<const std::optional<std::uint16_t>> registers);

// Two registers as a number of 32 bits in one of the four word orders; as a float.
std::uint32_t as_u32(std::uint16_t first, std::uint16_t second, modbus::ByteOrder order);
float as_f32(std::uint16_t first, std::uint16_t second, modbus::ByteOrder order);

// The two characters of a register, '.' for what can not be printed.
std::string as_text(std::uint16_t value);

}  // namespace iw::commissioning
