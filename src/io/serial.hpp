// SerialSettings: how to open a serial port. The port itself is a ByteStream.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace iw::io {

enum class Parity : std::uint8_t { none, even, odd };

struct SerialSettings {
  std::string device;  // "/dev/serial/by-id/..."
  std::uint32_t baud = 9600;
  std::uint8_t data_bits = 8;
  Parity parity = Parity::none;
  std::uint8_t stop_bits = 1;
  bool rs485 = false;  // let the kernel drive RTS (TIOCSRS485) where the port can

  friend bool operator==(const SerialSettings&, const SerialSettings&) = default;

  // Bits on the wire for one character: start + data + parity + stop.
  [[nodiscard]] constexpr unsigned bits_per_character() const {
    return 1U + data_bits + (parity == Parity::none ? 0U : 1U) + stop_bits;
  }
  [[nodiscard]] constexpr Duration character_time() const {
    return Duration(std::int64_t{1'000'000'000} * bits_per_character() / baud);
  }
};

}  // namespace iw::io
