// What the tools say of a device that they try or read.
#pragma once

#include <string>

#include "commissioning/trial.hpp"
#include "gateway/console.hpp"

namespace iw::gateway {

// "✓ port       2 ms  ..."
void show(const commissioning::Stage& stage, Console& console);
// quantity, value, unit, quality, where it comes from.
std::string to_table(const commissioning::Readings& readings, const Console& console);

}  // namespace iw::gateway
