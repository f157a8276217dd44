// VOLTTRON: device configurations (JSON of the config store) of the drivers modbus and modbus_tk with their
// registries (CSV or JSON), register maps and maps.yaml. What counts is what the drivers' code does, where
// its documentation says otherwise.
#pragma once

#include <string>
#include <vector>

#include "importers/draft.hpp"
#include "io/files.hpp"

namespace iw::importers {

Import import_volttron(io::Files& files, const std::vector<std::string>& paths);

}  // namespace iw::importers
