// Clock: the only one to ask what time it is.
#pragma once

#include "base/time.hpp"

namespace iw::io {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Monotonic, goes on while the machine sleeps (CLOCK_BOOTTIME); for deadlines and intervals.
  [[nodiscard]] virtual Instant now() const = 0;
  // UTC; for stamping values and for schedules. May step.
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

}  // namespace iw::io
