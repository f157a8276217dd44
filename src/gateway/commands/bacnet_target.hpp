// What all tools for BACnet begin with: which device, an open port.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "commissioning/bacnet_link.hpp"
#include "commissioning/bacnet_words.hpp"
#include "gateway/commands/target.hpp"
#include "gateway/console.hpp"
#include "protocols/bacnet/profile.hpp"
#include "protocols/bacnet/property_client.hpp"

namespace iw::gateway {

using commissioning::BacnetLink;
using commissioning::in_words;
using commissioning::shown;

struct BacnetTarget {
  bacnet::DeviceUrl url;
  Duration timeout = 1s;
  bool json = false;
};

Result<BacnetTarget> parse_bacnet_target(const TargetOptions& options);
// A device has to be named.
Result<BacnetTarget> parse_bacnet_device(const TargetOptions& options);

// Where broadcasts go: to the address that was given, else to all of this network.
bacnet::IpAddress broadcast_of(const BacnetTarget& target);

// Runs with an open link, and closes it whatever happens.
using BacnetTool = std::function<io::Task<int>(BacnetLink& link)>;
io::Task<int> with_bacnet_link(io::Network& network, BacnetTarget target, BacnetTool tool, Console& console);
int run_with_bacnet_link(const BacnetTarget& target, const BacnetTool& tool, Console& console);

// Wrong use that only shows when files were read.
io::Task<int> refused(Console& console, bool json, Error error);

// The rules of a profile: its id, or the path of a .yaml file; none when empty.
using BacnetRules = std::shared_ptr<const bacnet::ObjectRules>;
Result<BacnetRules> choose_bacnet_rules(io::Files& files, const std::string& choice);

}  // namespace iw::gateway
