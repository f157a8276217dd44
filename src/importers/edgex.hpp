// EdgeX Foundry: device profiles and device lists of 1.x to 4.x (YAML, JSON, TOML) for its Modbus device
// service. What counts is what the service's code does, where its documentation says otherwise.
#pragma once

#include <string>
#include <vector>

#include "importers/draft.hpp"
#include "io/files.hpp"

namespace iw::importers {

Import import_edgex(io::Files& files, const std::vector<std::string>& paths);

}  // namespace iw::importers
