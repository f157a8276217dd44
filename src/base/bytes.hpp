// Reader and Writer: bounds-safe cursors over bytes, network (big-endian) order first.
//
// A Reader never reads past its span: a short read gives zero and makes ok() false for good, so a decoder can
// read a whole header and ask once. A Writer appends to a fixed span and refuses in the same way what does
// not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace iw {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

class Reader {
 public:
  explicit constexpr Reader(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] constexpr bool ok() const { return ok_; }
  [[nodiscard]] constexpr std::size_t remaining() const { return rest_.size(); }
  // Everything was there, and nothing is left over.
  [[nodiscard]] constexpr bool done() const { return ok_ && rest_.empty(); }

  constexpr std::uint8_t u8() { return static_cast<std::uint8_t>(take_big(1)); }
  constexpr std::uint16_t u16be() { return static_cast<std::uint16_t>(take_big(2)); }
  constexpr std::uint32_t u32be() { return static_cast<std::uint32_t>(take_big(4)); }
  constexpr std::uint64_t u64be() { return take_big(8); }
  constexpr std::uint16_t u16le() { return static_cast<std::uint16_t>(take_little(2)); }
  constexpr std::uint32_t u32le() { return static_cast<std::uint32_t>(take_little(4)); }

  // The next n bytes; an empty span when they are not there.
  constexpr Bytes bytes(std::size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes head = rest_.first(n);
    rest_ = rest_.subspan(n);
    return head;
  }
  constexpr Bytes rest() { return bytes(rest_.size()); }

 private:
  constexpr std::uint64_t take_big(std::size_t n) {
    std::uint64_t value = 0;
    for (const std::byte b : bytes(n))
      value = value << 8 | std::to_integer<std::uint64_t>(b);
    return value;
  }
  constexpr std::uint64_t take_little(std::size_t n) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const std::byte b : bytes(n)) {
      value |= std::to_integer<std::uint64_t>(b) << shift;
      shift += 8;
    }
    return value;
  }

  Bytes rest_;
  bool ok_ = true;
};

class Writer {
 public:
  explicit constexpr Writer(MutableBytes into) : into_(into) {}

  [[nodiscard]] constexpr bool ok() const { return ok_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr Bytes written() const { return into_.first(size_); }

  constexpr void u8(std::uint8_t v) { put_big(v, 1); }
  constexpr void u16be(std::uint16_t v) { put_big(v, 2); }
  constexpr void u32be(std::uint32_t v) { put_big(v, 4); }
  constexpr void u64be(std::uint64_t v) { put_big(v, 8); }
  constexpr void u16le(std::uint16_t v) {
    u8(static_cast<std::uint8_t>(v));
    u8(static_cast<std::uint8_t>(v >> 8));
  }
  constexpr void bytes(Bytes b) {
    if (!fits(b.size())) return;
    for (const std::byte x : b)
      into_[size_++] = x;
  }

 private:
  constexpr bool fits(std::size_t n) {
    ok_ = ok_ && n <= into_.size() - size_;
    return ok_;
  }
  constexpr void put_big(std::uint64_t v, std::size_t n) {
    if (!fits(n)) return;
    for (std::size_t i = n; i-- > 0;)
      into_[size_++] = static_cast<std::byte>(v >> (8 * i));
  }

  MutableBytes into_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace iw
