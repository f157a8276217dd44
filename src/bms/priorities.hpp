// Which level of control a BACnet command priority is (19.2.2): priority 1 is the most important, and a more
// important priority never has a lower level.
#pragma once

#include <cstdint>
#include <optional>

#include "control/claim.hpp"

namespace iw::bms {

// None: 6, which belongs to minimum on and off times.
std::optional<control::Level> level_of(std::uint8_t priority);

}  // namespace iw::bms
