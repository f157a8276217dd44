// Times as people write them on the command line, UTC:
//
//   2026-11-24   2026-11-24T10:15   2026-11-24T10:15:30.5Z   now   today   yesterday   2h (ago)
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace iw::gateway {

Result<WallTime> parse_time(std::string_view text, WallTime now);
// Only the forms that mean the same whenever they are read.
Result<WallTime> parse_utc(std::string_view text);

// --since and --until, empty where they were not given.
struct TimeSpan {
  WallTime from;
  WallTime to;
};
Result<TimeSpan> parse_span(const std::string& since, const std::string& until, WallTime now,
                            Duration otherwise);

}  // namespace iw::gateway
