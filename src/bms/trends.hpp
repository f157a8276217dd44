// Trends: what Trend Logs show, from the history of the gateway: one record a minute. A counter or a state is
// what it was at the end of the minute, everything else its average. Blocking: for an executor that may wait
// for the disk.
#pragma once

#include <string>
#include <vector>

#include "historian/excerpt.hpp"
#include "io/files.hpp"
#include "model/mrid.hpp"
#include "protocols/bacnet/server/trend_log.hpp"

namespace iw::bms {

constexpr bacnet::server::LogTraits trend_traits{.interval = 1min, .buffer_size = 31 * 24 * 60};

// What is known in these minutes of the one point that the excerpt is of; nothing where the history does not
// know it.
Result<std::vector<bacnet::server::LogItem>> trend_of(historian::Excerpt& history,
                                                      const bacnet::server::LogBounds& minutes);

// When the history began; none: there is none yet.
Result<std::optional<WallTime>> history_since(io::Files& files, const std::string& folder);

}  // namespace iw::bms
