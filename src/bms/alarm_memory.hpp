// AlarmMemory: what recipients know of an object's alarm, over restarts: who was told, and acknowledged it,
// is not told of it again as if it were new, and can acknowledge afterwards what he was told before.
//
// A text file, one line an object: "<object> <state> <off-normal> <fault> <normal> <events>", all octets and
// numbers; a transition is "<state>:<event type>:<acknowledged>:<time stamp>".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "events/event.hpp"
#include "protocols/bacnet/server/reporting.hpp"

namespace iw::bms {

struct AlarmMemory {
  bacnet::server::AlarmState alarm;
  std::vector<events::EventId> events;  // of the gateway, that are behind it

  friend bool operator==(const AlarmMemory&, const AlarmMemory&) = default;
};

using AlarmMemories = std::map<bacnet::ObjectId, AlarmMemory>;

std::string to_text(const AlarmMemories& memories);
// Lines that are none are left out: of these objects recipients are told anew.
AlarmMemories parse_alarm_memories(std::string_view text);

}  // namespace iw::bms
