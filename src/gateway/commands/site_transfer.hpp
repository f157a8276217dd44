// A whole site out of a gateway and into another: configuration, own profiles, history and events, in open
// formats (docs/portability.md).
#pragma once

#include "gateway/commands/commands.hpp"

namespace iw::gateway {

// `interwatt import site`
void add_import_site(const Command& import, Program& program);

}  // namespace iw::gateway
