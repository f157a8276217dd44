// RegisterPlacer: where a value of a profile lies in the device: table and address as those of the PDU, type
// and byte order, and whether it fits there. What does not is a finding.
#pragma once

#include "protocols/modbus/profile_rows.hpp"

namespace iw::modbus {

bool is_bits(Table table);
bool is_text(ValueType type);
bool is_signed(ValueType type);
bool is_unsigned(ValueType type);
unsigned bit_width(ValueType type);

class RegisterPlacer {
 public:
  // Both outlive it.
  RegisterPlacer(const ProfileRows& rows, config::Findings& findings) : rows_(rows), findings_(findings) {}

  // The PDU address, and with entity numbers the table.
  std::optional<std::uint16_t> pdu_address(const config::Value& row, std::string_view field,
                                           std::int64_t written, Table& table, bool table_written) const;

  // Table, address, type and order; false when the value can not be there.
  bool place(const config::Value& row, const RegisterRow& written, std::optional<ValueType> fallback,
             RegisterPoint& out) const;

 private:
  bool fits(const config::Value& row, const RegisterRow& written, const RegisterPoint& point) const;
  void error(const config::Value& row, std::string_view field, std::string message,
             std::string remedy = {}) const {
    add_error(findings_, row, field, std::move(message), std::move(remedy));
  }

  const ProfileRows& rows_;
  config::Findings& findings_;
};

}  // namespace iw::modbus
