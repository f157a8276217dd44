// What a BACnet/IP datagram says, in words: for `interwatt decode`, logs and bug reports.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace iw::bacnet {

// Layer by layer, down to the values; where something is wrong, why, and what was understood before it.
std::string explain_frame(Bytes datagram);

// Whether it is a whole datagram of BACnet/IP, so far as its first layer says.
bool is_frame(Bytes datagram);

}  // namespace iw::bacnet
