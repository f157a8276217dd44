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

int try_bacnet(const TargetOptions& options, Console& console);
// Devices; with ?device= the objects of one. instances: "1000-1999", "7" or empty.
int scan_bacnet(const TargetOptions& options, const std::string& instances, Console& console);
// property: present-value and its neighbours when it is empty.
int read_bacnet(const TargetOptions& options, const std::string& object, const std::string& property,
                Console& console);

struct BacnetWrite {
  std::vector<std::string> arguments;  // OBJECT VALUE, OBJECT PROPERTY VALUE
  std::optional<int> priority;
  bool yes = false;
};
int write_bacnet(const TargetOptions& options, const BacnetWrite& write, Console& console);

}  // namespace iw::gateway
