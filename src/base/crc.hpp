// Checksums over bytes.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace iw {

// CRC-16/MODBUS: reflected polynomial 0xA001, start 0xFFFF; sent low byte first (MODBUS over Serial
// Line 6.2.2).
std::uint16_t crc16_modbus(Bytes bytes);

// CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, start and end inverted (RFC 3720 12.1).
std::uint32_t crc32c(Bytes bytes);

}  // namespace iw
