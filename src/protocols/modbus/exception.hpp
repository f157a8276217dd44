// Exceptions of Modbus (MODBUS Application Protocol 7): how a device says no.
//
// The enum holds any byte a device sends: vendors use codes of their own, and those are kept as numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iw::modbus {

enum class ExceptionCode : std::uint8_t {
  illegal_function = 0x01,
  illegal_data_address = 0x02,
  illegal_data_value = 0x03,
  server_device_failure = 0x04,
  acknowledge = 0x05,
  server_device_busy = 0x06,
  negative_acknowledge = 0x07,  // of the old Modicon guide, still in the field
  memory_parity_error = 0x08,
  gateway_path_unavailable = 0x0A,
  gateway_target_failed_to_respond = 0x0B,
};

struct ExceptionInfo {
  ExceptionCode code{};
  std::string_view name;     // MODBUS_EXC_ILLEGAL_FUNCTION
  std::string_view meaning;  // what the device says
  std::string_view remedy;   // what a person can do
};

// The exceptions of the standard, in the order of their codes.
std::span<const ExceptionInfo> exceptions();

// "MODBUS_EXC_ILLEGAL_FUNCTION"; an unknown code keeps its number: "exception 0x63".
std::string to_string(ExceptionCode code);

// Name and meaning in one sentence.
std::string explain(ExceptionCode code);

// The exception as an Error (rejected, or busy for server_device_busy), with the remedy.
Error to_error(ExceptionCode code);

}  // namespace iw::modbus
