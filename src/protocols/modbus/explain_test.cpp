#include "protocols/modbus/explain.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

std::string frame(std::string_view text) { return explain_frame(parse_hex(text).value()); }
std::string pdu(std::string_view text) { return explain_pdu(parse_hex(text).value()); }

}  // namespace

TEST_CASE("explain_frame knows TCP from RTU") {
  CHECK(frame("01 03 00 00 00 0A C5 CD") ==
        "Modbus RTU, unit 1, CRC right\n  request: Read Holding Registers: 10 registers from address 0");
  CHECK(
      frame("00 01 00 00 00 06 11 03 00 6B 00 03") ==
      "Modbus TCP, transaction 1, unit 17\n  request: Read Holding Registers: 3 registers from address 107");
  CHECK(frame("00 01 00 00 00 03 11 83 02 00 02 00 00 00 03 11 83 0B 00").find("transaction 2") !=
        std::string::npos);
  CHECK(frame("00 01 00 00 00 03 11 83 02 00").ends_with("1 bytes behind it are no whole frame: 00"));
}

TEST_CASE("explain_frame says why it is none") {
  CHECK(frame("") ==
        "no whole Modbus frame\n  as TCP: 0 bytes, the shortest frame has 8\n  as RTU: 0 bytes, the shortest "
        "frame has 4");
  CHECK(frame("01 03 00 00 00 0A C5 CE").ends_with("as RTU: the CRC is C5 CE, it would be C5 CD"));
  CHECK(frame("01 03 00 00 00 0A CD C5").ends_with("its bytes are swapped: the low byte goes first"));
  CHECK(frame("00 01 00 00 00 06 11 03").find("the length announces 6 bytes, 2 are there") !=
        std::string::npos);
  CHECK(frame("00 01 00 05 00 02 11 03").find("the protocol id is 5, not 0") != std::string::npos);
}

TEST_CASE("a frame is whole with its checksum right and nothing left over") {
  const auto whole = [](std::string_view text) { return is_frame(parse_hex(text).value()); };
  CHECK(whole("01 03 00 00 00 0A C5 CD"));
  CHECK(whole("00 01 00 00 00 06 11 03 00 6B 00 03"));
  CHECK(whole("00 01 00 00 00 03 11 83 02 00 02 00 00 00 03 11 83 0B"));
  CHECK_FALSE(whole("01 03 00 00 00 0A C5 CE"));
  CHECK_FALSE(whole("00 01 00 00 00 03 11 83 02 00"));
  CHECK_FALSE(whole("00 01 00 00 00 06 11 03"));
  CHECK_FALSE(whole(""));
}

TEST_CASE("explain_pdu tells requests and responses, and both where it can not know") {
  CHECK(pdu("03 02 00 E6") == "response: Read Holding Registers: 1 registers: 230 (0x00E6)");
  CHECK(pdu("01 03 CD 6B 05") ==
        "response: Read Coils: bits 10110011 11010110 10100000, the first read comes first");
  CHECK(pdu("06 00 01 00 03") ==
        "request: Write Single Register: 3 (0x0003) to address 1\n"
        "or response: Write Single Register: 3 (0x0003) to address 1, done");
  CHECK(pdu("01 03 00 00 10") ==
        "request: Read Coils: 16 bits from address 768\n"
        "or response: Read Coils: bits 00000000 00000000 00001000, the first read comes first");
  CHECK(pdu("10 00 01 00 02") == "response: Write Multiple Registers: 2 written from address 1");
  CHECK(pdu("2B 0E 01 01 FF 01 01 00 03 41 42 43") ==
        "response: Read Device Identification: 1 objects, 0: \"ABC\"; more follow, from object 1");
  CHECK(pdu("83 02").starts_with("response: Read Holding Registers: MODBUS_EXC_ILLEGAL_DATA_ADDRESS: "));
  CHECK(pdu("83 63").find("exception 0x63") != std::string::npos);
}

TEST_CASE("explain_pdu gives the reason for what is broken") {
  CHECK(pdu("") == "malformed: no function code");
  CHECK(pdu("83") == "malformed: an exception has 2 bytes, not 1");
  CHECK(pdu("03 00 00 00 7E").find("126 registers at once; the standard allows 1 to 125") !=
        std::string::npos);
  CHECK(pdu("03 03 00 01 02").starts_with("malformed: "));  // half a register
  CHECK(pdu("63 00").find("function 0x63 is not known here") != std::string::npos);
}

TEST_CASE("what is called malformed is no PDU, and everything else is one") {
  for (const std::string_view text : {"", "83", "83 02 00", "03 00 00 00 7E", "03 03 00 01 02", "63 00",
                                      "83 02", "03 02 00 01", "03 00 00 00 0A", "10 00 01 00 02"}) {
    CAPTURE(text);
    CHECK(is_pdu(parse_hex(text).value()) == !pdu(text).starts_with("malformed"));
  }
}
