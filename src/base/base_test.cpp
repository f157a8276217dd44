#include <array>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "base/crc.hpp"
#include "base/hex.hpp"
#include "base/nearest.hpp"

using namespace iw;

TEST_CASE("crc16_modbus gives the standard's check values") {
  CHECK(crc16_modbus(std::as_bytes(std::span("123456789", 9))) == 0x4B37);
  const auto request = parse_hex("01 03 00 00 00 0A").value();
  CHECK(crc16_modbus(request) == 0xCDC5);  // on the wire: C5 CD
}

TEST_CASE("crc32c gives the check values of RFC 3720 B.4") {
  CHECK(crc32c(std::as_bytes(std::span("123456789", 9))) == 0xE3069283);
  std::array<std::byte, 32> bytes{};
  CHECK(crc32c(bytes) == 0x8A9136AA);
  bytes.fill(std::byte{0xFF});
  CHECK(crc32c(bytes) == 0x62A8AB43);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i);
  CHECK(crc32c(bytes) == 0x46DD794E);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("a Reader reads big-endian numbers and remembers a short read") {
  const auto bytes = parse_hex("12 3456 789ABCDE").value();
  Reader r(bytes);
  CHECK(r.u8() == 0x12);
  CHECK(r.u16be() == 0x3456);
  CHECK(r.u32be() == 0x789ABCDE);
  CHECK(r.done());
  CHECK(r.u8() == 0);
  CHECK_FALSE(r.ok());
}

TEST_CASE("a failed read stays failed, even when fewer bytes would have been there") {
  const auto bytes = parse_hex("01 02").value();
  Reader r(bytes);
  CHECK(r.u32be() == 0);
  CHECK(r.u8() == 0);
  CHECK_FALSE(r.ok());
}

TEST_CASE("a Writer refuses what does not fit and keeps what did") {
  std::array<std::byte, 3> buffer{};
  Writer w(buffer);
  w.u16be(0xABCD);
  CHECK(w.ok());
  w.u16be(0x1234);
  CHECK_FALSE(w.ok());
  CHECK(to_hex(w.written()) == "AB CD");
}

TEST_CASE("parse_hex takes the ways people write bytes and names what is wrong") {
  CHECK(to_hex(parse_hex("0x01,0x03:ff-0a 0B").value()) == "01 03 FF 0A 0B");
  CHECK(parse_hex("01 0").error().kind == ErrorKind::malformed);
  CHECK(parse_hex("01 0g").error().message.find("stands alone") != std::string::npos);
  CHECK(parse_hex("zz").error().message.find("'z' at position 1") != std::string::npos);
}

TEST_CASE("nearest finds the word that was meant, and none when nothing is near") {
  const std::array<std::string_view, 3> words{"ActivePower", "Voltage", "Frequency"};
  CHECK(nearest("activpower", words) == "ActivePower");
  CHECK(nearest("Frequenzy", words) == "Frequency");
  CHECK_FALSE(nearest("Temperature", words).has_value());
  CHECK(suggestion("Voltag", words) == ", did you mean 'Voltage'?");
}
