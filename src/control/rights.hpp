// Rights: who may claim which points, at which level. What is not granted is refused.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/claim.hpp"

namespace iw::control {

struct Right {
  std::string owner;                    // * stands for anybody
  Level highest = Level::optimisation;  // and all below
  std::vector<std::string> points;      // paths; * stands for anything: "battery/*"
};

Result<void> may_claim(std::span<const Right> rights, std::string_view owner, Level level,
                       std::string_view path);

// '*' is any number of any characters.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace iw::control
