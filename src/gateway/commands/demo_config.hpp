// The configuration that a user would have written for the demo site.
#pragma once

#include <string>
#include <vector>

#include "sim/demo_site.hpp"

namespace iw::gateway {

std::string demo_config(const std::vector<sim::DemoDevice>& devices);

}  // namespace iw::gateway
