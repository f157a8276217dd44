#include "sim/device.hpp"

#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::sim;
using enum iw::modbus::Table;

namespace {

// Registers 10..19 and coils 0..9 may be written, 20..29 may not; inputs 0..9; nothing else is there.
class Panel : public Device {
 public:
  Panel() {
    bank.add(holding_registers, 10, 10, Access::read_write);
    bank.add(holding_registers, 20, 10);
    bank.add(input_registers, 0, 10);
    bank.add(coils, 0, 10, Access::read_write);
    bank.add(discrete_inputs, 0, 10);
    for (std::uint16_t i = 10; i < 30; ++i)
      bank.at(holding_registers, i) = i;
    for (std::uint16_t i = 0; i < 10; ++i)
      bank.at(input_registers, i) = static_cast<std::uint16_t>(0x100 + i);
    bank.at(discrete_inputs, 3) = 1;
    identity = basic_identity("Iw", "P1", "1.0");
  }

  void refresh(Instant /*now*/) override { bank.at(holding_registers, 29) = ++refreshed; }
  std::optional<modbus::ExceptionCode> judge(const RegisterWrite& write) override {
    if (write.value_of(10).value_or(0) > 1000) return modbus::ExceptionCode::illegal_data_value;
    return std::nullopt;
  }
  void written(const RegisterWrite& write, Instant /*now*/) override { last = write.first; }

  std::uint16_t refreshed = 0;
  std::uint16_t last = 0;
};

std::string ask(Device& device, std::string_view hex) {
  std::array<std::byte, modbus::max_pdu> pdu{};
  Writer out(pdu);
  answer(device, parse_hex(hex).value(), Instant{}, out);
  REQUIRE(out.ok());
  return to_hex(out.written());
}

}  // namespace

TEST_CASE("every function answers as the standard says") {
  Panel panel;
  CHECK(ask(panel, "01 00 00 00 0A") == "01 02 00 00");
  CHECK(ask(panel, "02 00 00 00 0A") == "02 02 08 00");
  CHECK(ask(panel, "03 00 0A 00 02") == "03 04 00 0A 00 0B");
  CHECK(ask(panel, "04 00 00 00 02") == "04 04 01 00 01 01");
  CHECK(ask(panel, "05 00 02 FF 00") == "05 00 02 FF 00");
  CHECK(ask(panel, "01 00 00 00 0A") == "01 02 04 00");
  CHECK(ask(panel, "06 00 0B 12 34") == "06 00 0B 12 34");
  CHECK(ask(panel, "0F 00 04 00 03 01 05") == "0F 00 04 00 03");
  CHECK(ask(panel, "01 00 00 00 08") == "01 01 54");
  CHECK(ask(panel, "10 00 0C 00 02 04 AB CD 00 01") == "10 00 0C 00 02");
  CHECK(ask(panel, "03 00 0B 00 03") == "03 06 12 34 AB CD 00 01");
  CHECK(ask(panel, "16 00 0B 00 F2 00 25") == "16 00 0B 00 F2 00 25");
  CHECK(panel.bank.at(holding_registers, 11) == ((0x1234 & 0xF2) | (0x25 & ~0xF2)));
  CHECK(ask(panel, "17 00 0D 00 02 00 0D 00 01 02 00 07") == "17 04 00 07 00 0E");  // the write comes first
  CHECK(ask(panel, "2B 0E 01 00") == "2B 0E 01 81 00 00 03 00 02 49 77 01 02 50 31 02 03 31 2E 30");
  CHECK(panel.counters.requests == 14);
  CHECK(panel.counters.writes == 6);
  CHECK(panel.last == 13);
}

TEST_CASE("holes and read-only registers are exception 02") {
  Panel panel;
  CHECK(ask(panel, "03 00 09 00 02") == "83 02");
  CHECK(ask(panel, "03 00 1D 00 02") == "83 02");
  CHECK(ask(panel, "03 FF FF 00 02") == "83 02");  // past the end of the table
  CHECK(ask(panel, "04 00 0A 00 01") == "84 02");
  CHECK(ask(panel, "01 00 0A 00 01") == "81 02");
  CHECK(ask(panel, "06 00 14 00 01") == "86 02");
  CHECK(ask(panel, "05 00 0A FF 00") == "85 02");
  CHECK(ask(panel, "10 00 13 00 02 04 00 01 00 02") == "90 02");  // half of it may not be written
  CHECK(panel.bank.at(holding_registers, 19) == 19);
  CHECK(ask(panel, "16 00 63 00 00 00 00") == "96 02");
  CHECK(ask(panel, "17 00 63 00 01 00 0A 00 01 02 00 05") == "97 02");  // the read fails: nothing is written
  CHECK(panel.bank.at(holding_registers, 10) == 10);
}

TEST_CASE("what the device does not want is exception 03 and changes nothing") {
  Panel panel;
  CHECK(ask(panel, "06 00 0A 03 E9") == "86 03");
  CHECK(ask(panel, "10 00 0A 00 02 04 7F FF 00 01") == "90 03");
  CHECK(panel.bank.at(holding_registers, 10) == 10);
  CHECK(panel.bank.at(holding_registers, 11) == 11);
  CHECK(ask(panel, "03 00 0A 00 00") == "83 03");
  CHECK(ask(panel, "03 00 0A 00 7E") == "83 03");
  CHECK(ask(panel, "05 00 00 12 34") == "85 03");
  panel.faults.max_registers = 4;
  CHECK(ask(panel, "03 00 0A 00 05") == "83 03");
  CHECK(ask(panel, "03 00 0A 00 04").starts_with("03 08"));
}

TEST_CASE("an unknown function, and identification of a device without it, are exception 01") {
  Panel panel;
  CHECK(ask(panel, "07") == "87 01");
  CHECK(ask(panel, "63 01 02") == "E3 01");
  panel.identity.clear();
  CHECK(ask(panel, "2B 0E 01 00") == "AB 01");
}

TEST_CASE("registers are refreshed before they are read") {
  Panel panel;
  CHECK(ask(panel, "03 00 1D 00 01") == "03 02 00 01");
  CHECK(ask(panel, "03 00 1D 00 01") == "03 02 00 02");
}

TEST_CASE("faults are written as words, and a wrong word says which is meant") {
  const auto faults =
      parse_faults("silent,delay=200ms,garble=0.01,reset=50,max_registers=40,late=0.5,late_by=2s");
  REQUIRE(faults);
  Faults expected;
  expected.silent = true;
  expected.delay = 200ms;
  expected.garble_rate = 0.01;
  expected.reset_every = 50;
  expected.max_registers = 40;
  expected.late_rate = 0.5;
  expected.late_by = 2s;
  CHECK(*faults == expected);
  CHECK(*parse_faults("") == Faults{});
  CHECK(parse_faults("silnt").error().message.find("silent") != std::string::npos);
  for (const char* wrong :
       {"delay=5", "delay=-1s", "late=1.5", "silent=yes", "garble", "max_registers=126"}) {
    CHECK_FALSE(parse_faults(wrong));
  }
}
