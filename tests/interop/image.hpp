// The register image that every server of the interop tests holds (README.md, "The image").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "protocols/modbus/registers.hpp"

namespace iw::interop {

constexpr modbus::UnitId unit(1);
constexpr std::uint16_t bits = 2048;
constexpr std::uint16_t registers = 1000;
constexpr std::uint16_t limited = 900;  // a holding register that takes at most `limit`
constexpr std::uint16_t limit = 1000;
constexpr std::array<std::uint8_t, 10> objects = {0, 1, 2, 3, 4, 5, 6, 0x80, 0x81, 0x82};

constexpr bool coil(std::size_t i) { return i % 3 == 0; }
constexpr bool discrete_input(std::size_t i) { return i % 5 == 0; }
constexpr std::uint16_t holding_register(std::size_t i) { return static_cast<std::uint16_t>(i * 7 + 3); }
constexpr std::uint16_t input_register(std::size_t i) { return static_cast<std::uint16_t>(i * 11 + 5); }

// Private objects are long, so that all of them take more than one response.
inline std::string object_text(std::uint8_t id) {
  if (id < 0x80) return fmt::format("object {}", id);
  return std::string(100, static_cast<char>('A' + id - 0x80));
}

// rule(first), rule(first + 1), ...
template <class Rule>
auto range(std::size_t first, std::size_t count, Rule rule) {
  std::vector<decltype(rule(first))> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = rule(first + i);
  return values;
}

}  // namespace iw::interop
