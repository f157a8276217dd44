// Raw values: registers and coils as the command line describes them, without a profile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "commissioning/arguments.hpp"
#include "gateway/commands/command_line.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::gateway {

// TABLE ADDRESS, and how a value lies there; as read and write take them.
struct RawOptions {
  std::string table;
  std::string address;
  std::string type = "u16";
  std::string order = "abcd";
  double scale = 1;
  bool one_based = false;
  bool entity = false;
};

void add_raw_options(const Command& command, RawOptions& options);         // all
void add_raw_format_options(const Command& command, RawOptions& options);  // without TABLE and ADDRESS

// The value at the address as a point of a register map. `string_registers`: how many a text has.
Result<modbus::RegisterPoint> parse_raw(const RawOptions& options, std::uint16_t string_registers);

// As a reply holds them: high byte first.
std::vector<std::byte> to_bytes(std::span<const std::uint16_t> words);

struct RawValue {
  std::uint16_t address = 0;
  std::vector<std::uint16_t> registers;  // as they lie; a coil is 0 or 1
  std::optional<double> value;           // none of a text, and of what is not available
  std::string text;                      // the value for people
};

// One value after the other from what was read from `point` on; what is left over is no value.
std::vector<RawValue> decode_raw(const modbus::RegisterPoint& point, const std::vector<std::uint16_t>& words);

// The registers that hold the values one after the other. Texts take one value.
Result<std::vector<std::uint16_t>> encode_raw(const modbus::RegisterPoint& point,
                                              const std::vector<std::string>& values);

}  // namespace iw::gateway
