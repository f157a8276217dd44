#include "protocols/modbus/register_placer.hpp"

#include "protocols/modbus/words.hpp"

namespace iw::modbus {

using config::Value;

namespace {

std::optional<Table> entity_table(std::int64_t leading_digit) {
  switch (leading_digit) {
    case 0: return Table::coils;
    case 1: return Table::discrete_inputs;
    case 3: return Table::input_registers;
    case 4: return Table::holding_registers;
    default: return std::nullopt;
  }
}

}  // namespace

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }
bool is_text(ValueType type) { return type == ValueType::string || type == ValueType::string_swapped; }
bool is_signed(ValueType type) {
  return type == ValueType::i16 || type == ValueType::i32 || type == ValueType::i64;
}
bool is_unsigned(ValueType type) {
  return type == ValueType::u8_high || type == ValueType::u8_low || type == ValueType::u16 ||
         type == ValueType::u32 || type == ValueType::u48 || type == ValueType::u64;
}
unsigned bit_width(ValueType type) {
  if (type == ValueType::u8_high || type == ValueType::u8_low) return 8;
  return register_count(type) * 16U;
}

std::optional<std::uint16_t> RegisterPlacer::pdu_address(const Value& row, std::string_view field,
                                                         std::int64_t written, Table& table,
                                                         bool table_written) const {
  std::int64_t first = 0;
  if (rows_.base == AddressBase::one) {
    first = 1;
  } else if (rows_.base == AddressBase::entity) {
    const std::int64_t unit = written >= 100'000 ? 100'000 : 10'000;
    first = written / unit * unit + 1;
    const std::optional<Table> meant = entity_table(written / unit);
    if (!meant || written < first) {
      error(row, field, fmt::format("{} is no entity number", written),
            "write 1.., 10001.., 30001.. or 40001.., or change address_base");
      return std::nullopt;
    }
    if (table_written && table != *meant) {
      error(row, "table",
            fmt::format("{} is of the table {}, not {}", written, to_string(*meant), to_string(table)));
      return std::nullopt;
    }
    table = *meant;
  }
  if (written < first || written - first > 65'535) {
    error(row, field,
          fmt::format("{} is out of range, allowed are {} to {} with address_base {}", written, first,
                      first + 65'535, word_of(base_words, rows_.base)));
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(written - first);
}

bool RegisterPlacer::place(const Value& row, const RegisterRow& written, std::optional<ValueType> fallback,
                           RegisterPoint& out) const {
  out.table = written.table.value_or(rows_.defaults.table);
  const auto address = pdu_address(row, "address", *written.address, out.table, written.table.has_value());
  if (!address) return false;
  out.address = *address;
  out.order = written.order.value_or(rows_.defaults.order);
  const std::optional<ValueType> type = written.type         ? written.type
                                        : is_bits(out.table) ? std::optional(ValueType::boolean)
                                                             : fallback;
  if (!type) {
    error(row, {}, "'type' is missing: how the value lies in its registers");
    return false;
  }
  out.type = *type;
  out.string_registers = written.registers.value_or(0);
  return fits(row, written, out);
}

bool RegisterPlacer::fits(const Value& row, const RegisterRow& written, const RegisterPoint& point) const {
  const std::string_view type = to_string(point.type);
  if (is_bits(point.table) && point.type != ValueType::boolean) {
    error(row, "type", fmt::format("a {} holds one bit, not {}", to_string(point.table), type),
          "leave the type out, or name the table input or holding");
    return false;
  }
  if (is_text(point.type) && !written.registers) {
    error(row, "type", "a string needs 'registers': how many it takes");
    return false;
  }
  if (!is_text(point.type) && written.registers) {
    error(row, "registers",
          fmt::format("'registers' is for strings; {} takes {}", type, register_count(point.type)));
    return false;
  }
  const unsigned count = register_count(point);
  if (point.address + count > 65'536U) {
    error(row, "address",
          fmt::format("{} takes {} registers and would end beyond the last address", type, count));
    return false;
  }
  const unsigned most = rows_.limits.max_registers;
  if (!is_bits(point.table) && count > most) {
    error(row, is_text(point.type) ? "registers" : "type",
          fmt::format(
              "the value takes {} registers, but the device gives at most {} at once (limits.max_registers)",
              count, most));
    return false;
  }
  const bool long_order = point.order == ByteOrder::efghabcd || point.order == ByteOrder::fehgbadc;
  if (written.order && long_order && count != 4) {
    error(row, "order", fmt::format("this order is for values of 4 registers, {} takes {}", type, count));
    return false;
  }
  return true;
}

}  // namespace iw::modbus
