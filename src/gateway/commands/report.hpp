// What the tools print in the same way.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "gateway/console.hpp"

namespace iw::gateway {

// Indented; bytes of a device that are no UTF-8 are replaced.
void print(Console& console, const nlohmann::ordered_json& json);

nlohmann::ordered_json to_json(const Error& error);

// The end of a tool that did not work: the error to people, or as {"error": ...} to a program. Gives the
// status.
int give_up(Console& console, bool json, const Error& error, int status = 1);

}  // namespace iw::gateway
