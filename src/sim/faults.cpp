#include "sim/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/nearest.hpp"

namespace iw::sim {

namespace {

constexpr std::array<std::string_view, 12> words{
    "delay",      "silent",  "late", "late_by",       "garble",       "reset", "wrong_transaction",
    "wrong_unit", "dribble", "busy", "one_at_a_time", "max_registers"};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// "200ms", "1.5s"
std::optional<Duration> duration(std::string_view text) {
  double nanoseconds = 1e9;
  if (text.ends_with("ms")) {
    text.remove_suffix(2);
    nanoseconds = 1e6;
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  } else {
    return std::nullopt;
  }
  const auto value = number(text);
  if (!value || *value > 1e6) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*value * nanoseconds));
}

template <class T>
bool take(T& field, std::optional<T> value) {
  if (value) field = *value;
  return value.has_value();
}

bool take_rate(double& field, std::string_view text) {
  const auto value = number(text);
  return value && *value <= 1 && take(field, value);
}

template <class T>
bool take_count(T& field, std::string_view text, double most) {
  const auto value = number(text);
  if (!value || *value > most) return false;
  field = static_cast<T>(*value);
  return true;
}

bool take_flag(bool& field, std::string_view text) {
  field = true;
  return text.empty();
}

bool apply(Faults& f, std::string_view word, std::string_view value) {
  if (word == "delay") return take(f.delay, duration(value));
  if (word == "late_by") return take(f.late_by, duration(value));
  if (word == "late") return take_rate(f.late_rate, value);
  if (word == "garble") return take_rate(f.garble_rate, value);
  if (word == "reset") return take_count(f.reset_every, value, 1e9);
  if (word == "max_registers") return take_count(f.max_registers, value, 125);
  if (word == "silent") return take_flag(f.silent, value);
  if (word == "wrong_transaction") return take_flag(f.wrong_transaction, value);
  if (word == "wrong_unit") return take_flag(f.wrong_unit, value);
  if (word == "dribble") return take_flag(f.dribble, value);
  if (word == "busy") return take_flag(f.busy, value);
  return take_flag(f.one_at_a_time, value);
}

}  // namespace

Result<Faults> parse_faults(std::string_view text) {
  Faults faults;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    const std::string_view word = item.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
    if (std::ranges::find(words, word) == words.end()) {
      return fail(ErrorKind::invalid_argument,
                  fmt::format("there is no fault \"{}\"{}", word, suggestion(word, words)));
    }
    if (!apply(faults, word, value)) {
      return fail(
          ErrorKind::invalid_argument, fmt::format("the fault \"{}\" can not be \"{}\"", word, value),
          "write delay=200ms, late=0.05, late_by=1.5s, garble=0.01, reset=50, max_registers=40; the others "
          "stand alone: silent");
    }
  }
  return faults;
}

}  // namespace iw::sim
