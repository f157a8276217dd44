// Asking before something is done that can not be taken back.
#pragma once

#include <string>

#include "gateway/console.hpp"

namespace iw::gateway {

// There is somebody to ask.
bool can_ask();
// "... [y/N]"
bool confirm(Console& console, const std::string& question);

}  // namespace iw::gateway
