// SeededRandom: xoshiro256**, one generator for each named component, so that one more draw in one place does
// not shift the draws of another.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"
#include "io/random.hpp"

namespace iw::io::world {

class SeededRandom final : public Random {
 public:
  SeededRandom(std::uint64_t seed, std::string_view component) {
    std::uint64_t x = seed;
    for (const char c : component)
      x = split_mix(x) ^ static_cast<unsigned char>(c);
    for (std::uint64_t& word : state_)
      word = split_mix(x);
  }

  std::uint64_t next() override {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // True this often; draws only when both answers are possible.
  bool chance(double probability) { return probability >= 1 || (probability > 0 && unit() < probability); }
  // Uniform in [least, most].
  Duration between(Duration least, Duration most) {
    if (most <= least) return least;
    return least +
           Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }

 private:
  static std::uint64_t split_mix(std::uint64_t& x) {
    x += 0x9E3779B97F4A7C15;
    std::uint64_t z = x;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace iw::io::world
