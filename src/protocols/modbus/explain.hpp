// What a frame says, in words: for `interwatt decode`, logs and bug reports.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace iw::modbus {

// Takes a whole frame of Modbus TCP or RTU and finds out which it is. A frame that may be a request or a
// response is shown as both; a broken one with the reason.
std::string explain_frame(Bytes frame);

// Whether it is one whole frame with a right checksum, or several of Modbus TCP one behind the other.
bool is_frame(Bytes frame);

// The PDU alone, without unit id and checksum.
std::string explain_pdu(Bytes pdu);

// Whether it can be a request, a response or an exception.
bool is_pdu(Bytes pdu);

}  // namespace iw::modbus
