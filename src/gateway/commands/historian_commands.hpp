// The parts of `interwatt historian` that have files of their own.
#pragma once

#include "gateway/commands/commands.hpp"
#include "transfer/sample_form.hpp"

namespace iw::gateway {

// export and import
void add_historian_transfer(const Command& historian, Program& program);

// --format
void add_form(const Command& command, transfer::Form& form);

}  // namespace iw::gateway
