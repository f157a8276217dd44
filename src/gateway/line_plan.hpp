// LinePlan: what one line is to do, made from the configuration: how it is spoken to and the devices on it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/site_config.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::gateway {

// Gives a device of the same name the same id for as long as the process runs.
class DeviceIds {
 public:
  model::DeviceId of(const std::string& name);

 private:
  std::map<std::string, model::DeviceId> ids_;
};

struct PlannedDevice {
  modbus::LineDevice device;
  std::string fingerprint;  // equal when nothing that concerns polling has changed
};

struct LinePlan {
  std::string url;  // its identity
  modbus::LineSettings settings;
  std::optional<TlsSection> tls;
  std::vector<PlannedDevice> devices;
};

// The lines of all enabled devices, in the order of the file. Timings are the line's own, otherwise the most
// careful ones of the profiles on it.
std::vector<LinePlan> plan_lines(const LoadedConfig& config, DeviceIds& ids);

// The assets that a device serves, by role.
model::AssetsByRole assets_of(const DeviceSection& device);

}  // namespace iw::gateway
