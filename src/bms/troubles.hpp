// Troubles: what is wrong by the events of the gateway, as far as a BACnet device can show it. Plain values,
// that go from the core to the device.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/alarms.hpp"
#include "events/point_watch.hpp"

namespace iw::bms {

// An event that is active.
struct SiteAlarm {
  events::EventId id;
  std::string device;              // as configured
  std::string path;                // of the point or the part that it is about; empty: all of the device
  std::optional<bool> above = {};  // of a limit: beyond the high one, or the low one
  std::string message;
  std::string seen_by = {};  // empty: nobody

  friend bool operator==(const SiteAlarm&, const SiteAlarm&) = default;
};

struct Troubles {
  std::vector<std::string> devices = {};                           // that there are
  std::map<std::string, events::Limits, std::less<>> limits = {};  // of points, by path
  std::vector<SiteAlarm> alarms = {};                              // in the order of their ids

  [[nodiscard]] const events::Limits* limits_of(std::string_view path) const;
  friend bool operator==(const Troubles&, const Troubles&) = default;
};

// Of events that somebody has to see: information is no alarm, and what concerns the gateway alone is not
// about an object.
std::vector<SiteAlarm> alarms_of(const events::Alarms& alarms);

}  // namespace iw::bms
