#include "normalize/skew.hpp"

#include <algorithm>

namespace iw::normalize {

void ClockSkew::add(Duration offset) {
  window_[next_] = offset;
  next_ = static_cast<std::uint8_t>((next_ + 1U) % width);
  filled_ = std::min<std::uint8_t>(filled_ + 1U, width);
  auto sorted = window_;
  const auto middle = sorted.begin() + filled_ / 2;
  std::nth_element(sorted.begin(), middle, sorted.begin() + filled_);
  median_ = *middle;
}

WallTime ClockSkew::observe(const ClockReading& reading) {
  const Duration tolerance = std::clamp<Duration>(2 * reading.round_trip, 1s, 5s);
  const auto near = [&](Duration a, Duration b) { return std::chrono::abs(a - b) <= tolerance; };
  const Duration offset = reading.device - reading.gateway;

  const bool was_set = filled_ > 0 && !near(offset, median_) && near(offset, last_);
  if (was_set) filled_ = next_ = 0;
  add(offset);
  last_ = offset;

  synchronized_ = near(median_, Duration{}) && near(offset, Duration{});
  return synchronized_ ? reading.device : reading.gateway;
}

}  // namespace iw::normalize
