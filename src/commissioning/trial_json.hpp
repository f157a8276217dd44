// A trial as JSON, for the command line and the API.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "commissioning/trial.hpp"

namespace iw::commissioning {

nlohmann::ordered_json to_json(const Stage& stage);
nlohmann::ordered_json to_json(const model::DeviceIdentity& identity);
nlohmann::ordered_json to_json(const Target& target, const Trial& trial);

}  // namespace iw::commissioning
