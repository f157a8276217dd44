// TZif: the files of /usr/share/zoneinfo (RFC 8536), and the rule in their footer for the years after their
// last transition (POSIX TZ, as RFC 8536 3.3.1 extends it). Any bytes are refused or become a TimeZone.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace iw {

Result<std::unique_ptr<const TimeZone>> decode_tzif(Bytes file);

// "CET-1CEST,M3.5.0,M10.5.0/3".
Result<std::unique_ptr<const TimeZone>> parse_posix_tz(std::string_view text);

// Whether a text can name a zone, "Europe/Berlin", and so be a path below the folder of zones: no "..", no
// leading slash.
bool is_zone_name(std::string_view text);

}  // namespace iw
