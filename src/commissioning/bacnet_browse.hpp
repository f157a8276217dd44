// What a BACnet device consists of: its objects with what is wanted of each, and all properties of one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "commissioning/bacnet_link.hpp"
#include "protocols/bacnet/object.hpp"

namespace iw::commissioning {

struct BrowsedObject {
  bacnet::ObjectId id;
  std::string name;
  std::string value;
  std::string units;
  std::string state;  // "in alarm, fault": of its status flags
  std::string description;
};

struct BrowsedObjects {
  std::vector<BrowsedObject> objects;
  std::size_t all = 0;  // that the device has
};

struct BrowseSettings {
  std::string type = {};   // "ai": only of this type; empty: all
  std::string match = {};  // these letters in the name, in any case
  std::function<void(std::size_t done, std::size_t of)> progress;
  std::function<bool()> stopped = {};
};

// The objects in the order of type and instance. The URL names the device.
io::Task<Result<BrowsedObjects>> browse_objects(BacnetLink& link, bacnet::DeviceUrl url,
                                                BrowseSettings settings);

struct BrowsedProperty {
  std::string name;
  std::string value;  // what is constructed as hex, so that nothing is lost
};

// Those that it has; not_found when it has no such object.
io::Task<Result<std::vector<BrowsedProperty>>> browse_properties(BacnetLink& link, bacnet::DeviceUrl url,
                                                                 bacnet::ObjectId object);

nlohmann::ordered_json to_json(const BrowsedObject& object);

}  // namespace iw::commissioning
