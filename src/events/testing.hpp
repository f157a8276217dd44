// What the tests of this room share.
#pragma once

#include <string>
#include <string_view>

#include "events/alarms.hpp"

namespace iw::events::testing {

// The same moment on both clocks, so long after an arbitrary start.
constexpr Moment at(Duration since) {
  return {.wall = WallTime{Duration(std::chrono::days(20'000)) + since}, .instant = Instant{1h + since}};
}

inline Source device(std::string name) { return {.device = std::move(name), .path = {}, .asset = "roof"}; }
inline Source point(std::string path) {
  return {.device = "inverter", .path = std::move(path), .asset = "roof"};
}

}  // namespace iw::events::testing
