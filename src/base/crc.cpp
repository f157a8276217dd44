#include "base/crc.hpp"

#include <array>

namespace iw {
namespace {

// What each byte adds, for a reflected polynomial.
template <class Crc>
constexpr std::array<Crc, 256> table_of(Crc polynomial) {
  std::array<Crc, 256> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    auto crc = static_cast<Crc>(i);
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<Crc>((crc & 1U) != 0 ? crc >> 1U ^ polynomial : crc >> 1U);
    table[i] = crc;
  }
  return table;
}

constexpr auto modbus = table_of<std::uint16_t>(0xA001);

// castagnoli[n][b]: what byte b adds when n more bytes follow; eight bytes are looked up at once.
constexpr auto castagnoli = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  tables[0] = table_of<std::uint32_t>(0x82F63B78);
  for (std::size_t n = 1; n < tables.size(); ++n) {
    for (std::size_t b = 0; b < 256; ++b)
      tables[n][b] = tables[n - 1][b] >> 8U ^ tables[0][tables[n - 1][b] & 0xFFU];
  }
  return tables;
}();

}  // namespace

std::uint16_t crc16_modbus(Bytes bytes) {
  std::uint16_t crc = 0xFFFF;
  for (const std::byte b : bytes) {
    const auto index = static_cast<std::uint8_t>(crc ^ std::to_integer<unsigned>(b));
    crc = static_cast<std::uint16_t>(crc >> 8 ^ modbus[index]);
  }
  return crc;
}

std::uint32_t crc32c(Bytes bytes) {
  std::uint32_t crc = ~0U;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint32_t next = 0;
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint32_t mixed = i < 4 ? crc >> (8 * i) : 0;
      next ^= castagnoli[7 - i][(mixed ^ std::to_integer<std::uint32_t>(bytes[i])) & 0xFFU];
    }
    crc = next;
  }
  for (const std::byte b : bytes)
    crc = crc >> 8U ^ castagnoli[0][(crc ^ std::to_integer<std::uint32_t>(b)) & 0xFFU];
  return ~crc;
}

}  // namespace iw
