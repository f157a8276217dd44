// The same noise on every machine: uniform and normal numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "io/world/seeded_random.hpp"

namespace iw::normalize::testing {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed, "normalize") {}

  double between(double low, double high) { return low + (high - low) * random_.unit(); }
  double normal() {  // Box and Muller
    const double radius = std::sqrt(-2 * std::log(1 - random_.unit()));
    return radius * std::cos(2 * std::numbers::pi * random_.unit());
  }

 private:
  io::world::SeededRandom random_;
};

}  // namespace iw::normalize::testing
