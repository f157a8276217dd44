// Whole frames as they were captured between other people's software, layer by layer.
#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/bvlc.hpp"
#include "protocols/bacnet/npdu.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

template <class Write>
std::string written(Write write) {
  std::array<std::byte, 2048> buffer;
  Writer out(buffer);
  write(out);
  REQUIRE(out.ok());
  return to_hex(out.written());
}

std::string encoded_bvlc(const Bvlc& message) {
  return written([&](Writer& out) { write_bvlc(out, message); });
}
std::string encoded_npdu(const Npdu& npdu) {
  return written([&](Writer& out) { write_npdu(out, npdu); });
}
std::string encoded_apdu(const Apdu& apdu) {
  return written([&](Writer& out) { write_apdu(out, apdu); });
}

constexpr std::array<std::string_view, 18> bvlc_frames{
    "81 00 00 06 00 00",
    "81 00 00 06 00 60",
    "81 01 00 0E 0A 4D 00 02 BA C0 FF FF FF FF",
    "81 02 00 04",
    "81 03 00 18 0A 4D 00 02 BA C0 FF FF FF FF 0A 4D 01 02 BA C0 FF FF FF 00",
    "81 04 00 12 0A 4D 00 02 BB 1C 01 20 FF FF 00 FF 10 08",
    "81 05 00 06 00 3C",
    "81 06 00 04",
    "81 07 00 0E 0A 4D 00 02 BB 1C 00 3C 00 52",
    "81 08 00 0A 0A 4D 00 02 BB 1C",
    "81 09 00 0C 01 20 FF FF 00 FF 10 08",
    "81 0A 00 15 01 00 10 00 C4 02 03 F7 A1 22 05 C4 91 03 22 01 04",
    "81 0A 00 18 01 24 0A 95 03 00 13 8A FF 00 05 01 0C 0C 02 00 13 8A 19 4D",
    "81 0B 00 0C 01 20 FF FF 00 FF 10 08",
    "81 0B 00 0D 01 A0 FF FF 00 FF 00 0A 95",
    "81 0A 00 12 01 08 0A 95 03 00 13 8A 10 00 C4 02 00 01",
    "81 0A 00 0D 01 00 50 01 0C 91 01 91 1F",
    "81 03 00 04",
};

}  // namespace

TEST_CASE("every BVLC function is decoded and encoded to the same bytes") {
  for (const std::string_view text : bvlc_frames) {
    CAPTURE(text);
    const auto bytes = hex(text);
    const auto message = decode_bvlc(bytes);
    REQUIRE(message.has_value());
    CHECK(encoded_bvlc(*message) == text);
  }
}

TEST_CASE("a datagram that is cut, longer than it says or of another kind is refused") {
  for (const std::string_view text : bvlc_frames) {
    const auto bytes = hex(text);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode_bvlc(Bytes(bytes).first(size)).has_value());
    auto longer = bytes;
    longer.push_back(std::byte{0});
    CHECK_FALSE(decode_bvlc(longer).has_value());
  }
  for (const std::string_view text :
       {"82 0A 00 06 01 00", "81 0C 00 04", "81 05 00 07 00 3C 00", "81 07 00 0D 0A 4D 00 02 BB 1C 00 3C 00",
        "81 02 00 05 00", "81 FF 00 04"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_bvlc(hex(text)).has_value());
  }
}

TEST_CASE("a forwarded NPDU names who sent it first") {
  const auto bytes = hex("81 04 00 12 0A 4D 00 02 BB 1C 01 20 FF FF 00 FF 10 08");
  const auto message = decode_bvlc(bytes);
  REQUIRE(message.has_value());
  const auto& forwarded = std::get<ForwardedNpdu>(*message);
  CHECK(to_string(forwarded.origin) == "10.77.0.2:47900");
  CHECK(to_hex(forwarded.npdu) == "01 20 FF FF 00 FF 10 08");
}

TEST_CASE("NPDUs are decoded and encoded to the same bytes") {
  for (const std::string_view text :
       {"01 20 FF FF 00 FF 10 08", "01 00 10 00 C4 02 03 F7 A1 22 05 C4 91 03 22 01 04",
        "01 24 0A 95 03 00 13 8A FF 00 05 01 0C 0C 02 00 13 8A 19 4D", "01 A0 FF FF 00 FF 00 0A 95",
        "01 80 01 0A 95", "01 80 12", "01 80 13 00 05 01", "01 08 0A 95 03 00 13 8A 10 00",
        "01 28 00 07 01 05 0A 95 06 0A 4D 00 02 BA C0 FE 10 08", "01 07 10 08", "01 80 80 01 04 AB CD"}) {
    CAPTURE(text);
    const auto bytes = hex(text);
    const auto npdu = decode_npdu(bytes);
    REQUIRE(npdu.has_value());
    CHECK(encoded_npdu(*npdu) == text);
  }
}

TEST_CASE("an NPDU says where it goes, where it comes from, and what it expects") {
  const auto bytes = hex("01 2E 00 07 01 05 0A 95 06 0A 4D 00 02 BA C0 FE 10 08");
  const auto npdu = decode_npdu(bytes);
  REQUIRE(npdu.has_value());
  CHECK(to_string(*npdu->destination) == "7:5");
  CHECK(to_string(*npdu->source) == "2709:10.77.0.2:47808");
  CHECK(npdu->hops == 254);
  CHECK(npdu->expecting_reply);
  CHECK(npdu->priority == NetworkPriority::critical_equipment);
  CHECK(to_hex(npdu->payload) == "10 08");
}

TEST_CASE("NPDUs of another version, with impossible addresses or cut ones are refused") {
  for (const std::string_view text :
       {"", "01", "02 00 10 08", "01 40 10 08", "01 10 10 08", "01 08 00 00 01 05 10 08",
        "01 08 FF FF 01 05 10 08", "01 08 0A 95 00 10 08", "01 20 00 00 01 05 FF 10 08",
        "01 20 00 05 09 01 02 03 04 05 06 07 08 09 FF 10 08", "01 20 FF FF 00", "01 80 81 01", "01 00"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_npdu(hex(text)).has_value());
  }
}

TEST_CASE("network layer messages are decoded and encoded to the same bytes") {
  for (const std::string_view text :
       {"01 80 00", "01 80 00 0A 95", "01 80 01 0A 95 00 07", "01 80 02 0A 95 01", "01 80 03 01 0A 95",
        "01 80 04", "01 80 04 0A 95", "01 80 05 0A 95", "01 80 06 02 0A 95 01 00 00 07 02 02 AB CD",
        "01 80 07 00", "01 80 08 0A 95 05", "01 80 09 0A 95", "01 80 12", "01 80 13 0A 95 01",
        "01 80 90 01 04 AB CD"}) {
    CAPTURE(text);
    const auto bytes = hex(text);
    const auto npdu = decode_npdu(bytes);
    REQUIRE(npdu.has_value());
    const auto message = decode_network_message(*npdu);
    REQUIRE(message.has_value());
    CHECK(type_of(*message) == *npdu->message);
    const std::string data = written([&](Writer& out) { write_network_message(out, *message); });
    CHECK(data == to_hex(npdu->payload));
  }
}

TEST_CASE("network layer messages of a wrong length are refused") {
  for (const std::string_view text :
       {"01 80 00 0A", "01 80 01 0A", "01 80 03 01 0A", "01 80 06 02 0A 95 01 00", "01 80 13 0A 95",
        "01 80 12 00", "01 80 09 0A 95 00"}) {
    CAPTURE(text);
    const auto bytes = hex(text);
    const auto npdu = decode_npdu(bytes);
    REQUIRE(npdu.has_value());
    CHECK_FALSE(decode_network_message(*npdu).has_value());
  }
}

TEST_CASE("every APDU is decoded and encoded to the same bytes") {
  for (const std::string_view text :
       {"00 05 01 0C 0C 02 00 13 8A 19 4D", "02 44 00 0C 0C 02 00 00 01 19 4C", "0E 75 09 00 10 0E AA BB",
        "10 08", "20 07 0F", "30 01 0C 0C 02", "3C 00 00 02 0C AA", "38 00 07 02 0C AA", "40 00 00 02",
        "42 00 03 10", "41 00 03 10", "50 01 0C 91 01 91 1F", "60 01 09", "70 01 04", "71 01 04"}) {
    CAPTURE(text);
    const auto bytes = hex(text);
    const auto apdu = decode_apdu(bytes);
    REQUIRE(apdu.has_value());
    CHECK(encoded_apdu(*apdu) == text);
  }
}

TEST_CASE("the head of a confirmed request says what its sender takes") {
  const auto bytes = hex("02 44 00 0C 0C 02 00 00 01 19 4C");
  const auto apdu = decode_apdu(bytes);
  REQUIRE(apdu.has_value());
  const auto& request = std::get<ConfirmedRequest>(*apdu);
  CHECK(request.segmented_response_accepted);
  CHECK(request.max_segments == 16);
  CHECK(request.max_apdu == 1024);
  CHECK(request.service == ConfirmedService::read_property);
  CHECK(max_apdu_at_most(1475) == 1024);
  CHECK(max_apdu_at_most(1476) == 1476);
  CHECK(max_apdu_at_most(70'000) == 1476);
  CHECK(max_apdu_at_most(49) == 50);
}

TEST_CASE("APDUs that are cut, too long or with an impossible window are refused") {
  for (const std::string_view text :
       {"", "00", "00 05 01", "08 05 01 00 10", "3C 00 00", "40 00 00", "20 07", "20 07 0F 00", "60 01",
        "60 01 09 00", "70 01", "80 01 02", "3C 00 00 00 0C AA", "3C 00 00 80 0C AA", "40 00 00 00"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_apdu(hex(text)).has_value());
  }
}

TEST_CASE("addresses are written and read as people write them") {
  CHECK(to_string(*parse_ip("10.0.0.7")) == "10.0.0.7:47808");
  CHECK(to_string(*parse_ip("10.0.0.7:47809")) == "10.0.0.7:47809");
  for (const std::string_view text :
       {"", "10.0.0", "10.0.0.256", "10.0.0.7.", "10.0.0.7:0", "10.0.0.7:x", "a.b.c.d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ip(text).has_value());
  }
  CHECK(to_string(*parse_mac("5")) == "5");
  CHECK(to_string(*parse_mac("10.0.0.7:47808")) == "10.0.0.7:47808");
  CHECK(to_string(*parse_mac("00 13 8A")) == "00 13 8A");
  CHECK_FALSE(parse_mac("010203040506070809").has_value());
  CHECK_FALSE(parse_mac("x").has_value());
  CHECK(to_string(global_broadcast) == "65535:*");
  CHECK(std::hash<Mac>{}(*parse_mac("5")) != std::hash<Mac>{}(*parse_mac("6")));
}
