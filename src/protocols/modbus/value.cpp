#include "protocols/modbus/value.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace iw::modbus {
namespace {

using Kind = Decoder::Kind;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int max_scale_exponent = 10;  // of a SunSpec sunssf

// All exact: a double holds the powers of ten up to 10^22.
constexpr std::array powers_of_ten{1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};

double power_of_ten(int exponent) { return powers_of_ten[static_cast<std::size_t>(exponent)]; }

int decimal_digits(const Decoder& d) { return 4 * d.registers; }  // of BCD and mod10k
int width(std::uint64_t mask) { return 64 - std::countl_zero(mask); }

// ---- Registers to the bit pattern of the value, and back

template <class Word>
std::uint64_t load_as(const std::byte* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return std::endian::native == std::endian::little ? std::byteswap(word) : word;
}

std::uint64_t load(const std::byte* from, unsigned registers) {
  switch (registers) {
    case 1: return load_as<std::uint16_t>(from);
    case 2: return load_as<std::uint32_t>(from);
    case 3: return load_as<std::uint32_t>(from) << 16 | load_as<std::uint16_t>(from + 4);
    default: return load_as<std::uint64_t>(from);
  }
}

// The three swaps are their own inverse and may come in any order.
std::uint64_t reorder(std::uint64_t pattern, unsigned registers, unsigned order) {
  if ((order & Decoder::swap_bytes) != 0) {
    constexpr std::uint64_t low_bytes = 0x00FF00FF00FF00FF;
    pattern = (pattern & low_bytes) << 8 | (pattern >> 8 & low_bytes);
  }
  if ((order & Decoder::swap_words) != 0) {
    std::uint64_t swapped = 0;
    for (unsigned i = 0; i < registers; ++i)
      swapped = swapped << 16 | (pattern >> 16 * i & 0xFFFF);
    pattern = swapped;
  }
  if ((order & Decoder::swap_halves) != 0) pattern = std::rotl(pattern, 32);
  return pattern;
}

std::vector<std::uint16_t> store(std::uint64_t pattern, const Decoder& d) {
  std::vector<std::uint16_t> words(d.registers);
  pattern = reorder(pattern, d.registers, d.order);
  for (std::size_t i = words.size(); i-- > 0; pattern >>= 16)
    words[i] = static_cast<std::uint16_t>(pattern);
  return words;
}

// ---- Bit patterns to numbers

double from_f16(std::uint64_t pattern) {
  const auto exponent = static_cast<int>(pattern >> 10 & 0x1F);
  const auto fraction = static_cast<double>(pattern & 0x3FF);
  const double sign = (pattern & 0x8000) != 0 ? -1 : 1;
  if (exponent == 0x1F) return nan;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

double from_bcd(std::uint64_t pattern, int digits) {
  std::uint64_t value = 0;
  for (int i = digits - 1; i >= 0; --i) {
    const std::uint64_t digit = pattern >> 4 * i & 0xF;
    if (digit > 9) return nan;
    value = value * 10 + digit;
  }
  return static_cast<double>(value);
}

double from_mod10k(std::uint64_t pattern, unsigned registers) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < registers; ++i) {  // the last register, lowest in the pattern, is worth most
    const std::uint64_t part = pattern >> 16 * i & 0xFFFF;
    if (part > 9999) return nan;
    value = value * 10000 + part;
  }
  return static_cast<double>(value);
}

double from_signed(std::uint64_t pattern, int bits) {
  const int unused = 64 - bits;
  return static_cast<double>(static_cast<std::int64_t>(pattern << unused) >> unused);
}

double number_of(const Decoder& d, std::uint64_t pattern) {
  switch (d.kind) {
    case Kind::whole: return static_cast<double>(pattern >> d.bit & d.range);
    case Kind::whole_signed: return from_signed(pattern, width(d.mask));
    case Kind::f16: return from_f16(pattern);
    case Kind::f32: return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(pattern)));
    case Kind::f64: return std::bit_cast<double>(pattern);
    case Kind::sign_magnitude: {
      const auto magnitude = static_cast<double>(pattern & 0x7FFF);
      return (pattern & 0x8000) != 0 ? -magnitude : magnitude;
    }
    case Kind::bcd: return from_bcd(pattern, decimal_digits(d));
    case Kind::mod10k: return from_mod10k(pattern, d.registers);
    case Kind::text: break;
  }
  return nan;
}

// ---- Numbers to bit patterns

std::uint64_t to_f16(double v) {
  const std::uint64_t sign = std::signbit(v) ? 0x8000 : 0;
  const double magnitude = std::abs(v);
  // The step between neighbours: 2^-24 below the smallest normal number, then eleven bits.
  const int exponent = magnitude < 0x1p-14 ? -14 : std::ilogb(magnitude);
  const auto steps = static_cast<std::uint64_t>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  return sign | (static_cast<std::uint64_t>(exponent + 14) * 0x400 + steps);
}

std::uint64_t to_bcd(std::uint64_t value, int digits) {
  std::uint64_t pattern = 0;
  for (int i = 0; i < digits; ++i, value /= 10)
    pattern |= value % 10 << 4 * i;
  return pattern;
}

std::uint64_t to_mod10k(std::uint64_t value, unsigned registers) {
  std::uint64_t pattern = 0;
  for (unsigned i = 0; i < registers; ++i, value /= 10000)
    pattern = pattern << 16 | value % 10000;
  return pattern;
}

// `v` is within raw_range().
std::uint64_t pattern_of(const Decoder& d, double v) {
  switch (d.kind) {
    case Kind::whole: return static_cast<std::uint64_t>(v) << d.bit;
    case Kind::whole_signed: return static_cast<std::uint64_t>(static_cast<std::int64_t>(v)) & d.mask;
    case Kind::f16: return to_f16(v);
    case Kind::f32: return std::bit_cast<std::uint32_t>(static_cast<float>(v));
    case Kind::f64: return std::bit_cast<std::uint64_t>(v);
    case Kind::sign_magnitude: return static_cast<std::uint64_t>(std::abs(v)) | (v < 0 ? 0x8000U : 0U);
    case Kind::bcd: return to_bcd(static_cast<std::uint64_t>(v), decimal_digits(d));
    case Kind::mod10k: return to_mod10k(static_cast<std::uint64_t>(v), d.registers);
    case Kind::text: break;
  }
  return 0;
}

bool is_floating(Kind kind) { return kind == Kind::f16 || kind == Kind::f32 || kind == Kind::f64; }

struct Range {
  double low = 0;
  double high = 0;
};

// The greatest double that is a whole number below `end`.
double below(double end) { return std::min(end - 1, std::nextafter(end, 0)); }

// What the registers can hold.
Range raw_range(const Decoder& d) {
  switch (d.kind) {
    case Kind::whole: return {0, below(std::ldexp(1, width(d.range)))};
    case Kind::whole_signed: {
      const double half = std::ldexp(1, width(d.mask) - 1);
      return {-half, below(half)};
    }
    case Kind::f16: return {-65504, 65504};
    case Kind::f32: {
      constexpr double high = std::numeric_limits<float>::max();
      return {-high, high};
    }
    case Kind::f64: return {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()};
    case Kind::sign_magnitude: return {-0x7FFF, 0x7FFF};
    case Kind::bcd:
    case Kind::mod10k: return {0, below(power_of_ten(decimal_digits(d)))};
    case Kind::text: break;
  }
  return {};
}

// ---- Scale

double forward(const Decoder& d, double raw, int exponent) {
  const Linear& l = d.linear;
  if (exponent == 0) return (raw * l.multiply + l.add) / l.divide;
  const double scaled = exponent > 0 ? raw * l.multiply * power_of_ten(exponent) / l.divide
                                     : raw * l.multiply / (l.divide * power_of_ten(-exponent));
  return scaled + l.add / l.divide;
}

double backward(const Decoder& d, double canonical, int exponent) {
  const Linear& l = d.linear;
  const double unscaled = (canonical * l.divide - l.add) / l.multiply;
  return exponent >= 0 ? unscaled / power_of_ten(exponent) : unscaled * power_of_ten(-exponent);
}

bool is_text(ValueType type) { return type == ValueType::string || type == ValueType::string_swapped; }

// The bit pattern that makes the value `canonical`.
// The raw value that an enumeration gives to a canonical one.
Result<std::uint64_t> translated_pattern(const Decoder& d, double canonical) {
  const auto found = std::ranges::find_if(
      d.translate, [&](const auto& row) { return static_cast<double>(row.second) == canonical; });
  if (found == d.translate.end()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is no value of register {}", canonical, d.address));
  }
  return pattern_of(d, static_cast<double>(found->first));
}

Result<std::uint64_t> pattern_for(const Decoder& d, double canonical, std::optional<int> scale_exponent) {
  if (d.kind == Kind::text) return fail(ErrorKind::invalid_argument, "a text can not be written as a number");
  if (!std::isfinite(canonical)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} is not a number that can be written", canonical));
  }
  if (d.has_scale_register && !scale_exponent) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("the scale factor at register {} is not known", d.scale_address),
                "read the scale register before writing");
  }
  const int exponent = scale_exponent.value_or(0);
  if (std::abs(exponent) > max_scale_exponent) {
    return fail(ErrorKind::invalid_argument, fmt::format("scale factor {}, expected -10 to 10", exponent),
                "the device gives no valid scale factor, so the value can not be written");
  }
  if (!d.translate.empty()) return translated_pattern(d, canonical);
  double raw = backward(d, canonical, exponent);
  if (!is_floating(d.kind)) raw = std::round(raw);
  const Range range = raw_range(d);
  if (raw < range.low || raw > range.high) {
    const double a = forward(d, range.low, exponent);
    const double b = forward(d, range.high, exponent);
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} does not fit register {}: it takes {} to {}", canonical, d.address,
                            std::min(a, b), std::max(a, b)),
                "write a value within the range");
  }
  const std::uint64_t pattern = pattern_of(d, raw);
  if (std::ranges::find(d.sentinels, pattern) != d.sentinels.end()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} would be written as 0x{:X}, which means 'not available' at register {}",
                            canonical, pattern, d.address),
                "write a neighbouring value");
  }
  return pattern;
}

}  // namespace

Linear make_linear(double scale, double offset) {
  constexpr double largest_factor = 1e9;  // so that the product with a raw value is exact
  constexpr double largest_addend = 1e15;
  constexpr std::size_t most_decimals = 12;
  for (const double divide : std::span(powers_of_ten).first(most_decimals + 1)) {
    const double multiply = std::round(scale * divide);
    const double add = std::round(offset * divide);
    if (std::abs(multiply) > largest_factor || std::abs(add) > largest_addend) break;
    if (multiply / divide == scale && add / divide == offset) return {multiply, add, divide};
  }
  return {scale, offset, 1};
}

Decoder compile(const RegisterPoint& point) {
  Decoder d;
  d.address = point.address;
  d.has_scale_register = point.scale_register.has_value();
  if (point.scale_register) d.scale_address = point.scale_register->address;
  d.linear = make_linear(point.scale, point.offset);
  d.magnitude = point.magnitude;
  d.translate = point.translate;
  d.sentinels = point.sentinels;
  if (point.zero_is_sentinel) d.sentinels.push_back(0);
  if (is_text(point.type)) {
    d.kind = Kind::text;
    return d;
  }

  d.registers = static_cast<std::uint8_t>(register_count(point.type));
  d.mask = ~0ULL >> (64 - 16 * d.registers);
  switch (point.type) {
    case ValueType::i16:
    case ValueType::i32:
    case ValueType::i64: d.kind = Kind::whole_signed; break;
    case ValueType::f16: d.kind = Kind::f16; break;
    case ValueType::f32: d.kind = Kind::f32; break;
    case ValueType::f64: d.kind = Kind::f64; break;
    case ValueType::sign_magnitude: d.kind = Kind::sign_magnitude; break;
    case ValueType::bcd16:
    case ValueType::bcd32:
    case ValueType::bcd64: d.kind = Kind::bcd; break;
    case ValueType::mod10k_2:
    case ValueType::mod10k_3:
    case ValueType::mod10k_4: d.kind = Kind::mod10k; break;
    case ValueType::u8_high: d.shift = 8; [[fallthrough]];
    case ValueType::u8_low: d.mask = 0xFF; break;
    default: break;
  }
  if (point.type == ValueType::boolean || point.bits > 0) {
    d.kind = Kind::whole;  // a bit range has no sign
    d.bit = point.bit & 63;
    d.range = ~0ULL >> (64 - std::clamp<unsigned>(point.bits, 1, 64));
  } else {
    d.range = d.mask;
  }

  switch (point.order) {
    case ByteOrder::abcd: break;
    case ByteOrder::cdab: d.order = Decoder::swap_words; break;
    case ByteOrder::badc: d.order = Decoder::swap_bytes; break;
    case ByteOrder::dcba: d.order = Decoder::swap_words | Decoder::swap_bytes; break;
    case ByteOrder::efghabcd: d.order = Decoder::swap_halves; break;
    case ByteOrder::fehgbadc: d.order = Decoder::swap_halves | Decoder::swap_bytes; break;
  }
  if (d.registers != 4) d.order &= static_cast<std::uint8_t>(~Decoder::swap_halves);
  return d;
}

Decoded Decoder::decode(Bytes reply, std::uint16_t first) const {
  const std::size_t end = reply.size() / 2 + first;  // the register behind the reply
  if (address < first || address + std::size_t{registers} > end || kind == Kind::text) return {nan};

  int exponent = 0;
  if (has_scale_register) {
    if (scale_address < first || scale_address >= end) return {nan};
    exponent = static_cast<std::int16_t>(load(reply.data() + 2 * (scale_address - std::size_t{first}), 1));
    if (exponent < -max_scale_exponent || exponent > max_scale_exponent)
      return {nan, ValueState::not_available};
  }

  std::uint64_t pattern = load(reply.data() + 2 * (address - std::size_t{first}), registers);
  if (order != 0) pattern = reorder(pattern, registers, order);
  pattern = pattern >> shift & mask;
  for (const std::uint64_t sentinel : sentinels) {
    if (pattern == sentinel) return {nan, ValueState::not_available};
  }

  if (!translate.empty()) {
    const auto raw = static_cast<std::int64_t>(number_of(*this, pattern));
    const auto found = std::ranges::find(translate, raw, &std::pair<std::int64_t, std::int64_t>::first);
    if (found == translate.end()) return {nan, ValueState::not_available};
    return {static_cast<double>(found->second), ValueState::good};
  }

  double value = forward(*this, number_of(*this, pattern), exponent);
  if (magnitude) value = std::abs(value);
  if (std::isfinite(value)) return {value, ValueState::good};
  return {nan, is_floating(kind) ? ValueState::not_available : ValueState::malformed};
}

Decoded Decoder::decode(bool on) const { return {forward(*this, on ? 1 : 0, 0), ValueState::good}; }

std::optional<std::string> decode_text(const RegisterPoint& point, Bytes reply, std::uint16_t first) {
  const std::size_t size = std::size_t{2} * register_count(point);
  if (!is_text(point.type) || point.address < first) return std::nullopt;
  const std::size_t begin = std::size_t{2} * (point.address - std::size_t{first});
  if (begin + size > reply.size()) return std::nullopt;
  const Bytes bytes = reply.subspan(begin, size);
  const auto all = [&](std::byte b) {
    return std::ranges::all_of(bytes, [&](std::byte x) { return x == b; });
  };
  if (all(std::byte{0x00}) || all(std::byte{0xFF})) return std::nullopt;

  const std::size_t swap = point.type == ValueType::string_swapped ? 1 : 0;
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    const auto c = std::to_integer<char>(bytes[i ^ swap]);
    if (c == '\0' && !text.empty()) break;
    if ((c == '\0' || c == ' ') && text.empty()) continue;
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

bool is_partial(const RegisterPoint& point) {
  if (point.table == Table::coils || point.table == Table::discrete_inputs) return false;
  return point.type == ValueType::boolean || point.type == ValueType::u8_high ||
         point.type == ValueType::u8_low || point.bits > 0;
}

Result<std::vector<std::uint16_t>> encode_value(const RegisterPoint& point, double canonical,
                                                std::optional<int> scale_exponent) {
  if (is_partial(point)) {
    return fail(
        ErrorKind::unsupported,
        fmt::format("the value is only a part of register {}, whose other bits must stay", point.address),
        "write it with Mask Write Register, or read, change and write the register");
  }
  const Decoder d = compile(point);
  return pattern_for(d, canonical, scale_exponent).map([&](std::uint64_t pattern) {
    return store(pattern, d);
  });
}

Result<MaskWriteRegister> encode_mask(const RegisterPoint& point, double canonical) {
  const Decoder d = compile(point);
  const auto pattern = pattern_for(d, canonical, point.scale_register ? std::nullopt : std::optional(0));
  if (!pattern) return fail(pattern.error());
  const std::vector<std::uint16_t> bits = store((d.range << d.bit & d.mask) << d.shift, d);
  const std::vector<std::uint16_t> values = store(*pattern << d.shift, d);
  std::optional<MaskWriteRegister> write;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] == 0) continue;
    if (write) {
      return fail(ErrorKind::unsupported,
                  fmt::format("the value lies in several registers from {}", point.address),
                  "Mask Write Register changes a single one");
    }
    write = MaskWriteRegister{static_cast<std::uint16_t>(point.address + i),
                              static_cast<std::uint16_t>(~bits[i]), values[i]};
  }
  if (!write) return fail(ErrorKind::invalid_argument, "the value has no bits");
  return *write;
}

Result<std::vector<std::uint16_t>> encode_text(const RegisterPoint& point, std::string_view text) {
  const std::size_t size = std::size_t{2} * register_count(point);
  if (!is_text(point.type)) return fail(ErrorKind::invalid_argument, "the point is no text");
  if (text.size() > size) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' has {} characters, register {} takes {}", text,
                                                         text.size(), point.address, size));
  }
  std::vector<std::uint16_t> words(size / 2);
  const bool swapped = point.type == ValueType::string_swapped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool high = (i % 2 == 0) != swapped;
    words[i / 2] |= static_cast<std::uint16_t>(static_cast<unsigned char>(text[i]) << (high ? 8 : 0));
  }
  return words;
}

}  // namespace iw::modbus
