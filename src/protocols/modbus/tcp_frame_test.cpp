#include "protocols/modbus/tcp_frame.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

void feed(TcpFramer& framer, Bytes bytes) {
  const MutableBytes space = framer.free_space();
  REQUIRE(space.size() >= bytes.size());
  std::ranges::copy(bytes, space.begin());
  framer.filled(bytes.size());
}

// All frames that are there, as text; what is wrong with the stream comes last.
std::vector<std::string> drain(TcpFramer& framer) {
  std::vector<std::string> frames;
  while (auto frame = framer.next()) {
    if (!frame->has_value()) {
      frames.push_back(frame->error().message);
      break;
    }
    frames.push_back(fmt::format("{} {} {}", (*frame)->tid, (*frame)->unit.value(), to_hex((*frame)->pdu)));
  }
  return frames;
}

constexpr std::string_view three_adus =
    "00 01 00 00 00 05 01 03 02 00 E6"
    "00 02 00 00 00 03 FF 83 02"
    "FF FF 00 00 00 06 07 06 00 01 00 03";
const std::vector<std::string> three_frames{"1 1 03 02 00 E6", "2 255 83 02", "65535 7 06 00 01 00 03"};

}  // namespace

TEST_CASE("an ADU has the header of the standard") {
  std::array<std::byte, max_tcp_adu> out;
  const auto size = encode_tcp(0x1501, UnitId(0xFF), ReadRegisters{Table::input_registers, 4, 1}, out);
  CHECK(to_hex(Bytes(out).first(size.value())) == "15 01 00 00 00 06 FF 04 00 04 00 01");
  const auto same = encode_tcp(0x1501, UnitId(0xFF), hex("04 00 04 00 01"), out);
  CHECK(to_hex(Bytes(out).first(same.value())) == "15 01 00 00 00 06 FF 04 00 04 00 01");
}

TEST_CASE("what does not fit an ADU is refused") {
  std::array<std::byte, max_tcp_adu> out;
  CHECK(encode_tcp(1, UnitId(1), std::vector<std::byte>(253), out).value() == max_tcp_adu);
  CHECK_FALSE(encode_tcp(1, UnitId(1), std::vector<std::byte>(254), out));
  CHECK_FALSE(encode_tcp(1, UnitId(1), Bytes{}, out));
  CHECK_FALSE(encode_tcp(1, UnitId(1), ReadRegisters{}, out));
  for (std::size_t n = 0; n < 12; ++n) {
    CHECK_FALSE(encode_tcp(1, UnitId(1), ReadRegisters{.count = 1}, MutableBytes(out).first(n)));
  }
}

TEST_CASE("a stream gives the same frames wherever it is cut") {
  const auto stream = hex(three_adus);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    TcpFramer framer;
    feed(framer, Bytes(stream).first(cut));
    auto frames = drain(framer);
    feed(framer, Bytes(stream).subspan(cut));
    std::ranges::copy(drain(framer), std::back_inserter(frames));
    CHECK(frames == three_frames);
  }
}

TEST_CASE("a stream may come byte by byte") {
  TcpFramer framer;
  std::vector<std::string> frames;
  for (const std::byte b : hex(three_adus)) {
    feed(framer, std::array{b});
    std::ranges::copy(drain(framer), std::back_inserter(frames));
  }
  CHECK(frames == three_frames);
}

TEST_CASE("there is room for the rest of any frame, for as long as the stream lives") {
  std::array<std::byte, max_tcp_adu> adu;
  REQUIRE(encode_tcp(7, UnitId(1), std::vector<std::byte>(max_pdu, std::byte{0x55}), adu));
  std::vector<std::byte> stream;
  for (int i = 0; i < 50; ++i)
    stream.insert(stream.end(), adu.begin(), adu.end());
  TcpFramer framer;
  std::size_t frames = 0;
  Bytes rest = stream;
  while (!rest.empty()) {
    const MutableBytes space = framer.free_space();
    REQUIRE_FALSE(space.empty());
    const std::size_t n = std::min(space.size(), rest.size());
    std::ranges::copy(rest.first(n), space.begin());
    framer.filled(n);
    rest = rest.subspan(n);
    while (const auto frame = framer.next()) {
      REQUIRE(frame->has_value());
      CHECK((*frame)->pdu.size() == max_pdu);
      ++frames;
    }
  }
  CHECK(frames == 50);
}

TEST_CASE("a wrong protocol id or length ends the connection, as soon as it is seen") {
  const auto error = [](std::string_view bytes) {
    TcpFramer framer;
    feed(framer, hex(bytes));
    const auto first = framer.next();
    REQUIRE(first.has_value());
    REQUIRE_FALSE(first->has_value());
    CHECK(first->error().kind == ErrorKind::malformed);
    CHECK(first->error().message.find("not a Modbus TCP stream") != std::string::npos);
    feed(framer, hex(three_adus));
    REQUIRE(framer.next().has_value());
    CHECK_FALSE(framer.next()->has_value());  // it does not heal
    framer.reset();
    feed(framer, hex(three_adus));
    CHECK(drain(framer) == three_frames);
    return first->error().message;
  };
  CHECK(error("00 01 00 01").starts_with("protocol id 1, expected 0"));
  CHECK(error("00 01 00 00 00 00").starts_with("length 0, expected 2 to 254"));
  CHECK(error("00 01 00 00 00 01").starts_with("length 1, expected 2 to 254"));
  CHECK(error("00 01 00 00 00 FF").starts_with("length 255, expected 2 to 254"));
  CHECK(error("48 54 54 50 2F 31").starts_with("protocol id"));  // HTTP/1
}
