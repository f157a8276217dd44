// Trends: what Trend Logs show, from the history of the gateway: one record a minute. A counter or a state is
// what it was at the end of the minute, everything else its average. Blocking: for an executor that may wait
// for the disk.
#pragma once

#include <string>
#include <vector>

#include "io/files.hpp"
#include "model/mrid.hpp"
#include "protocols/bacnet/server/trend_log.hpp"

namespace iw::bms {

constexpr bacnet::server::LogTraits trend_traits{.interval = 1min, .buffer_size = 31 * 24 * 60};

// What is known of the point in these minutes; nothing where the history does not know the point.
Result<std::vector<bacnet::server::LogItem>> trend_of(io::Files& files, const std::string& folder,
                                                      const model::Mrid& point,
                                                      const bacnet::server::LogBounds& minutes);

// When the history began; none: there is none yet.
Result<std::optional<WallTime>> history_since(io::Files& files, const std::string& folder);

}  // namespace iw::bms
