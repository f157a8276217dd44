// How an Accumulator counts (12.1). Present_Value times Scale is the quantity in its Units. Prescale says how
// pulses of the instrument became Present_Value: it is in there already, and never in the quantity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace iw::bacnet {

// Present_Value rises by `multiplier` for `modulo_divide` pulses.
struct Prescale {
  std::uint32_t multiplier = 1;
  std::uint32_t modulo_divide = 1;

  friend constexpr bool operator==(const Prescale&, const Prescale&) = default;
};

// BACnetScale: a factor, or a power of ten; none: it is not, or nothing could be counted with it.
std::optional<double> decode_scale(Bytes encoded);
std::optional<Prescale> decode_prescale(Bytes encoded);
std::string to_string(const Prescale& prescale);  // "2 for 10 pulses"

}  // namespace iw::bacnet
