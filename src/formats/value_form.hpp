// How a value is written in a batch: the second numbers of Batch.value_runs, which are 0 to most_digits for
// decimals (decimal.hpp), or one of these.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace iw::formats {

constexpr std::uint32_t form_none = 16;
constexpr std::uint32_t form_float = 32;
constexpr std::uint32_t form_double = 64;

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
static_assert(std::bit_cast<std::uint64_t>(no_number) == 0x7FF8'0000'0000'0000U);

inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
inline bool is_no_number(double v) { return same_bits(v, no_number); }
inline bool is_float(double v) { return same_bits(static_cast<double>(static_cast<float>(v)), v); }

}  // namespace iw::formats
