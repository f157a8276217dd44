// Events as JSON, one object an event, for scripts and for taking them elsewhere: all fields, times to the
// nanosecond, so that reading gives the same record. The names of the fields are in docs/events.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "events/event.hpp"

namespace iw::gateway {

// One line, without its line feed.
std::string event_json(const events::Event& event);

// Refuses what is no event, and says which field is wrong.
Result<events::Event> parse_event_json(std::string_view line);

// "2026-01-01T12:00:00.250Z", with nine digits where three do not do.
std::string exact_time(WallTime time);

}  // namespace iw::gateway
