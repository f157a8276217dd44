// TimeZone: what the clocks on the wall of the site show. The rules come from the
// system's tz data (base/tzif.hpp).
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace iw {

// Local time: no instant, since an hour comes twice in autumn and one is missing in spring.
using LocalTime = std::chrono::local_time<std::chrono::seconds>;

class TimeZone {
 public:
  TimeZone() = default;
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;
  virtual ~TimeZone() = default;

  // Local time = UTC + offset.
  [[nodiscard]] virtual std::chrono::seconds offset(WallTime at) const = 0;

  [[nodiscard]] LocalTime local(WallTime at) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
    return LocalTime(seconds + offset(at));
  }
};

// The instant at which the local clock shows this: the first one of two in autumn. A time that spring leaves
// out is taken by the clock before the change: 2:30 is what then is called 3:30.
[[nodiscard]] inline WallTime to_utc(const TimeZone& zone, LocalTime local) {
  const WallTime as_utc(local.time_since_epoch());
  const std::chrono::seconds before = zone.offset(as_utc - std::chrono::days(1));
  const std::chrono::seconds after = zone.offset(as_utc + std::chrono::days(1));
  if (zone.offset(as_utc - before) == before) return as_utc - before;
  return zone.offset(as_utc - after) == after ? as_utc - after : as_utc - before;
}

// Whether the local clock shows this twice, in autumn.
[[nodiscard]] inline bool comes_twice(const TimeZone& zone, LocalTime local) {
  const WallTime first = to_utc(zone, local);
  const std::chrono::seconds shift =
      zone.offset(first - std::chrono::days(1)) - zone.offset(first + std::chrono::days(1));
  return shift > std::chrono::seconds(0) && zone.local(first + shift) == local;
}

class Utc final : public TimeZone {
 public:
  [[nodiscard]] std::chrono::seconds offset(WallTime /*at*/) const override { return {}; }
};

}  // namespace iw
