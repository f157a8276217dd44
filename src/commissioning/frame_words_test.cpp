#include "commissioning/frame_words.hpp"

#include <doctest/doctest.h>

#include "json/json.hpp"

using namespace iw;
using commissioning::explain_hex;

TEST_CASE("a frame is recognised by itself: Modbus TCP, RTU, or BACnet/IP") {
  const auto tcp = explain_hex("00 01 00 00 00 06 01 03 00 00 00 0A", false).value();
  CHECK(tcp.whole);
  CHECK(tcp.meaning.contains("Read Holding Registers"));
  const auto rtu = explain_hex("01 03 00 00 00 0A C5 CD", false).value();
  CHECK(rtu.whole);
  CHECK(rtu.meaning.contains("Read Holding Registers"));
  const auto bacnet = explain_hex("810b000c0120ffff00ff1008", false).value();
  CHECK(bacnet.whole);
  CHECK(bacnet.meaning.contains("Who-Is"));
}

TEST_CASE("hex is taken however it was copied, and given back in one form") {
  for (const auto* text : {"010300", "01 03 00", "01:03:00", "0x01, 0x03, 0x00", "01,03,00"}) {
    CAPTURE(text);
    CHECK(explain_hex(text, false)->frame == "01 03 00");
  }
  for (const auto* text : {"0103 0", "green hills", "01 0G"}) {
    CAPTURE(text);
    CHECK_FALSE(explain_hex(text, false).has_value());
  }
}

TEST_CASE("what is cut off or has a wrong checksum is not whole, and is explained as far as it goes") {
  for (const auto* text : {"", "01", "01 03 00", "01 03 00 00 00 0A C5 CE", "00 01 00 00 00 06 01 03 00"}) {
    CAPTURE(text);
    CHECK_FALSE(explain_hex(text, false)->whole);
  }
}

TEST_CASE("a PDU alone has no unit and no checksum") {
  const auto refused = explain_hex("83 02", true).value();
  CHECK(refused.whole);
  CHECK(refused.meaning.contains("MODBUS_EXC_ILLEGAL_DATA_ADDRESS"));
  CHECK_FALSE(explain_hex("", true)->whole);
  const auto json = to_json(refused);
  CHECK(json["frame"] == "83 02");
  CHECK(json["whole"] == true);
}
