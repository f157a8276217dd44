#include "config/rule.hpp"

#include <charconv>
#include <cmath>

#include "base/nearest.hpp"
#include "config/nearest_duration.hpp"

namespace iw::config {
namespace {

constexpr std::array<Word<Duration>, 6> duration_units{
    {{"us", 1us}, {"ms", 1ms}, {"s", 1s}, {"min", 1min}, {"h", 1h}, {"d", 24h}}};
constexpr std::array<Word<std::uint64_t>, 4> size_units{
    {{"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"TB", 1'000'000'000'000}}};

template <class T>
bool parse_whole(std::string_view text, T& out, auto... format) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, format...);
  return error == std::errc() && end == text.data() + text.size();
}

// Decimal or 0x; not 012, which YAML 1.1 takes for ten and people for twelve.
bool parse_integer(std::string_view text, std::int64_t& out) {
  if (text.starts_with("0x"))
    return text.find('-') == std::string_view::npos && parse_whole(text.substr(2), out, 16);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return (digits.size() < 2 || digits[0] != '0') && parse_whole(text, out, 10);
}

bool wrong(const Value& value, std::string message, Findings& findings) {
  findings.error(value.place(), std::move(message));
  return false;
}

// The common part of all scalars: not a list, map, nothing, nor (for numbers and words of the language) a
// quoted text.
bool expect_plain(const Value& value, const Shape& shape, Findings& findings) {
  if (value.kind != Kind::scalar)
    return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
  if (value.quoted)
    return wrong(value, fmt::format("expected {}, found the text {}", shape.what, show(value)), findings);
  return true;
}

bool out_of_range(const Value& value, const std::string& lo, const std::string& hi, Findings& findings) {
  return wrong(value, fmt::format("{} is out of range, allowed are {} to {}", value.text, lo, hi), findings);
}

std::string range(const std::string& what, bool bounded, const auto& lo, const auto& hi) {
  return bounded ? fmt::format("{} from {} to {}", what, lo, hi) : what;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto letters = text.find_first_not_of("0123456789.");
  double number = 0;
  if (letters != std::string_view::npos && parse_whole(text.substr(0, letters), number)) {
    for (const auto& [name, unit] : duration_units) {
      if (text.substr(letters) != name) continue;
      const double nanoseconds = number * static_cast<double>(unit.count());
      if (nanoseconds < 9.2e18) return Duration(std::llround(nanoseconds));
    }
  }
  const auto meant = nearest_duration(text);
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no duration{}", text,
                          meant ? fmt::format(", did you mean {}?", *meant) : std::string()),
              "write a number and us, ms, s, min, h or d, as in 500ms or 5min");
}

std::string to_string(Duration duration) {
  for (auto unit = duration_units.rbegin(); unit != duration_units.rend(); ++unit) {
    if (duration != Duration::zero() && duration % unit->second == Duration::zero()) {
      return fmt::format("{}{}", duration / unit->second, unit->first);
    }
  }
  return duration == Duration::zero() ? "0s"
                                      : fmt::format("{}us", static_cast<double>(duration.count()) / 1e3);
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto letters = text.find_first_not_of("0123456789.");
  double number = 0;
  if (parse_whole(text.substr(0, letters), number)) {
    if (number == 0 && letters == std::string_view::npos) return 0;
    for (const auto& [name, unit] : size_units) {
      if (letters == std::string_view::npos || text.substr(letters) != name) continue;
      const double bytes = number * static_cast<double>(unit);
      if (bytes < 9.2e18) return static_cast<std::uint64_t>(std::llround(bytes));
    }
  }
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no size", text),
              "write a number and kB, MB, GB or TB, as in 256MB or 1.5GB");
}

std::string size_to_string(const std::uint64_t& bytes) {
  for (auto unit = size_units.rbegin(); unit != size_units.rend(); ++unit) {
    if (bytes != 0 && bytes % unit->second == 0)
      return fmt::format("{}{}", bytes / unit->second, unit->first);
  }
  return fmt::format("{}", bytes);
}

namespace detail {

Shape integer_shape(std::int64_t lo, std::int64_t hi) {
  return {.kind = Shape::Kind::integer,
          .what = range("a whole number", true, lo, hi),
          .minimum = static_cast<double>(lo),
          .maximum = static_cast<double>(hi)};
}

Shape number_shape(double lo, double hi) {
  Shape shape{.kind = Shape::Kind::number};
  const bool bounded = lo > -std::numeric_limits<double>::max() && hi < std::numeric_limits<double>::max();
  shape.what = range("a number", bounded, lo, hi);
  if (lo > -std::numeric_limits<double>::max()) shape.minimum = lo;
  if (hi < std::numeric_limits<double>::max()) shape.maximum = hi;
  return shape;
}

Shape duration_shape(Duration lo, Duration hi) {
  return {.kind = Shape::Kind::duration, .what = range("a duration", true, to_string(lo), to_string(hi))};
}

Shape word_shape(std::vector<std::string> words) {
  Shape shape{.kind = Shape::Kind::word, .what = "one of ", .words = std::move(words)};
  for (const std::string& word : shape.words)
    shape.what += (&word == shape.words.data() ? "" : ", ") + word;
  return shape;
}

bool read_integer(const Value& value, const Shape& shape, std::int64_t& out, Findings& findings) {
  if (!expect_plain(value, shape, findings)) return false;
  std::int64_t number = 0;
  if (!parse_integer(value.text, number)) {
    return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
  }
  const auto lo = static_cast<std::int64_t>(*shape.minimum);
  const auto hi = static_cast<std::int64_t>(*shape.maximum);
  if (number < lo || number > hi)
    return out_of_range(value, fmt::format("{}", lo), fmt::format("{}", hi), findings);
  out = number;
  return true;
}

bool read_number(const Value& value, const Shape& shape, double& out, Findings& findings) {
  if (!expect_plain(value, shape, findings)) return false;
  double number = 0;
  if (!parse_whole(value.text, number) || !std::isfinite(number)) {
    return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
  }
  const double lo = shape.minimum.value_or(-std::numeric_limits<double>::max());
  const double hi = shape.maximum.value_or(std::numeric_limits<double>::max());
  if (number < lo || number > hi)
    return out_of_range(value, fmt::format("{}", lo), fmt::format("{}", hi), findings);
  out = number;
  return true;
}

bool read_boolean(const Value& value, const Shape& shape, bool& out, Findings& findings) {
  if (!expect_plain(value, shape, findings)) return false;
  if (value.text != "true" && value.text != "false") {
    return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
  }
  out = value.text == "true";
  return true;
}

bool read_duration(const Value& value, const Shape& shape, Duration lo, Duration hi, Duration& out,
                   Findings& findings) {
  std::string text;
  if (!read_text(value, shape, text, findings)) return false;
  const Result<Duration> duration = parse_duration(text);
  if (!duration) {
    parse_failed(value, duration.error(), findings);
    return false;
  }
  if (*duration < lo || *duration > hi) return out_of_range(value, to_string(lo), to_string(hi), findings);
  out = *duration;
  return true;
}

bool read_text(const Value& value, const Shape& shape, std::string& out, Findings& findings) {
  if (value.kind != Kind::scalar) {
    return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
  }
  out = value.text;
  return true;
}

bool read_word(const Value& value, const Shape& shape, std::size_t& out, Findings& findings) {
  std::string text;
  if (!read_text(value, shape, text, findings)) return false;
  for (out = 0; out < shape.words.size(); ++out) {
    if (shape.words[out] == text) return true;
  }
  const std::vector<std::string_view> words(shape.words.begin(), shape.words.end());
  return wrong(value, fmt::format("{} is not known here{}", show(value), suggestion(text, words)), findings);
}

bool expect_map(const Value& value, const Shape& shape, Findings& findings) {
  if (value.kind == Kind::map) return true;
  return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
}

bool expect_list(const Value& value, const Shape& shape, Findings& findings) {
  if (value.kind == Kind::list) return true;
  return wrong(value, fmt::format("expected {}, found {}", shape.what, show(value)), findings);
}

void key_failed(const Value& value, const Error& error, Findings& findings) {
  findings.error(value.key_place(), error.message, error.remedy);
}

void parse_failed(const Value& value, const Error& error, Findings& findings) {
  findings.error(value.place(), error.message, error.remedy);
}

}  // namespace detail

Rule<double> number(double lo, double hi) {
  const Shape shape = detail::number_shape(lo, hi);
  return {.shape = shape,
          .read = [shape](const Value& value, double& out,
                          Findings& findings) { return detail::read_number(value, shape, out, findings); },
          // A limit that is not there is infinite inside, and neither JSON nor a reader has a word for it.
          .show = [](const double& d) { return std::isfinite(d) ? fmt::format("{}", d) : std::string(); }};
}

Rule<bool> boolean() {
  const Shape shape{.kind = Shape::Kind::boolean, .what = "true or false"};
  return {.shape = shape,
          .read = [shape](const Value& value, bool& out,
                          Findings& findings) { return detail::read_boolean(value, shape, out, findings); },
          .show = [](const bool& b) { return std::string(b ? "true" : "false"); }};
}

Rule<Duration> duration(Duration lo, Duration hi) {
  const Shape shape = detail::duration_shape(lo, hi);
  return {.shape = shape,
          .read =
              [shape, lo, hi](const Value& value, Duration& out, Findings& findings) {
                return detail::read_duration(value, shape, lo, hi, out, findings);
              },
          .show = [](const Duration& d) { return to_string(d); }};
}

Rule<std::string> text() {
  const Shape shape{.kind = Shape::Kind::text, .what = "a text"};
  return {.shape = shape,
          .read = [shape](const Value& value, std::string& out,
                          Findings& findings) { return detail::read_text(value, shape, out, findings); },
          .show = [](const std::string& s) { return s; }};
}

Rule<const Value*> anything() {
  return {.shape = {.kind = Shape::Kind::any, .what = "see there"},
          .read =
              [](const Value& value, const Value*& out, Findings&) {
                out = &value;
                return true;
              },
          .show = {}};
}

}  // namespace iw::config
