#include "historian/values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "historian/columns.hpp"
#include "historian/integers.hpp"
#include "historian/varint.hpp"

namespace iw::historian {
namespace {

// How values became integers: 0 to most_digits decimal digits, or the bits of floats.
constexpr std::uint8_t most_digits = 9;
constexpr std::uint8_t bits_of_32 = 32;
constexpr std::uint8_t bits_of_64 = 64;

// One odd value costs ten bytes; more than one in so many, and the bits of all are cheaper.
constexpr std::size_t odd_share = 16;

constexpr std::array<double, most_digits + 1> powers = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

std::uint64_t bits(double v) { return std::bit_cast<std::uint64_t>(v); }

// The integer n with v == n / 10^digits to the last bit, if there is one.
std::optional<std::int64_t> decimal(double v, std::uint8_t digits) {
  constexpr double exact = 9007199254740992;  // 2^53: integers beyond are not all doubles
  const double scaled = std::nearbyint(v * powers[digits]);
  if (!(std::abs(scaled) < exact)) return std::nullopt;
  const auto n = static_cast<std::int64_t>(scaled);
  if (bits(static_cast<double>(n) / powers[digits]) != bits(v)) return std::nullopt;  // -0.0 is none
  return n;
}

// The fewest digits, `at_least` or more, that show v.
std::optional<std::uint8_t> digits_of(double v, std::uint8_t at_least) {
  for (std::uint8_t digits = at_least; digits <= most_digits; ++digits) {
    if (decimal(v, digits)) return digits;
  }
  return std::nullopt;
}

bool is_float(double v) { return bits(static_cast<double>(static_cast<float>(v))) == bits(v); }

// Bits of floats in the order of the numbers, so that near numbers have near integers. Its own inverse.
template <class Signed>
constexpr Signed in_order(Signed v) {
  return v < 0 ? v ^ std::numeric_limits<Signed>::max() : v;
}

std::int64_t integer_of(double v, std::uint8_t form) {
  if (form == bits_of_64) return in_order(std::bit_cast<std::int64_t>(v));
  return in_order(std::bit_cast<std::int32_t>(static_cast<float>(v)));
}

double number_of(std::int64_t n, std::uint8_t form) {
  if (form <= most_digits) return static_cast<double>(n) / powers[form];
  if (form == bits_of_64) return std::bit_cast<double>(in_order(n));
  return static_cast<double>(std::bit_cast<float>(in_order(static_cast<std::int32_t>(n))));
}

}  // namespace

std::uint8_t ValuesEncoder::choose(std::span<const double> values) {
  std::uint8_t form = 0;
  for (const double v : values)
    form = digits_of(v, form).value_or(form);
  odd_.clear();
  integers_.clear();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto integer = decimal(values[i], form);
    if (!integer) odd_.push_back(i);
    integers_.push_back(integer ? *integer : integers_.empty() ? 0 : integers_.back());
  }
  if (odd_.size() * odd_share > values.size()) {
    form = std::ranges::all_of(values, is_float) ? bits_of_32 : bits_of_64;
    odd_.clear();
    for (std::size_t i = 0; i < values.size(); ++i)
      integers_[i] = integer_of(values[i], form);
  }
  return form;
}

void ValuesEncoder::put(std::span<const double> values, std::vector<std::byte>& out) const {
  pack(integers_, out);
  put_varint(out, odd_.size());
  for (const std::size_t i : odd_) {
    put_varint(out, i);
    put_double(values[i], out);
  }
}

void take_values(Reader& in, std::uint8_t form, std::span<double> values) {
  std::vector<std::int64_t> integers(values.size());
  unpack(in, integers);
  const bool known = form <= most_digits || form == bits_of_32 || form == bits_of_64;
  if (!known) in.bytes(in.remaining() + 1);
  if (!in.ok()) return;
  std::ranges::transform(integers, values.begin(), [form](std::int64_t n) { return number_of(n, form); });
  for (std::uint64_t odd = take_varint(in); odd > 0 && in.ok(); --odd) {
    const std::uint64_t i = take_varint(in);
    const double v = take_double(in);
    if (i >= values.size()) {
      in.bytes(in.remaining() + 1);  // a value outside of the column
    } else {
      values[i] = v;
    }
  }
}

}  // namespace iw::historian
