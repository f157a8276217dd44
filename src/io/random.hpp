// Random: the only source of chance. Real: the operating system's; simulated: seeded, one stream for each
// component.
#pragma once

#include <cstdint>

namespace iw::io {

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  virtual std::uint64_t next() = 0;

  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    // The 128-bit product maps the range without the bias of a remainder (Lemire).
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * bound >> 64);
  }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
};

}  // namespace iw::io
