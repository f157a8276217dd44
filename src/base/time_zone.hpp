// TimeZone: what the clocks on the wall of the site show. Rules come from the system's tz data
//; a controller only knows this interface.
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

class Utc final : public TimeZone {
 public:
  [[nodiscard]] std::chrono::seconds offset(WallTime /*at*/) const override { return {}; }
};

}  // namespace iw
