#include "commissioning/value_guess.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "commissioning/arguments.hpp"

namespace iw::commissioning {
namespace {

using modbus::ByteOrder;
using modbus::ValueType;
using Registers = std::span<const std::optional<std::uint16_t>>;

constexpr std::array orders{ByteOrder::abcd, ByteOrder::cdab, ByteOrder::badc, ByteOrder::dcba};

// Values that are known at sight in an installation.
struct Landmark {
  double low;
  double high;
  std::string_view meaning;
  bool as_integer = true;  // 1150 to 1250 is met too often to mean 120.0 V
};
constexpr std::array landmarks{
    Landmark{49.5, 50.5, "frequency, Hz"},   Landmark{59.5, 60.5, "frequency, Hz"},
    Landmark{218, 245, "voltage, V"},        Landmark{385, 420, "voltage between phases, V"},
    Landmark{115, 125, "voltage, V", false},
};

const Landmark* landmark(double value) {
  const auto* const found =
      std::ranges::find_if(landmarks, [&](const Landmark& l) { return value >= l.low && value <= l.high; });
  return found == landmarks.end() ? nullptr : found;
}

constexpr std::uint16_t swap_bytes(std::uint16_t word) {
  return static_cast<std::uint16_t>(word << 8 | word >> 8);
}

// A size that measurements have. Whole registers of small numbers make floats far outside.
bool plausible(float value) {
  constexpr float smallest = 1e-2F;
  constexpr float largest = 1e7F;
  return std::isfinite(value) && std::abs(value) >= smallest && std::abs(value) <= largest;
}

bool both_there(Registers registers, std::size_t at) {
  return at + 1 < registers.size() && registers[at] && registers[at + 1];
}

constexpr bool printable(unsigned c) { return c >= ' ' && c <= '~'; }

// A guess and how much it explains; what stays unexplained counts against the whole.
struct Candidate {
  Guess guess;
  double score = 0;
};
constexpr double score_of_landmark = 5;
constexpr double score_of_float = 2;
constexpr double score_of_integer = -0.5;  // better than nothing, but no reason to tear a float
constexpr double score_of_text_register = 1.5;
constexpr double score_of_unexplained = -1;  // a register that is not 0

// Characters that follow one another, up to the first NUL.
std::optional<Candidate> guess_text(Registers registers, std::size_t at, ValueType type) {
  constexpr std::size_t shortest = 4;  // characters
  std::string text;
  std::size_t end = at;
  for (bool ended = false; !ended && end < registers.size() && registers[end]; ++end) {
    const std::uint16_t word = type == ValueType::string ? *registers[end] : swap_bytes(*registers[end]);
    const unsigned high = word >> 8U;
    const unsigned low = word & 0xFFU;
    if (!printable(high) || (!printable(low) && low != 0)) break;
    text += static_cast<char>(high);
    if (low != 0) text += static_cast<char>(low);
    ended = low == 0;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  const auto letters = std::ranges::count_if(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  // Most characters of a name are letters and digits; a pair of numbers that happen to be printable is not.
  if (text.size() < shortest || static_cast<std::size_t>(letters) * 4 < text.size() * 3) return std::nullopt;
  const double score = score_of_text_register * static_cast<double>(text.size()) / 2;
  return Candidate{{.first = at, .registers = end - at, .type = type, .text = text}, score};
}

bool is_float(Registers registers, std::size_t at, ByteOrder order) {
  return both_there(registers, at) && plausible(as_f32(*registers[at], *registers[at + 1], order));
}

// One float alone is chance, unless it is a landmark, or the order has shown one elsewhere.
std::optional<Candidate> guess_float(Registers registers, std::size_t at, ByteOrder order,
                                     bool order_is_known) {
  if (!is_float(registers, at, order)) return std::nullopt;
  const auto value = static_cast<double>(as_f32(*registers[at], *registers[at + 1], order));
  const Landmark* known = landmark(value);
  const bool in_company =
      order_is_known || is_float(registers, at + 2, order) || (at >= 2 && is_float(registers, at - 2, order));
  if (known == nullptr && !in_company) return std::nullopt;
  return Candidate{{.first = at,
                    .registers = 2,
                    .type = ValueType::f32,
                    .order = order,
                    .value = value,
                    .meaning = known != nullptr ? known->meaning : ""},
                   known != nullptr ? score_of_landmark : score_of_float};
}

bool has_landmark(Registers registers, ByteOrder order) {
  for (std::size_t at = 0; at < registers.size(); ++at) {
    if (!is_float(registers, at, order)) continue;
    if (landmark(static_cast<double>(as_f32(*registers[at], *registers[at + 1], order))) != nullptr)
      return true;
  }
  return false;
}

// The highest and the lowest number of a type, and NaN, are what devices show for "not available".
constexpr std::string_view not_available = "not available";

std::optional<Guess> guess_no_pair(Registers registers, std::size_t at) {
  if (!both_there(registers, at)) return std::nullopt;
  const auto none = [&](ValueType type) {
    return Guess{.first = at, .registers = 2, .type = type, .meaning = not_available};
  };
  switch (as_u32(*registers[at], *registers[at + 1], ByteOrder::abcd)) {
    case 0x7FC00000: return none(ValueType::f32);
    case 0x80000000:
    case 0x7FFFFFFF: return none(ValueType::i32);
    case 0xFFFFFFFF: return none(ValueType::u32);
    default: return std::nullopt;
  }
}

std::optional<Guess> guess_no_word(Registers registers, std::size_t at) {
  const auto none = [&](ValueType type) {
    return Guess{.first = at, .type = type, .meaning = not_available};
  };
  switch (*registers[at]) {
    case 0x8000:
    case 0x7FFF: return none(ValueType::i16);
    case 0xFFFF: return none(ValueType::u16);
    default: return std::nullopt;
  }
}

std::optional<Guess> guess_integer(Registers registers, std::size_t at) {
  if (both_there(registers, at)) {
    for (const ByteOrder order : {ByteOrder::abcd, ByteOrder::cdab}) {
      const auto value = static_cast<std::int32_t>(as_u32(*registers[at], *registers[at + 1], order));
      constexpr std::int32_t small = -0x8000;
      if (value < 0 && value >= small) {
        return Guess{.first = at, .registers = 2, .type = ValueType::i32, .order = order, .value = value};
      }
    }
  }
  for (const double scale : {0.01, 0.1}) {
    const double value = *registers[at] * scale;
    const Landmark* known = landmark(value);
    if (known == nullptr || !known->as_integer) continue;
    return Guess{
        .first = at, .type = ValueType::u16, .scale = scale, .value = value, .meaning = known->meaning};
  }
  return std::nullopt;
}

// What can begin at a register, when floats lie in this order.
std::vector<Candidate> candidates(Registers registers, std::size_t at, ByteOrder order, bool order_is_known) {
  std::vector<Candidate> all;
  const auto add = [&](std::optional<Candidate> one) {
    if (one) all.push_back(std::move(*one));
  };
  const auto add_integer = [&](std::optional<Guess> one) {
    if (one) all.push_back({std::move(*one), score_of_integer});
  };
  add(guess_text(registers, at, ValueType::string));
  add(guess_text(registers, at, ValueType::string_swapped));
  add(guess_float(registers, at, order, order_is_known));
  add_integer(guess_no_pair(registers, at));
  add_integer(guess_integer(registers, at));
  if (all.empty()) add_integer(guess_no_word(registers, at));
  return all;
}

struct Reading {
  double score = 0;
  std::vector<Guess> guesses;
};

// The guesses side by side that explain most, from the last register to the first: a float that begins one
// register too early leaves half of another one over.
Reading read_all(Registers registers, ByteOrder order) {
  const bool order_is_known = has_landmark(registers, order);
  std::vector<double> best(registers.size() + 1);
  std::vector<std::optional<Guess>> choice(registers.size());
  for (std::size_t at = registers.size(); at-- > 0;) {
    best[at] = best[at + 1];
    if (!registers[at]) continue;
    if (*registers[at] != 0) best[at] += score_of_unexplained;
    for (Candidate& one : candidates(registers, at, order, order_is_known)) {
      const double score = one.score + best[at + one.guess.registers];
      if (score <= best[at]) continue;
      best[at] = score;
      choice[at] = std::move(one.guess);
    }
  }
  Reading reading{.score = best[0], .guesses = {}};
  for (std::size_t at = 0; at < registers.size();) {
    const std::size_t step = choice[at] ? choice[at]->registers : 1;
    if (choice[at]) reading.guesses.push_back(std::move(*choice[at]));
    at += step;
  }
  return reading;
}

}  // namespace

std::uint32_t as_u32(std::uint16_t first, std::uint16_t second, ByteOrder order) {
  const bool words = order == ByteOrder::cdab || order == ByteOrder::dcba;
  const bool bytes = order == ByteOrder::badc || order == ByteOrder::dcba;
  if (words) std::swap(first, second);
  if (bytes) {
    first = swap_bytes(first);
    second = swap_bytes(second);
  }
  return std::uint32_t{first} << 16U | second;
}

float as_f32(std::uint16_t first, std::uint16_t second, ByteOrder order) {
  return std::bit_cast<float>(as_u32(first, second, order));
}

std::string as_text(std::uint16_t value) {
  const auto character = [](unsigned c) { return printable(c) ? static_cast<char>(c) : '.'; };
  return {character(value >> 8U), character(value & 0xFFU)};
}

std::vector<Guess> guess(Registers registers) {
  // A device does not mix its orders: the one that explains most is that of all floats.
  Reading best = read_all(registers, orders.front());
  for (const ByteOrder order : std::span(orders).subspan(1)) {
    Reading other = read_all(registers, order);
    if (other.score > best.score) best = std::move(other);
  }
  return std::move(best.guesses);
}

std::string Guess::in_words() const {
  std::string words(to_string(type));
  if (!text.empty()) return fmt::format("{} of {} registers or more: \"{}\"", words, registers, text);
  if (registers == 2 && value) words += fmt::format(" {}", to_string(order));
  if (scale != 1) words += fmt::format(" x {}", scale);
  if (value) words += fmt::format(" {}", format_number(*value));
  if (!meaning.empty()) words += fmt::format(": {}?", meaning);
  return words;
}

}  // namespace iw::commissioning
