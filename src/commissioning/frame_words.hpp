// FrameWords: what the bytes of a frame mean, in words: Modbus TCP and RTU, a Modbus PDU, a BACnet/IP
// datagram. Pure.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.hpp"

namespace iw::commissioning {

struct FrameWords {
  std::string frame;    // its bytes in hex, without what stood between them
  bool whole = false;   // not cut off, and its checksum is right
  std::string meaning;  // lines
};

// Fails when the text is no hex. `pdu`: of Modbus only the PDU, without unit id and checksum.
Result<FrameWords> explain_hex(std::string_view text, bool pdu);

nlohmann::ordered_json to_json(const FrameWords& words);

}  // namespace iw::commissioning
