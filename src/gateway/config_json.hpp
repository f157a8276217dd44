// Versions of the configuration, and findings in one, as JSON: for the API and the command line.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/finding.hpp"
#include "gateway/config_versions.hpp"

namespace iw::gateway {

nlohmann::ordered_json config_json(const ConfigVersion& version);
nlohmann::ordered_json config_json(const config::Findings& findings);

}  // namespace iw::gateway
