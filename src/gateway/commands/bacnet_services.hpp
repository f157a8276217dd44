// The tools of `interwatt bacnet`: what only BACnet devices have.
#pragma once

#include <optional>
#include <string>

#include "gateway/commands/target.hpp"
#include "gateway/console.hpp"

namespace iw::gateway {

// All objects of a device, or all properties of one.
struct BacnetBrowse {
  std::string object;  // empty: all objects
  std::string type;    // only of this type
  std::string match;   // only whose name has this in it
};
int browse_bacnet(const TargetOptions& options, const BacnetBrowse& browse, Console& console);

int show_bacnet_alarms(const TargetOptions& options, Console& console);
int acknowledge_bacnet_alarm(const TargetOptions& options, const std::string& object, const std::string& by,
                             Console& console);

// The newest records of a trend log.
int show_bacnet_trend(const TargetOptions& options, const std::string& log, int last, Console& console);

// The time of this machine, which should be right.
int tell_bacnet_time(const TargetOptions& options, Console& console);

struct BacnetSilence {
  bool enable = false;  // ends it
  std::optional<int> minutes;
  std::string password_file;
};
int silence_bacnet(const TargetOptions& options, const BacnetSilence& silence, Console& console);

}  // namespace iw::gateway
