// Doubles that are decimal numbers of few digits, as most values of devices are: 230.1 is 2301 / 10.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

namespace iw::formats {

constexpr std::uint32_t most_digits = 6;
constexpr std::array<double, most_digits + 1> powers_of_ten = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

// The integer n with v == n / 10^digits to the last bit, if there is one. -0.0 has none.
inline std::optional<std::int64_t> mantissa(double v, std::uint32_t digits) {
  constexpr double exact = 9007199254740992;  // 2^53: integers beyond are not all doubles
  const double scaled = v * powers_of_ten[digits];
  if (!(std::abs(scaled) < exact)) return std::nullopt;
  const auto n = static_cast<std::int64_t>(scaled + std::copysign(0.5, scaled));
  const double again = static_cast<double>(n) / powers_of_ten[digits];
  if (std::bit_cast<std::uint64_t>(again) != std::bit_cast<std::uint64_t>(v)) return std::nullopt;
  return n;
}

}  // namespace iw::formats
