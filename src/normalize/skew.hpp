// ClockSkew: how far a device's clock is from the gateway's, from the stamps in its answers: the median of
// (device - gateway) over the last 64, so that a late answer does not matter. When two stamps in a row agree
// on another skew the clock was set, and the window begins again.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"

namespace iw::normalize {

// One answer with the device's own time.
struct ClockReading {
  WallTime device;
  WallTime gateway;     // in the middle of the request
  Duration round_trip;  // half of it is what the middle may be wrong
};

class ClockSkew {
 public:
  // Returns the time to stamp the answer's values with: the device's, or the gateway's if the device's clock
  // can not be trusted. So it is never in the future by more than the tolerance.
  WallTime observe(const ClockReading& reading);

  // Within max(1 s, 2 round trips), but never more than 5 s. True before the first reading.
  [[nodiscard]] bool synchronized() const { return synchronized_; }
  [[nodiscard]] Duration skew() const { return median_; }

 private:
  void add(Duration offset);

  static constexpr std::size_t width = 64;

  std::array<Duration, width> window_{};
  std::uint8_t next_ = 0;
  std::uint8_t filled_ = 0;
  Duration last_{};
  Duration median_{};
  bool synchronized_ = true;
};

}  // namespace iw::normalize
