// The tools for BACnet: what try, scan, read and write do with a bacnet:// address.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/commands/target.hpp"
#include "gateway/console.hpp"

namespace iw::gateway {

// "bacnet://...", and "bacnet" for all that can be reached.
bool is_bacnet(std::string_view url);

int try_bacnet(const TargetOptions& options, const std::string& profile, Console& console);
struct BacnetScan {
  std::string instances;     // of devices: "1000-1999", "7" or empty
  std::string profile;       // by which the points are named: an id, a file, or empty
  std::string save_profile;  // where a proposal for one is written, or empty
};
// Devices; with ?device= the objects of one.
int scan_bacnet(const TargetOptions& options, const BacnetScan& scan, Console& console);
// property: present-value and its neighbours when it is empty.
int read_bacnet(const TargetOptions& options, const std::string& object, const std::string& property,
                Console& console);

struct BacnetWrite {
  std::vector<std::string>
      arguments;  // OBJECT VALUE, OBJECT PROPERTY VALUE, or OBJECT VALUE OBJECT VALUE ...
  std::optional<int> priority;
  bool yes = false;
};
int write_bacnet(const TargetOptions& options, const BacnetWrite& write, Console& console);

}  // namespace iw::gateway
