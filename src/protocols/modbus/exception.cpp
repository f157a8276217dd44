#include "protocols/modbus/exception.hpp"

#include <algorithm>
#include <array>

namespace iw::modbus {
namespace {

constexpr std::array table{
    ExceptionInfo{ExceptionCode::illegal_function, "MODBUS_EXC_ILLEGAL_FUNCTION",
                  "the device does not have this function, or does not allow it to this client",
                  "read the value with another function code, or check the role of the client certificate"},
    ExceptionInfo{ExceptionCode::illegal_data_address, "MODBUS_EXC_ILLEGAL_DATA_ADDRESS",
                  "one of the addresses does not exist in the device",
                  "compare address and table with the manual: 40001 on paper is address 0 on the wire"},
    ExceptionInfo{ExceptionCode::illegal_data_value, "MODBUS_EXC_ILLEGAL_DATA_VALUE",
                  "the device does not take this value, or not this many at once",
                  "check the value against the manual, or set a smaller max_registers"},
    ExceptionInfo{ExceptionCode::server_device_failure, "MODBUS_EXC_SERVER_DEVICE_FAILURE",
                  "the device failed while it did the work", "look at the device's own alarms; restart it"},
    ExceptionInfo{ExceptionCode::acknowledge, "MODBUS_EXC_ACKNOWLEDGE",
                  "the device accepted the request and needs a long time for it",
                  "wait and read the result back; do not send it again"},
    ExceptionInfo{ExceptionCode::server_device_busy, "MODBUS_EXC_SERVER_DEVICE_BUSY",
                  "the device is busy with a long request", "poll it less often, or end other clients of it"},
    ExceptionInfo{ExceptionCode::negative_acknowledge, "MODBUS_EXC_NEGATIVE_ACKNOWLEDGE",
                  "the device could not do what was asked", "look at the device's own alarms"},
    ExceptionInfo{ExceptionCode::memory_parity_error, "MODBUS_EXC_MEMORY_PARITY_ERROR",
                  "the device found its memory damaged", "have the device serviced; its values are doubtful"},
    ExceptionInfo{ExceptionCode::gateway_path_unavailable, "MODBUS_EXC_GATEWAY_PATH_UNAVAILABLE",
                  "the gateway has no way to this unit, or is overloaded",
                  "check the gateway's routing table, and poll through it less often"},
    ExceptionInfo{ExceptionCode::gateway_target_failed_to_respond,
                  "MODBUS_EXC_GATEWAY_TARGET_FAILED_TO_RESPOND",
                  "the gateway is well, but the unit behind it does not answer",
                  "check power, unit id, wiring and serial settings of the unit behind the gateway"},
};

const ExceptionInfo* find(ExceptionCode code) {
  const auto* const it = std::ranges::find(table, code, &ExceptionInfo::code);
  return it == table.end() ? nullptr : it;
}

}  // namespace

std::span<const ExceptionInfo> exceptions() { return table; }

std::string to_string(ExceptionCode code) {
  if (const auto* known = find(code)) return std::string(known->name);
  return fmt::format("exception 0x{:02X}", static_cast<unsigned>(code));
}

std::string explain(ExceptionCode code) {
  const auto* known = find(code);
  return fmt::format(
      "{}: {}", to_string(code),
      known != nullptr ? known->meaning : "a code of the vendor's own; see the device's manual");
}

Error to_error(ExceptionCode code) {
  const auto* known = find(code);
  return Error{code == ExceptionCode::server_device_busy ? ErrorKind::busy : ErrorKind::rejected,
               explain(code), known != nullptr ? std::string(known->remedy) : std::string()};
}

}  // namespace iw::modbus
