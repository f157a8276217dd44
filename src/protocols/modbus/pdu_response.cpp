// Responses, as a client reads them: against its request, or not at all.
#include <algorithm>
#include <array>

#include "protocols/modbus/pdu_parts.hpp"

namespace iw::modbus {
namespace {

constexpr std::string_view foreign_reply =
    "the reply belongs to another request, or the device breaks the standard; try a longer timeout";

template <class... Args>
Unexpected malformed(fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorKind::malformed, fmt::format(text, std::forward<Args>(args)...),
              std::string(foreign_reply));
}

// The data of a read: a byte count and that many bytes.
Result<Bytes> take_data(Reader& in, FunctionCode function, std::size_t expected) {
  const std::size_t announced = in.u8();
  if (!in.ok()) return malformed("{}: the reply ends before the byte count", to_string(function));
  if (announced != expected) {
    return malformed("{}: expected byte count {}, got {}", to_string(function), expected, announced);
  }
  if (in.remaining() != expected) {
    return malformed("{}: expected {} data bytes, got {}", to_string(function), expected, in.remaining());
  }
  return in.rest();
}

// A write is answered by the first bytes of its request.
Result<Response> take_echo(Reader& in, FunctionCode function, std::initializer_list<std::uint16_t> expected) {
  static constexpr std::array<std::string_view, 3> field{"address", "value", "second value"};
  if (in.remaining() != 2 * expected.size()) {
    return malformed("{}: expected a reply of {} bytes, got {}", to_string(function), 1 + 2 * expected.size(),
                     1 + in.remaining());
  }
  std::size_t i = 0;
  for (const std::uint16_t wanted : expected) {
    const std::uint16_t got = in.u16be();
    if (got != wanted) {
      return malformed("{}: expected {} 0x{:04X} back, got 0x{:04X}", to_string(function), field[i], wanted,
                       got);
    }
    ++i;
  }
  return WriteResponse{};
}

Result<Response> take(Reader& in, const ReadBits& r) {
  return take_data(in, function_of(r), bytes_for(r.count)).map([&](Bytes data) {
    return Response(ReadBitsResponse{data, r.count});
  });
}
Result<Response> take(Reader& in, const ReadRegisters& r) {
  return take_data(in, function_of(r), std::size_t{2} * r.count).map([](Bytes data) {
    return Response(ReadRegistersResponse{data});
  });
}
Result<Response> take(Reader& in, const ReadWriteMultipleRegisters& r) {
  return take_data(in, function_of(r), std::size_t{2} * r.read_count).map([](Bytes data) {
    return Response(ReadRegistersResponse{data});
  });
}
Result<Response> take(Reader& in, const WriteSingleCoil& r) {
  return take_echo(in, function_of(r), {r.address, r.on ? coil_on : std::uint16_t{0}});
}
Result<Response> take(Reader& in, const WriteSingleRegister& r) {
  return take_echo(in, function_of(r), {r.address, r.value});
}
Result<Response> take(Reader& in, const WriteMultipleCoils& r) {
  return take_echo(in, function_of(r), {r.address, static_cast<std::uint16_t>(r.values.size())});
}
Result<Response> take(Reader& in, const WriteMultipleRegisters& r) {
  return take_echo(in, function_of(r), {r.address, static_cast<std::uint16_t>(r.values.size())});
}
Result<Response> take(Reader& in, const MaskWriteRegister& r) {
  return take_echo(in, function_of(r), {r.address, r.and_mask, r.or_mask});
}
Result<Response> take(Reader& in, const ReadDeviceIdentification& r) {
  const std::string name = to_string(function_of(r));
  const std::uint8_t mei = in.u8();
  const std::uint8_t level = in.u8();
  DeviceIdentificationResponse response;
  response.conformity = in.u8();
  const std::uint8_t more = in.u8();
  response.next_object = in.u8();
  const std::size_t count = in.u8();
  if (!in.ok()) return malformed("{}: the reply ends within its header", name);
  if (mei != mei_read_device_identification)
    return malformed("{}: expected MEI type 0x0E, got 0x{:02X}", name, mei);
  if (level != static_cast<std::uint8_t>(r.level)) {
    return malformed("{}: expected level {}, got {}", name, static_cast<unsigned>(r.level), level);
  }
  if (more != 0 && more != more_follows_mark) {
    return malformed("{}: expected 0x00 or 0xFF for 'more follows', got 0x{:02X}", name, more);
  }
  response.more_follows = more != 0;
  std::uint8_t last = r.object;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t id = in.u8();
    const Bytes text = in.bytes(in.u8());
    if (!in.ok()) return malformed("{}: the reply ends within object {} of {}", name, i + 1, count);
    response.objects.push_back({id, std::string(reinterpret_cast<const char*>(text.data()), text.size())});
    last = std::max(last, id);
  }
  if (!in.done()) return malformed("{}: {} bytes too many behind {} objects", name, in.remaining(), count);
  if (response.more_follows && response.next_object <= last) {
    return malformed("{}: more follows, but from object {}, which is not behind {}", name,
                     response.next_object, last);
  }
  return response;
}

// The data of a read reply that fits to the byte.
std::optional<Bytes> data_of(FunctionCode function, std::size_t expected, Bytes pdu) {
  if (pdu.size() != 2 + expected || std::to_integer<std::uint8_t>(pdu[0]) != code_of(function) ||
      std::to_integer<std::size_t>(pdu[1]) != expected) {
    return std::nullopt;
  }
  return pdu.subspan(2);
}

}  // namespace

Result<Response> decode_response(const Request& request, Bytes pdu) {
  const FunctionCode expected = function_of(request);
  Reader in(pdu);
  const std::uint8_t got = in.u8();
  if (!in.ok()) return malformed("{}: the reply is empty", to_string(expected));
  if (got == (code_of(expected) | exception_flag)) {
    const auto code = static_cast<ExceptionCode>(in.u8());
    if (!in.done()) return malformed("{}: an exception has 2 bytes, got {}", to_string(expected), pdu.size());
    return ExceptionResponse{code};
  }
  if (got != code_of(expected)) {
    return malformed("{}: expected function 0x{:02X} in the reply, got 0x{:02X}", to_string(expected),
                     code_of(expected), got);
  }
  return std::visit([&](const auto& r) { return take(in, r); }, request);
}

std::optional<ReadRegistersResponse> registers_of(const ReadRegisters& request, Bytes pdu) {
  const auto data = data_of(function_of(request), std::size_t{2} * request.count, pdu);
  if (!data) return std::nullopt;
  return ReadRegistersResponse{*data};
}

std::optional<ReadBitsResponse> bits_of(const ReadBits& request, Bytes pdu) {
  const auto data = data_of(function_of(request), bytes_for(request.count), pdu);
  if (!data) return std::nullopt;
  return ReadBitsResponse{*data, request.count};
}

}  // namespace iw::modbus
