#include "transfer/value_text.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

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

std::string time_text(std::int64_t time_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(time_ms)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(seconds.time_since_epoch().count()),
                     (time - seconds).count());
}

Result<std::int64_t> parse_time_text(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  bool fits = text.size() == shape.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i)
    fits = shape[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == shape[i];
  if (fits) {
    const auto part = [&](std::size_t at, std::size_t length) {
      return *whole<int>(text.substr(at, length));
    };
    const std::chrono::year_month_day date{std::chrono::year(part(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(part(8, 2)))};
    const auto clock = std::chrono::hours(part(11, 2)) + std::chrono::minutes(part(14, 2)) +
                       std::chrono::seconds(part(17, 2)) + std::chrono::milliseconds(part(20, 3));
    if (date.ok()) return (std::chrono::sys_days(date) + clock).time_since_epoch().count();
  }
  return fail(ErrorKind::malformed, fmt::format("'{}' is no time", text), "write 2026-11-24T10:15:30.250Z");
}

}  // namespace iw::transfer
