// Points in time and durations. Only types: who wants to know what time it is asks an io::Clock.
//
// Instant   monotonic, for intervals and deadlines; meaningless outside this process
// WallTime  UTC since 1970, nanoseconds, for stamping values; may step
#pragma once

#include <chrono>
#include <cstdint>

namespace iw {

using Duration = std::chrono::nanoseconds;

// A clock that can not be asked: it only gives Instant its own type.
struct Monotonic {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<Monotonic>;
  static constexpr bool is_steady = true;
};

using Instant = Monotonic::time_point;
using WallTime = std::chrono::sys_time<Duration>;

constexpr Instant never = Instant::max();

using namespace std::chrono_literals;

}  // namespace iw
