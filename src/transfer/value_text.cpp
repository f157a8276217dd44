#include "transfer/value_text.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "formats/timestamp.hpp"

namespace iw::transfer {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
std::optional<T> whole(std::string_view digits, int base = 10) {
  T number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// The detail of this name among the bits that have one.
std::optional<model::Quality> detail_of(std::string_view name) {
  for (std::uint32_t bit = 4; bit != 0; bit <<= 1U) {
    const auto quality = model::Quality::from_bits(bit);
    if (model::to_string(quality) == fmt::format("good: {}", name)) return quality;
  }
  return std::nullopt;
}

// The inverse of to_string(Quality).
std::optional<model::Quality> quality_of(std::string_view text) {
  const std::size_t colon = std::min(text.find(": "), text.size());
  std::optional<model::Quality> quality;
  for (const auto validity : {model::Validity::good, model::Validity::questionable, model::Validity::invalid})
    if (text.substr(0, colon) == to_string(validity)) quality.emplace(validity);
  if (!quality) return std::nullopt;
  text.remove_prefix(colon);
  while (!text.empty()) {
    text.remove_prefix(2);
    const std::string_view name = text.substr(0, text.find(", "));
    const auto detail = detail_of(name);
    if (!detail) return std::nullopt;
    quality = model::Quality::from_bits(quality->bits() | detail->bits());
    text.remove_prefix(name.size());
  }
  return quality;
}

}  // namespace

std::string exact_text(double value) {
  if (!std::isnan(value)) return fmt::format("{}", value);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return bits == std::bit_cast<std::uint64_t>(nan) ? "nan" : fmt::format("nan:{:016x}", bits);
}

Result<double> parse_exact(std::string_view text) {
  if (text == "nan") return nan;
  if (text == "inf") return infinity;
  if (text == "-inf") return -infinity;
  if (text.starts_with("nan:")) {
    const auto bits = whole<std::uint64_t>(text.substr(4), 16);
    if (bits && std::isnan(std::bit_cast<double>(*bits))) return std::bit_cast<double>(*bits);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return fail(ErrorKind::malformed, fmt::format("'{}' is no number", text));
  return value;
}

std::string quality_text(model::Quality quality) {
  std::string text = model::to_string(quality);
  return quality_of(text) == quality ? text : fmt::format("0x{:x}", quality.bits());
}

Result<model::Quality> parse_quality_text(std::string_view text) {
  if (const auto quality = quality_of(text)) return *quality;
  const auto bits = text.starts_with("0x") ? whole<std::uint32_t>(text.substr(2), 16) : std::nullopt;
  if (!bits) return fail(ErrorKind::malformed, fmt::format("'{}' is no quality", text));
  return model::Quality::from_bits(*bits);
}

std::string time_text(std::int64_t time_ms) { return formats::to_timestamp(time_ms); }

Result<std::int64_t> parse_time_text(std::string_view text) {
  if (const auto time = formats::parse_timestamp(text)) return *time;
  return fail(ErrorKind::malformed, fmt::format("'{}' is no time", text), "write 2026-11-24T10:15:30.250Z");
}

}  // namespace iw::transfer
