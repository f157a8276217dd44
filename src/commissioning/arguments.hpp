// Arguments: the words of the tools' command lines, as values. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/modbus/registers.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::commissioning {

// "holding", "input", "coil", "discrete"; the names of the standard too.
Result<modbus::Table> parse_table(std::string_view word);
constexpr bool is_bit_table(modbus::Table table) {
  return table == modbus::Table::coils || table == modbus::Table::discrete_inputs;
}

// "u16", "f32", "string", as in profiles.
Result<modbus::ValueType> parse_value_type(std::string_view word);
Result<modbus::ByteOrder> parse_byte_order(std::string_view word);

// How an address on the command line counts.
enum class AddressBase : std::uint8_t {
  pdu,     // as on the wire, from 0
  one,     // as in many manuals, from 1
  entity,  // Modicon's numbers: 40001 is holding register 0, 400001 too
};

// The address on the wire.
Result<std::uint16_t> parse_register_address(std::string_view text, modbus::Table table, AddressBase base);

// What to say when the device has no such address and the number looks like one of Modicon's; else empty.
std::string entity_hint(std::uint16_t address, modbus::Table table);

// "40000-40099" or one number: first and last, both included, on the wire.
struct AddressRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  [[nodiscard]] std::size_t count() const { return std::size_t{last} - first + 1; }
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};
Result<AddressRange> parse_address_range(std::string_view text);

// "1-10,100,247", "all" (1 to 247): each unit once, in the order of the text.
Result<std::vector<modbus::UnitId>> parse_units(std::string_view text);

// BACnet devices: "1000-1999", "7"; all of none.
Result<std::optional<bacnet::InstanceRange>> parse_instances(std::string_view text);

// Decimal or 0x hexadecimal, nothing else around it.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_number(std::string_view text);

// "0xFFF0,0x0005": AND and OR of Mask Write Register.
struct Mask {
  std::uint16_t and_mask = 0xFFFF;
  std::uint16_t or_mask = 0;

  friend bool operator==(const Mask&, const Mask&) = default;
};
Result<Mask> parse_mask(std::string_view text);

// Nothing is in everything.
bool contains_any_case(std::string_view text, std::string_view part);

// For people: whole numbers whole, others with as many digits as a 32-bit float has.
std::string format_number(double value);

}  // namespace iw::commissioning
