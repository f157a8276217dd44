// What the files of the PDU share, and nobody else needs: function codes, packed bits, registers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "protocols/modbus/pdu.hpp"

namespace iw::modbus {

constexpr std::uint16_t coil_on = 0xFF00;
constexpr std::uint8_t more_follows_mark = 0xFF;

constexpr std::uint8_t code_of(FunctionCode function) { return static_cast<std::uint8_t>(function); }

constexpr FunctionCode function_of(const ReadBits& r) {
  return r.table == Table::coils ? FunctionCode::read_coils : FunctionCode::read_discrete_inputs;
}
constexpr FunctionCode function_of(const ReadRegisters& r) {
  return r.table == Table::input_registers ? FunctionCode::read_input_registers
                                           : FunctionCode::read_holding_registers;
}
constexpr FunctionCode function_of(const WriteSingleCoil&) { return FunctionCode::write_single_coil; }
constexpr FunctionCode function_of(const WriteSingleRegister&) { return FunctionCode::write_single_register; }
constexpr FunctionCode function_of(const WriteMultipleCoils&) { return FunctionCode::write_multiple_coils; }
constexpr FunctionCode function_of(const WriteMultipleRegisters&) {
  return FunctionCode::write_multiple_registers;
}
constexpr FunctionCode function_of(const MaskWriteRegister&) { return FunctionCode::mask_write_register; }
constexpr FunctionCode function_of(const ReadWriteMultipleRegisters&) {
  return FunctionCode::read_write_multiple_registers;
}
constexpr FunctionCode function_of(const ReadDeviceIdentification&) {
  return FunctionCode::read_device_identification;
}

constexpr std::size_t bytes_for(std::size_t bits) { return (bits + 7) / 8; }

inline void put_bits(Writer& out, const std::vector<bool>& bits) {
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    unsigned byte = 0;
    const std::size_t n = std::min<std::size_t>(8, bits.size() - i);
    for (std::size_t k = 0; k < n; ++k)
      byte |= (bits[i + k] ? 1U : 0U) << k;
    out.u8(static_cast<std::uint8_t>(byte));
  }
}

inline void put_registers(Writer& out, std::span<const std::uint16_t> registers) {
  for (const std::uint16_t value : registers)
    out.u16be(value);
}

}  // namespace iw::modbus
