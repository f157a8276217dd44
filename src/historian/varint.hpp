// Integers in as few bytes as they need: seven bits in each, the least significant first, the top bit set
// when more follow. Signed ones are folded first, so that small negative numbers stay small.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace iw::historian {

constexpr std::uint64_t fold(std::int64_t v) {
  return static_cast<std::uint64_t>(v) << 1U ^ static_cast<std::uint64_t>(v >> 63U);
}
constexpr std::int64_t unfold(std::uint64_t v) { return static_cast<std::int64_t>(v >> 1U ^ (0 - (v & 1U))); }

inline void put_varint(std::vector<std::byte>& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7U)
    out.push_back(static_cast<std::byte>(v | 0x80U));
  out.push_back(static_cast<std::byte>(v));
}

// Zero when the bytes end too early or go on for too long: see Reader::ok().
inline std::uint64_t take_varint(Reader& in) {
  std::uint64_t v = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t b = in.u8();
    v |= (b & 0x7FU) << shift;
    if ((b & 0x80U) == 0) return v;
  }
  in.bytes(in.remaining() + 1);  // no end within 64 bits
  return 0;
}

}  // namespace iw::historian
