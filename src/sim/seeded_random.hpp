// SeededRandom: chance that repeats (SplitMix64, Steele and others 2014). One for each component, so that
// what one draws does not move the others.
#pragma once

#include "io/random.hpp"

namespace iw::sim {

class SeededRandom final : public io::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() override {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
  }

 private:
  std::uint64_t state_;
};

}  // namespace iw::sim
