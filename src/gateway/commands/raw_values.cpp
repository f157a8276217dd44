#include "gateway/commands/raw_values.hpp"

#include <cmath>

#include "protocols/modbus/value.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using modbus::RegisterPoint;
using modbus::ValueType;

bool is_text(ValueType type) { return type == ValueType::string || type == ValueType::string_swapped; }

Result<double> parse_value(std::string_view text, modbus::Table table) {
  if (is_bit_table(table)) {
    if (text == "on" || text == "true" || text == "1") return 1;
    if (text == "off" || text == "false" || text == "0") return 0;
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no value of a coil", text),
                "write on or off, 1 or 0");
  }
  const auto number = parse_number(text);
  if (!number) return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no number", text));
  return *number;
}

}  // namespace

void add_raw_options(const Command& command, RawOptions& options) {
  command.add_option("TABLE", options.table, "holding, input, coil or discrete");
  command.add_option("ADDRESS", options.address, "as on the wire, from 0; 0x for hexadecimal");
  add_raw_format_options(command, options);
}

void add_raw_format_options(const Command& command, RawOptions& options) {
  command.add_option("--type", options.type, "u16 i16 u32 i32 u64 i64 f32 f64 string bcd32 ...")
      .show_default();
  command.add_option("--order", options.order, "bytes of values in several registers: abcd cdab badc dcba")
      .show_default();
  command.add_option("--scale", options.scale, "value = number in the registers x this").show_default();
  const Option one_based =
      command.add_flag("--one-based", options.one_based, "ADDRESS counts from 1, as in many manuals");
  command.add_flag("--entity", options.entity, "ADDRESS is an entity number: 40001 is holding register 0")
      .excludes(one_based);
}

Result<RegisterPoint> parse_raw(const RawOptions& options, std::uint16_t string_registers) {
  if (options.table.empty() || options.address.empty()) {
    return fail(ErrorKind::invalid_argument, "TABLE and ADDRESS are missing",
                "for example: holding 0; or name a --profile");
  }
  const auto table = parse_table(options.table);
  if (!table) return fail(table.error());
  const AddressBase base = options.entity      ? AddressBase::entity
                           : options.one_based ? AddressBase::one
                                               : AddressBase::pdu;
  const auto address = parse_register_address(options.address, *table, base);
  if (!address) return fail(address.error());
  const auto type = parse_value_type(options.type);
  if (!type) return fail(type.error());
  const auto order = parse_byte_order(options.order);
  if (!order) return fail(order.error());
  if (options.scale == 0 || !std::isfinite(options.scale)) {
    return fail(ErrorKind::invalid_argument, "--scale can not be 0");
  }
  RegisterPoint point{.point = {.name = {.quantity = model::Quantity::Count}, .writable = true},
                      .table = *table,
                      .address = *address,
                      .type = is_bit_table(*table) ? ValueType::boolean : *type,
                      .order = *order,
                      .string_registers = is_text(*type) ? string_registers : std::uint16_t{0},
                      .scale = options.scale};
  if (point.address + std::size_t{modbus::register_count(point)} > 0x10000) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a {} at {} goes past the last register, 65535", options.type, point.address));
  }
  return point;
}

std::vector<std::byte> to_bytes(std::span<const std::uint16_t> words) {
  std::vector<std::byte> bytes;
  for (const std::uint16_t word : words) {
    bytes.push_back(static_cast<std::byte>(word >> 8U));
    bytes.push_back(static_cast<std::byte>(word));
  }
  return bytes;
}

std::vector<RawValue> decode_raw(const RegisterPoint& point, const std::vector<std::uint16_t>& words) {
  std::vector<RawValue> values;
  const std::size_t size = modbus::register_count(point);
  RegisterPoint one = point;
  for (std::size_t at = 0; at + size <= words.size(); at += size) {
    one.address = static_cast<std::uint16_t>(point.address + at);
    const std::span<const std::uint16_t> registers = std::span(words).subspan(at, size);
    RawValue value{
        .address = one.address, .registers = {registers.begin(), registers.end()}, .value = {}, .text = {}};
    const auto bytes = to_bytes(registers);
    if (is_bit_table(point.table)) {
      value.value = registers.front();
      value.text = registers.front() != 0 ? "on" : "off";
    } else if (is_text(point.type)) {
      value.text = modbus::decode_text(one, bytes, one.address).value_or("");
    } else {
      const modbus::Decoded decoded = modbus::compile(one).decode(bytes, one.address);
      if (decoded.good()) value.value = decoded.value;
      value.text = decoded.good() ? format_number(decoded.value) : "no number";
    }
    values.push_back(std::move(value));
  }
  return values;
}

Result<std::vector<std::uint16_t>> encode_raw(const RegisterPoint& point,
                                              const std::vector<std::string>& values) {
  if (is_text(point.type)) {
    if (values.size() == 1) return modbus::encode_text(point, values.front());
    return fail(ErrorKind::invalid_argument, "one text at a time", "put it in quotes");
  }
  std::vector<std::uint16_t> words;
  for (const std::string& text : values) {
    const auto value = parse_value(text, point.table);
    if (!value) return fail(value.error());
    const auto encoded = modbus::encode_value(point, *value);
    if (!encoded) return fail(encoded.error());
    words.insert(words.end(), encoded->begin(), encoded->end());
  }
  return words;
}

}  // namespace iw::gateway
