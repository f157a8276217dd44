// interwatt import ede: object lists of BACnet devices as profiles and an interwatt.yaml.
#pragma once

#include "gateway/commands/commands.hpp"

namespace iw::gateway {

void add_import_ede(const Command& import, Program& program);

}  // namespace iw::gateway
