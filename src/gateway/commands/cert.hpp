// interwatt cert: a certificate to start with.
#pragma once

#include "gateway/commands/commands.hpp"

namespace iw::gateway {

void add_cert(Program& program);

}  // namespace iw::gateway
