// Responses, as a server writes them.
#include <algorithm>

#include "protocols/modbus/pdu_parts.hpp"

namespace iw::modbus {
namespace {

void write_echo(Writer& out, FunctionCode function, std::initializer_list<std::uint16_t> fields) {
  out.u8(code_of(function));
  put_registers(out, fields);
}

void write_registers(Writer& out, FunctionCode function, std::span<const std::uint16_t> registers) {
  out.u8(code_of(function));
  out.u8(static_cast<std::uint8_t>(2 * registers.size()));
  put_registers(out, registers);
}

}  // namespace

void write_exception(Writer& out, FunctionCode function, ExceptionCode code) {
  out.u8(code_of(function) | exception_flag);
  out.u8(static_cast<std::uint8_t>(code));
}

void write_response(Writer& out, const ReadBits& request, const std::vector<bool>& bits) {
  out.u8(code_of(function_of(request)));
  out.u8(static_cast<std::uint8_t>(bytes_for(bits.size())));
  put_bits(out, bits);
}
void write_response(Writer& out, const ReadRegisters& request, std::span<const std::uint16_t> registers) {
  write_registers(out, function_of(request), registers);
}
void write_response(Writer& out, const ReadWriteMultipleRegisters& request,
                    std::span<const std::uint16_t> registers) {
  write_registers(out, function_of(request), registers);
}
void write_response(Writer& out, const ReadDeviceIdentification& request,
                    const DeviceIdentificationResponse& response) {
  out.u8(code_of(function_of(request)));
  out.u8(mei_read_device_identification);
  out.u8(static_cast<std::uint8_t>(request.level));
  out.u8(response.conformity);
  out.u8(response.more_follows ? more_follows_mark : 0);
  out.u8(response.more_follows ? response.next_object : 0);
  out.u8(static_cast<std::uint8_t>(response.objects.size()));
  for (const DeviceObject& object : response.objects) {
    out.u8(object.id);
    out.u8(static_cast<std::uint8_t>(object.text.size()));
    out.bytes(std::as_bytes(std::span(object.text)));
  }
}
void write_response(Writer& out, const WriteSingleCoil& request) {
  write_echo(out, function_of(request), {request.address, request.on ? coil_on : std::uint16_t{0}});
}
void write_response(Writer& out, const WriteSingleRegister& request) {
  write_echo(out, function_of(request), {request.address, request.value});
}
void write_response(Writer& out, const WriteMultipleCoils& request) {
  write_echo(out, function_of(request), {request.address, static_cast<std::uint16_t>(request.values.size())});
}
void write_response(Writer& out, const WriteMultipleRegisters& request) {
  write_echo(out, function_of(request), {request.address, static_cast<std::uint16_t>(request.values.size())});
}
void write_response(Writer& out, const MaskWriteRegister& request) {
  write_echo(out, function_of(request), {request.address, request.and_mask, request.or_mask});
}

tl::expected<DeviceIdentificationResponse, ExceptionCode> identification(
    const ReadDeviceIdentification& request, std::span<const DeviceObject> objects) {
  constexpr std::size_t header = 7;
  constexpr std::size_t longest = max_pdu - header - 2;  // text that fits alone
  constexpr std::uint8_t single_access = 0x80;
  const std::uint8_t highest = objects.empty() ? 0 : objects.back().id;
  DeviceIdentificationResponse response;
  response.conformity = single_access | (highest >= 0x80 ? 3 : highest >= 0x03 ? 2 : 1);

  if (request.level == DeviceIdLevel::single) {
    const auto it = std::ranges::find(objects, request.object, &DeviceObject::id);
    if (it == objects.end()) return tl::unexpected(ExceptionCode::illegal_data_address);
    response.objects.push_back({it->id, it->text.substr(0, longest)});
    return response;
  }

  const std::uint8_t last = request.level == DeviceIdLevel::basic     ? 0x02
                            : request.level == DeviceIdLevel::regular ? 0x7F
                                                                      : 0xFF;
  // An object that is not there: begin at the first (6.21).
  const bool known =
      std::ranges::any_of(objects, [&](const DeviceObject& o) { return o.id == request.object; });
  const std::uint8_t first = known && request.object <= last ? request.object : 0;
  std::size_t size = header;
  for (const DeviceObject& object : objects) {
    if (object.id < first || object.id > last) continue;
    const std::string text = object.text.substr(0, longest);
    size += 2 + text.size();
    if (size > max_pdu) {
      response.more_follows = true;
      response.next_object = object.id;
      break;
    }
    response.objects.push_back({object.id, text});
  }
  return response;
}

}  // namespace iw::modbus
