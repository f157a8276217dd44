// Values in registers: from the registers of a reply to a number in the canonical unit, and back.
//
// A RegisterPoint is compiled once into a Decoder; decoding then allocates nothing and takes a few
// nanoseconds. canonical = (raw x 10^scale_register) x scale + offset, computed so that decimal scales give
// the decimal number: 2301 x 0.1 is 230.1, the nearest double, and not 230.10000000000002.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

enum class ValueState : std::uint8_t {
  good,
  not_available,  // a sentinel, NaN, infinity, or a scale factor that is none
  malformed,      // no number of this type: a BCD nibble above 9, a mod10k register above 9999
  missing,        // the reply does not hold the registers, or the point is no number
};

struct Decoded {
  double value = 0;  // NaN unless good
  ValueState state = ValueState::missing;

  [[nodiscard]] bool good() const { return state == ValueState::good; }
};

// value = (raw x multiply + add) / divide.
struct Linear {
  double multiply = 1;
  double add = 0;
  double divide = 1;

  bool operator==(const Linear&) const = default;
};

// Splits decimal scales into exact integers (0.1 is 1/10, 0.36 is 36/100), so that one rounding remains.
Linear make_linear(double scale, double offset);

struct Decoder {
  enum class Kind : std::uint8_t { whole, whole_signed, f16, f32, f64, sign_magnitude, bcd, mod10k, text };
  static constexpr std::uint8_t swap_bytes = 1, swap_words = 2, swap_halves = 4;

  std::uint16_t address = 0;
  std::uint16_t scale_address = 0;
  bool has_scale_register = false;
  Kind kind = Kind::whole;
  std::uint8_t registers = 1;   // 1 to 4
  std::uint8_t order = 0;       // swap_...
  std::uint8_t shift = 0;       // of the byte within the register (u8_high)
  std::uint8_t bit = 0;         // of the bit range within the value
  std::uint64_t mask = ~0ULL;   // of the value, as wide as its type: what sentinels are compared with
  std::uint64_t range = ~0ULL;  // of the bit range, from bit 0
  Linear linear;
  bool magnitude = false;
  std::vector<std::uint64_t> sentinels;
  std::vector<std::pair<std::int64_t, std::int64_t>> translate;  // raw -> canonical, instead of linear

  // `reply` holds registers from address `first` on, high byte first, as ReadRegistersResponse gives them.
  [[nodiscard]] Decoded decode(Bytes reply, std::uint16_t first) const;
  // Of a coil or a discrete input.
  [[nodiscard]] Decoded decode(bool bit) const;
};

Decoder compile(const RegisterPoint& point);

// The text of a string point without blanks and NUL around it, anything unprintable as '?'; none when the
// reply does not hold it or the device has none (all NUL or all 0xFF).
std::optional<std::string> decode_text(const RegisterPoint& point, Bytes reply, std::uint16_t first);

// The registers that make the device's value `canonical`, rounded to the nearest step. `scale_exponent` is
// the present value of the point's scale register, when it has one. A coil gives one word, 0 or 1. Refused:
// what is out of range, what the device would read as "not available", and a part of a register
// (encode_mask).
Result<std::vector<std::uint16_t>> encode_value(const RegisterPoint& point, double canonical,
                                                std::optional<int> scale_exponent = {});

// For points that are a part of a register (bit ranges, booleans, u8): changes only its own bits.
Result<MaskWriteRegister> encode_mask(const RegisterPoint& point, double canonical);

// Is the point only a part of its registers?
bool is_partial(const RegisterPoint& point);

Result<std::vector<std::uint16_t>> encode_text(const RegisterPoint& point, std::string_view text);

}  // namespace iw::modbus
