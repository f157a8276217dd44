// DeviceSection: what the section of a device says, whatever its protocol.
#pragma once

#include <map>
#include <string>

#include "base/time.hpp"
#include "config/document.hpp"
#include "driver/profile.hpp"
#include "model/point.hpp"

namespace iw::driver {

struct DeviceSection {
  const config::Value* place = nullptr;  // the section: a protocol finds its own keys there
  std::string name;
  std::string connect;  // the URL of the device; its scheme says the protocol
  std::string profile;  // id; empty: the device describes itself
  bool enabled = true;
  std::map<std::string, std::string> assets = {};           // role -> name
  std::map<model::PointName, Duration> point_periods = {};  // of points that have a period of their own

  // Set by the driver; none: the device describes itself. The driver's.
  const Profile* described_by = nullptr;
};

// Where a key of the section stands; the section, when the key is not there.
inline config::Place place_of(const config::Value& section, std::string_view key) {
  const config::Value* value = section.find(key);
  return value != nullptr ? value->place() : section.place();
}

}  // namespace iw::driver
