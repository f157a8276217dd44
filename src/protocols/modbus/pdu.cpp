// What a request is, in words and by its function. Bytes: pdu_request.cpp, pdu_response.cpp, pdu_answer.cpp.
#include "protocols/modbus/pdu.hpp"

#include <algorithm>
#include <array>

#include <fmt/ranges.h>

#include "base/overloaded.hpp"
#include "protocols/modbus/pdu_parts.hpp"

namespace iw::modbus {
namespace {

struct FunctionName {
  FunctionCode code{};
  std::string_view name;
};
constexpr std::array function_names{
    FunctionName{FunctionCode::read_coils, "Read Coils"},
    FunctionName{FunctionCode::read_discrete_inputs, "Read Discrete Inputs"},
    FunctionName{FunctionCode::read_holding_registers, "Read Holding Registers"},
    FunctionName{FunctionCode::read_input_registers, "Read Input Registers"},
    FunctionName{FunctionCode::write_single_coil, "Write Single Coil"},
    FunctionName{FunctionCode::write_single_register, "Write Single Register"},
    FunctionName{FunctionCode::write_multiple_coils, "Write Multiple Coils"},
    FunctionName{FunctionCode::write_multiple_registers, "Write Multiple Registers"},
    FunctionName{FunctionCode::mask_write_register, "Mask Write Register"},
    FunctionName{FunctionCode::read_write_multiple_registers, "Read/Write Multiple Registers"},
    FunctionName{FunctionCode::read_device_identification, "Read Device Identification"},
};

}  // namespace

std::string to_string(FunctionCode function) {
  const auto* const it = std::ranges::find(function_names, function, &FunctionName::code);
  if (it != function_names.end()) return std::string(it->name);
  return fmt::format("function 0x{:02X}", code_of(function));
}

FunctionCode function_of(const Request& request) {
  return std::visit([](const auto& r) { return function_of(r); }, request);
}

bool is_write(const Request& request) {
  return std::visit(
      overloaded{[](const ReadBits&) { return false; }, [](const ReadRegisters&) { return false; },
                 [](const ReadDeviceIdentification&) { return false; }, [](const auto&) { return true; }},
      request);
}

std::string describe(const Request& request) {
  const auto words = overloaded{
      [](const ReadBits& r) { return fmt::format("{} bits from address {}", r.count, r.address); },
      [](const ReadRegisters& r) { return fmt::format("{} registers from address {}", r.count, r.address); },
      [](const WriteSingleCoil& r) {
        return fmt::format("{} to address {}", r.on ? "on" : "off", r.address);
      },
      [](const WriteSingleRegister& r) {
        return fmt::format("{} (0x{:04X}) to address {}", r.value, r.value, r.address);
      },
      [](const WriteMultipleCoils& r) {
        return fmt::format("{} coils from address {}", r.values.size(), r.address);
      },
      [](const WriteMultipleRegisters& r) {
        return fmt::format("{} from address {}", fmt::join(r.values, ", "), r.address);
      },
      [](const MaskWriteRegister& r) {
        return fmt::format("and 0x{:04X}, or 0x{:04X} at address {}", r.and_mask, r.or_mask, r.address);
      },
      [](const ReadWriteMultipleRegisters& r) {
        return fmt::format("{} from address {}, then read {} registers from address {}",
                           fmt::join(r.values, ", "), r.write_address, r.read_count, r.read_address);
      },
      [](const ReadDeviceIdentification& r) {
        return fmt::format("level {} from object {}", static_cast<unsigned>(r.level), r.object);
      },
  };
  return fmt::format("{}: {}", to_string(function_of(request)), std::visit(words, request));
}

}  // namespace iw::modbus
