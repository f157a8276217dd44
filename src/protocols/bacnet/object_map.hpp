// ObjectMap: which objects of a device are read and written, and what their values mean: as RegisterMap of
// Modbus, for BACnet. Made from the device's own object list (discovery.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "model/asset.hpp"
#include "model/point.hpp"
#include "protocols/bacnet/object.hpp"

namespace iw::bacnet {

struct ObjectPoint {
  model::Point point;
  ObjectId object;
  PropertyReference property = {};  // present-value, if nothing else is said
  double scale = 1;                 // canonical = value x scale + offset
  double offset = 0;
  std::optional<Duration> period = {};  // how often it is read; none: as its rate class says
  bool commandable = false;             // has a priority array

  friend bool operator==(const ObjectPoint& a, const ObjectPoint& b) {
    return a.object == b.object && a.property == b.property && a.scale == b.scale && a.offset == b.offset &&
           a.point.name == b.point.name && a.period == b.period && a.commandable == b.commandable;
  }
};

struct ObjectMap {
  std::vector<ObjectPoint> points;  // position = PointId::index
  model::DeviceIdentity identity;
  std::vector<std::string> warnings = {};
};

}  // namespace iw::bacnet
