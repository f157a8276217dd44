// The formats of Python's struct module, one value each, as VOLTTRON's registries name register types (">f",
// "<H", "l", "16s"), in our words.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::importers {

struct Layout {
  modbus::ValueType type = modbus::ValueType::u16;
  modbus::ByteOrder order = modbus::ByteOrder::abcd;
  std::uint16_t registers = 0;  // of a string
  bool native = false;          // no '>', '<', '!' or '=': sizes and order are those of the machine it ran on
};

enum class Endian : std::uint8_t { big, little };

// `mixed`: the words are reversed before they are read (the registries' "Mixed Endian").
modbus::ByteOrder byte_order(Endian endian, bool mixed, std::uint16_t registers);

// A format without a prefix has the order `unsaid`; none: the machine's, with its own sizes.
Result<Layout> parse_struct(std::string_view format, bool mixed, std::optional<Endian> unsaid = {});

}  // namespace iw::importers
