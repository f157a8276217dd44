#include "protocols/bacnet/accumulator.hpp"

#include <cmath>

#include <fmt/format.h>

#include "protocols/bacnet/parameters.hpp"

namespace iw::bacnet {

std::optional<double> decode_scale(Bytes encoded) {
  ParameterReader in(encoded);
  std::optional<double> scale;
  if (in.next_is(0)) {
    scale = in.context<float>(0);
  } else if (in.next_is(1)) {
    scale = std::pow(10.0, static_cast<double>(in.context<Signed>(1).value));
  }
  if (!in.finished() || !scale || !std::isfinite(*scale) || *scale == 0) return std::nullopt;
  return scale;
}

std::optional<Prescale> decode_prescale(Bytes encoded) {
  ParameterReader in(encoded);
  const Prescale prescale{.multiplier = in.context_u32(0), .modulo_divide = in.context_u32(1)};
  if (!in.finished() || prescale.modulo_divide == 0) return std::nullopt;
  return prescale;
}

std::string to_string(const Prescale& prescale) {
  return fmt::format("{} for {} pulses", prescale.multiplier, prescale.modulo_divide);
}

}  // namespace iw::bacnet
