// What a new configuration changes, in words, for the record: "device 'roof' is new".
#pragma once

#include <string>
#include <vector>

#include "config/document.hpp"

namespace iw::gateway {

std::vector<std::string> changes_between(const config::Value& before, const config::Value& after);

}  // namespace iw::gateway
