// Asking the gateway that runs with a data folder, through its door (control_door.hpp).
#pragma once

#include <string>

#include "gateway/surroundings.hpp"
#include "io/network.hpp"
#include "io/task.hpp"
#include "json/json.hpp"

namespace iw::gateway {

// An object, or why there is none: no gateway runs, or it refuses.
io::Task<Result<nlohmann::ordered_json>> ask_gateway(io::Network& network, std::string folder,
                                                     std::string method, std::string target,
                                                     nlohmann::ordered_json body);

// The same, for a command that does nothing else meanwhile.
Result<nlohmann::ordered_json> ask_gateway(Surroundings& around, const std::string& folder,
                                           std::string method, std::string target,
                                           nlohmann::ordered_json body = {});

}  // namespace iw::gateway
