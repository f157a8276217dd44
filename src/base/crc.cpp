#include "base/crc.hpp"

#include <array>

namespace iw {
namespace {

constexpr auto table = [] {
  std::array<std::uint16_t, 256> t{};
  for (unsigned i = 0; i < t.size(); ++i) {
    unsigned crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xA001U : crc >> 1;
    t[i] = static_cast<std::uint16_t>(crc);
  }
  return t;
}();

}  // namespace

std::uint16_t crc16_modbus(Bytes bytes) {
  std::uint16_t crc = 0xFFFF;
  for (const std::byte b : bytes) {
    const auto index = static_cast<std::uint8_t>(crc ^ std::to_integer<unsigned>(b));
    crc = static_cast<std::uint16_t>(crc >> 8 ^ table[index]);
  }
  return crc;
}

}  // namespace iw
