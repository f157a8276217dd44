// Events for people on a terminal: a table, one line each as they come, and all about one. Pure: records and
// the time in, text out. Times are UTC.
#pragma once

#include <span>
#include <string>

#include "events/event.hpp"
#include "gateway/console.hpp"

namespace iw::gateway {

std::string event_table(std::span<const events::Event> events, WallTime now, const Console& console);
std::string event_line(const events::Event& event, WallTime now, const Console& console);
std::string event_details(const events::Event& event, WallTime now, const Console& console);

// "3 open, 2 of them to be acknowledged"; "nothing open".
std::string event_summary(std::span<const events::Event> open);

// Where it is, for people: the point, or the device, or the asset, or the gateway.
std::string place_of(const events::Event& event);

}  // namespace iw::gateway
