// CRC-16/MODBUS: reflected polynomial 0xA001, start 0xFFFF; sent low byte first (MODBUS over Serial
// Line 6.2.2).
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace iw {

std::uint16_t crc16_modbus(Bytes bytes);

}  // namespace iw
