// PosixTz: the rule of a time zone in one line (POSIX.1 "TZ", with the extensions of RFC 8536 3.3.1):
// "CET-1CEST,M3.5.0,M10.5.0/3". Offsets are written west of Greenwich there, and east everywhere here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace iw {

class PosixTz {
 public:
  static Result<PosixTz> parse(std::string_view text);

  [[nodiscard]] std::chrono::seconds offset(std::chrono::sys_seconds at) const;

 private:
  struct Change {
    enum class Day : std::uint8_t { month_week_day, julian_without_leap_day, zero_based };
    Day day = Day::month_week_day;
    unsigned month = 0;               // 1..12
    unsigned week = 0;                // 1..5, 5 is the last
    unsigned weekday = 0;             // 0 is Sunday
    int number = 0;                   // of a Julian day
    std::chrono::seconds time{7200};  // after midnight, on the clock before the change

    [[nodiscard]] std::chrono::sys_seconds in(std::chrono::year year) const;
  };
  struct Summer {
    std::chrono::seconds offset{};
    Change begin;
    Change end;
  };
  class Parser;

  std::chrono::seconds standard_{};
  std::optional<Summer> summer_;
};

}  // namespace iw
