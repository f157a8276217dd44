// interwatt config: see commands.hpp.
#pragma once

#include "gateway/commands/commands.hpp"

namespace iw::gateway {

void add_config(Program& program);

}  // namespace iw::gateway
