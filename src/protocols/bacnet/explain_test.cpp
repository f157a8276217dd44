#include "protocols/bacnet/explain.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

std::string explained(std::string_view hex) { return explain_frame(parse_hex(hex).value()); }

}  // namespace

TEST_CASE("a datagram is explained layer by layer") {
  CHECK(explained("81 0A 00 18 01 24 0A 95 03 00 13 8A FF 00 05 01 0C 0C 02 00 13 8A 19 4D") ==
        "Original-Unicast-NPDU\n"
        "  NPDU to 2709:00 13 8A, 255 hops left, expecting a reply\n"
        "    ReadProperty request, invoke id 1, takes 1476 octets\n"
        "      device 5002 object-name");
  CHECK(explained("81 0B 00 0C 01 20 FF FF 00 FF 10 08") ==
        "Original-Broadcast-NPDU\n"
        "  NPDU to 65535:*, 255 hops left\n"
        "    Who-Is\n"
        "      all devices");
  CHECK(explained("81 0A 00 15 01 00 10 00 C4 02 03 F7 A1 22 05 C4 91 03 22 01 04")
            .contains("device 260001, takes 1476 octets, no-segmentation, vendor 260"));
  CHECK(explained("81 0A 00 0D 01 00 50 01 0C 91 01 91 1F")
            .contains("ReadProperty error, invoke id 1: object: unknown-object"));
  CHECK(explained("81 0A 00 17 01 04 00 05 01 0F 0C 00 40 00 03 19 55 3E 00 3F 49 08 00").contains("broken"));
  CHECK(explained("81 0A 00 16 01 04 00 05 01 0F 0C 00 40 00 03 19 55 3E 00 3F 49 08")
            .contains("analog-output 3 present-value := Null null at priority 8"));
  CHECK(explained("81 05 00 06 00 3C") == "Register-Foreign-Device for 60 s");
  CHECK(explained("81 0B 00 0D 01 A0 FF FF 00 FF 00 0A 95").contains("Who-Is-Router-To-Network 2709"));
}

TEST_CASE("what is broken is said, and what is no BACnet") {
  CHECK(explained("81 0A 00 07 02 00 10").contains("NPDU is broken"));
  CHECK(explained("81 0A 00 08 01 00 00 05").contains("APDU is broken"));
  CHECK(explained("00 01 00 00 00 06 01 03 00 00 00 0A").contains("no BACnet/IP datagram"));
  CHECK_FALSE(is_frame(parse_hex("00 01 00 00 00 06 01 03 00 00 00 0A").value()));
  CHECK(is_frame(parse_hex("81 05 00 06 00 3C").value()));
}
