#include "commissioning/arguments.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::commissioning;
using modbus::Table;
using modbus::UnitId;

TEST_CASE("the words of tables, types and orders are read and written alike") {
  for (const auto table :
       {Table::coils, Table::discrete_inputs, Table::input_registers, Table::holding_registers}) {
    CHECK(parse_table(to_string(table)).value() == table);
  }
  CHECK(parse_table("holding_registers").value() == Table::holding_registers);
  CHECK(parse_table("holdin").error().message == "'holdin' is no table, did you mean 'holding'?");
  CHECK(parse_value_type("f32").value() == modbus::ValueType::f32);
  CHECK(to_string(modbus::ValueType::string_swapped) == "string_swapped");
  CHECK(parse_byte_order("cdab").value() == modbus::ByteOrder::cdab);
  CHECK_FALSE(parse_byte_order("abdc"));
}

TEST_CASE("an address counts from 0 unless it is said otherwise") {
  const auto address = [](std::string_view text, AddressBase base, Table table = Table::holding_registers) {
    return parse_register_address(text, table, base);
  };
  CHECK(address("40072", AddressBase::pdu).value() == 40072);
  CHECK(address("0x9C40", AddressBase::pdu).value() == 40000);
  CHECK(address("1", AddressBase::one).value() == 0);
  CHECK(address("65536", AddressBase::one).value() == 65535);
  CHECK_FALSE(address("0", AddressBase::one));
  CHECK_FALSE(address("65536", AddressBase::pdu));
  CHECK_FALSE(address("12a", AddressBase::pdu));
  CHECK_FALSE(address("-1", AddressBase::pdu));
  CHECK_FALSE(address("", AddressBase::pdu));
}

TEST_CASE("entity numbers name their table, with five or six digits") {
  const auto entity = [](std::string_view text, Table table) {
    return parse_register_address(text, table, AddressBase::entity);
  };
  CHECK(entity("40001", Table::holding_registers).value() == 0);
  CHECK(entity("400001", Table::holding_registers).value() == 0);
  CHECK(entity("465536", Table::holding_registers).value() == 65535);
  CHECK(entity("30010", Table::input_registers).value() == 9);
  CHECK(entity("00017", Table::coils).value() == 16);
  CHECK_FALSE(entity("465537", Table::holding_registers));
  CHECK_FALSE(entity("40000", Table::holding_registers));
  CHECK_FALSE(entity("30001", Table::holding_registers));
  CHECK_FALSE(entity("4001", Table::holding_registers));
  CHECK(entity("30001", Table::holding_registers).error().remedy.contains("40001"));
}

TEST_CASE("an address that looks like an entity number gets a hint, others none") {
  CHECK(entity_hint(40001, Table::holding_registers).contains("--entity reads 0"));
  CHECK(entity_hint(30011, Table::input_registers).contains("reads 10"));
  CHECK(entity_hint(30011, Table::holding_registers).empty());
  CHECK(entity_hint(40000, Table::holding_registers).empty());
  CHECK(entity_hint(100, Table::holding_registers).empty());
  CHECK(entity_hint(17, Table::coils).contains("reads 16"));
}

TEST_CASE("ranges include both ends") {
  CHECK(parse_address_range("100-199").value() == AddressRange{100, 199});
  CHECK(parse_address_range("0-65535").value().count() == 65536);
  CHECK(parse_address_range("0x10").value() == AddressRange{16, 16});
  for (const auto* bad : {"", "5-", "-5", "9-3", "0-65536", "1-2-3", "a-b"})
    CHECK_FALSE_MESSAGE(parse_address_range(bad), bad);
}

TEST_CASE("units are a list of numbers and ranges, each unit once") {
  const auto units = parse_units("3,1-4,247");
  REQUIRE(units);
  CHECK(*units == std::vector<UnitId>{UnitId(3), UnitId(1), UnitId(2), UnitId(4), UnitId(247)});
  CHECK(parse_units("all").value().size() == 247);
  CHECK(parse_units("0,255").value().size() == 2);
  for (const auto* bad : {"", "1,", "256", "x", "5-1"})
    CHECK_FALSE_MESSAGE(parse_units(bad), bad);
}

TEST_CASE("numbers are decimal, hexadecimal or with a fraction, and nothing else") {
  CHECK(parse_number("-12.5").value() == -12.5);
  CHECK(parse_number("0x10").value() == 16);
  CHECK(parse_number("1e3").value() == 1000);
  for (const auto* bad : {"", "1.5V", "nan", "inf", "0x", "0x-1", " 1"})
    CHECK_FALSE_MESSAGE(parse_number(bad), bad);
}

TEST_CASE("a mask is two words") {
  CHECK(parse_mask("0xFFF0,5").value() == Mask{0xFFF0, 5});
  for (const auto* bad : {"1", "1,", "1,2,3", "0x10000,0"})
    CHECK_FALSE_MESSAGE(parse_mask(bad), bad);
}

TEST_CASE("a word is found in any case, and nothing is in everything") {
  CHECK(contains_any_case("Schneider Electric", "ELECTRIC"));
  CHECK(contains_any_case("Huawei", ""));
  CHECK_FALSE(contains_any_case("", "Huawei"));
  CHECK_FALSE(contains_any_case("Huawe", "Huawei"));
}

TEST_CASE("numbers for people are neither cut off nor falsely exact") {
  CHECK(format_number(123456789) == "123456789");
  CHECK(format_number(static_cast<double>(230.1F)) == "230.1");
  CHECK(format_number(-0.25) == "-0.25");
  CHECK(format_number(-0.0) == "0");
  CHECK(format_number(1e20) == "1e+20");
  CHECK(format_number(std::numeric_limits<double>::quiet_NaN()).empty());
}
