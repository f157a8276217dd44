// The same noise on every machine: splitmix64, and from it uniform and normal numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace iw::normalize::testing {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  double between(double low, double high) { return low + (high - low) * uniform(); }
  double normal() {  // Box and Muller
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  double uniform() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27U) * 0x94D049BB133111EBULL;
    return static_cast<double>((z ^ z >> 31U) >> 11U) * 0x1p-53;
  }

  std::uint64_t state_;
};

}  // namespace iw::normalize::testing
