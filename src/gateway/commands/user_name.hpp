// Who sits at the command line, for records of who did what.
#pragma once

#include <string>

namespace iw::gateway {

// The login name; of who called sudo, under sudo. The number when it has no name.
std::string user_name();

}  // namespace iw::gateway
