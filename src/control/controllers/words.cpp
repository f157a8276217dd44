#include "control/controllers/words.hpp"

#include <cmath>

fmt::format_context::iterator fmt::formatter<iw::control::Power>::format(const iw::control::Power& power,
                                                                         format_context& context) const {
  if (std::abs(power.value) < 999.5)
    return fmt::format_to(context.out(), "{:.0f} {}", power.value, power.unit);
  return fmt::format_to(context.out(), "{:.1f} k{}", power.value / 1000, power.unit);
}
