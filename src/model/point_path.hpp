// A point as people name it: its asset and its name, "roof/ActivePower".
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iw::model {

// The path as it is written everywhere, with the canonical name; refuses what no point can be called.
Result<std::string> parse_point_path(std::string_view text);

}  // namespace iw::model
