// From the configuration to what is run: the lines of all devices, and the assets that a device serves.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "driver/line.hpp"
#include "gateway/site_config.hpp"

namespace iw::gateway {

// Gives a device of the same name the same id for as long as the process runs.
class DeviceIds {
 public:
  model::DeviceId of(const std::string& name);

 private:
  std::map<std::string, model::DeviceId> ids_;
};

// The lines of all enabled devices, those of one driver after another's, else in the order of the file.
std::vector<driver::LinePlanPtr> plan_lines(const LoadedConfig& config, DeviceIds& ids);

// The assets that a device serves, by role.
model::AssetsByRole assets_of(const DeviceSection& device);

}  // namespace iw::gateway
