#include "protocols/modbus/pdu.hpp"

#include <algorithm>
#include <array>

#include "base/overloaded.hpp"

namespace iw::modbus {
namespace {

constexpr std::uint16_t coil_on = 0xFF00;
constexpr std::uint8_t more_follows_mark = 0xFF;
constexpr std::string_view foreign_reply =
    "the reply belongs to another request, or the device breaks the standard; try a longer timeout";

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

void put_bits(Writer& out, const std::vector<bool>& bits) {
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    unsigned byte = 0;
    const std::size_t n = std::min<std::size_t>(8, bits.size() - i);
    for (std::size_t k = 0; k < n; ++k)
      byte |= (bits[i + k] ? 1U : 0U) << k;
    out.u8(static_cast<std::uint8_t>(byte));
  }
}

std::vector<bool> take_bits(Bytes packed, std::size_t count) {
  std::vector<bool> bits(count);
  for (std::size_t i = 0; i < count; ++i) {
    bits[i] = (std::to_integer<unsigned>(packed[i / 8]) >> (i % 8) & 1U) != 0;
  }
  return bits;
}

void put_registers(Writer& out, std::span<const std::uint16_t> registers) {
  for (const std::uint16_t value : registers)
    out.u16be(value);
}

std::vector<std::uint16_t> take_registers(Reader& in, std::size_t count) {
  std::vector<std::uint16_t> values(count);
  for (std::uint16_t& value : values)
    value = in.u16be();
  return values;
}

// ---- Limits, one place for clients and servers

using Check = std::optional<Refusal>;

Refusal refusal(ExceptionCode code, std::string message) { return Refusal{code, std::move(message)}; }

Check check_range(std::size_t address, std::size_t count, std::size_t limit, std::string_view what) {
  if (count < 1 || count > limit) {
    return refusal(ExceptionCode::illegal_data_value,
                   fmt::format("{} {} at once; the standard allows 1 to {}", count, what, limit));
  }
  if (address + count > 0x10000) {
    return refusal(ExceptionCode::illegal_data_address,
                   fmt::format("{} {} from address {} go past 65535", count, what, address));
  }
  return std::nullopt;
}

Check check(const ReadBits& r) {
  if (r.table != Table::coils && r.table != Table::discrete_inputs) {
    return refusal(ExceptionCode::illegal_function, "bits are read from coils or discrete inputs only");
  }
  return check_range(r.address, r.count, max_read_bits, "bits");
}
Check check(const ReadRegisters& r) {
  if (r.table != Table::holding_registers && r.table != Table::input_registers) {
    return refusal(ExceptionCode::illegal_function,
                   "registers are read from holding or input registers only");
  }
  return check_range(r.address, r.count, max_read_registers, "registers");
}
Check check(const WriteSingleCoil&) { return std::nullopt; }
Check check(const WriteSingleRegister&) { return std::nullopt; }
Check check(const WriteMultipleCoils& r) {
  return check_range(r.address, r.values.size(), max_write_bits, "coils");
}
Check check(const WriteMultipleRegisters& r) {
  return check_range(r.address, r.values.size(), max_write_registers, "registers");
}
Check check(const MaskWriteRegister&) { return std::nullopt; }
Check check(const ReadWriteMultipleRegisters& r) {
  if (auto bad = check_range(r.read_address, r.read_count, max_read_registers, "registers to read"))
    return bad;
  return check_range(r.write_address, r.values.size(), max_read_write_registers, "registers to write");
}
Check check(const ReadDeviceIdentification& r) {
  if (r.level < DeviceIdLevel::basic || r.level > DeviceIdLevel::single) {
    return refusal(
        ExceptionCode::illegal_data_value,
        fmt::format("device identification has levels 1 to 4, not {}", static_cast<unsigned>(r.level)));
  }
  return std::nullopt;
}

// ---- Requests to bytes, behind the function code

void put(Writer& out, const ReadBits& r) {
  out.u16be(r.address);
  out.u16be(r.count);
}
void put(Writer& out, const ReadRegisters& r) {
  out.u16be(r.address);
  out.u16be(r.count);
}
void put(Writer& out, const WriteSingleCoil& r) {
  out.u16be(r.address);
  out.u16be(r.on ? coil_on : 0);
}
void put(Writer& out, const WriteSingleRegister& r) {
  out.u16be(r.address);
  out.u16be(r.value);
}
void put(Writer& out, const WriteMultipleCoils& r) {
  out.u16be(r.address);
  out.u16be(static_cast<std::uint16_t>(r.values.size()));
  out.u8(static_cast<std::uint8_t>(bytes_for(r.values.size())));
  put_bits(out, r.values);
}
void put(Writer& out, const WriteMultipleRegisters& r) {
  out.u16be(r.address);
  out.u16be(static_cast<std::uint16_t>(r.values.size()));
  out.u8(static_cast<std::uint8_t>(2 * r.values.size()));
  put_registers(out, r.values);
}
void put(Writer& out, const MaskWriteRegister& r) {
  out.u16be(r.address);
  out.u16be(r.and_mask);
  out.u16be(r.or_mask);
}
void put(Writer& out, const ReadWriteMultipleRegisters& r) {
  out.u16be(r.read_address);
  out.u16be(r.read_count);
  out.u16be(r.write_address);
  out.u16be(static_cast<std::uint16_t>(r.values.size()));
  out.u8(static_cast<std::uint8_t>(2 * r.values.size()));
  put_registers(out, r.values);
}
void put(Writer& out, const ReadDeviceIdentification& r) {
  out.u8(mei_read_device_identification);
  out.u8(static_cast<std::uint8_t>(r.level));
  out.u8(r.object);
}

// ---- Bytes to requests, behind the function code

tl::unexpected<Refusal> refuse(ExceptionCode code, std::string message) {
  return tl::unexpected(refusal(code, std::move(message)));
}

// The byte count of a write against its count, and against what is there.
Check check_bytes(std::size_t expected, std::size_t announced, std::size_t present) {
  if (announced != expected) {
    return refusal(ExceptionCode::illegal_data_value,
                   fmt::format("expected byte count {}, got {}", expected, announced));
  }
  if (present != announced) {
    return refusal(ExceptionCode::illegal_data_value,
                   fmt::format("{} data bytes announced, {} there", announced, present));
  }
  return std::nullopt;
}

tl::expected<Request, Refusal> take_write_coils(Reader& in) {
  WriteMultipleCoils r;
  r.address = in.u16be();
  const std::size_t count = in.u16be();
  const std::size_t announced = in.u8();
  if (!in.ok()) return Request(r);
  if (auto bad = check_range(r.address, count, max_write_bits, "coils")) return tl::unexpected(*bad);
  if (auto bad = check_bytes(bytes_for(count), announced, in.remaining())) return tl::unexpected(*bad);
  r.values = take_bits(in.rest(), count);
  return Request(std::move(r));
}

tl::expected<Request, Refusal> take_write_registers(Reader& in) {
  WriteMultipleRegisters r;
  r.address = in.u16be();
  const std::size_t count = in.u16be();
  const std::size_t announced = in.u8();
  if (!in.ok()) return Request(r);
  if (auto bad = check_range(r.address, count, max_write_registers, "registers")) return tl::unexpected(*bad);
  if (auto bad = check_bytes(2 * count, announced, in.remaining())) return tl::unexpected(*bad);
  r.values = take_registers(in, count);
  return Request(std::move(r));
}

tl::expected<Request, Refusal> take_read_write_registers(Reader& in) {
  ReadWriteMultipleRegisters r;
  r.read_address = in.u16be();
  r.read_count = in.u16be();
  r.write_address = in.u16be();
  const std::size_t count = in.u16be();
  const std::size_t announced = in.u8();
  if (!in.ok()) return Request(r);
  if (auto bad = check_range(r.write_address, count, max_read_write_registers, "registers to write")) {
    return tl::unexpected(*bad);
  }
  if (auto bad = check_bytes(2 * count, announced, in.remaining())) return tl::unexpected(*bad);
  r.values = take_registers(in, count);
  return Request(std::move(r));
}

tl::expected<Request, Refusal> take_request(FunctionCode function, Reader& in) {
  switch (function) {
    case FunctionCode::read_coils:
    case FunctionCode::read_discrete_inputs: {
      ReadBits r{.table = function == FunctionCode::read_coils ? Table::coils : Table::discrete_inputs};
      r.address = in.u16be();
      r.count = in.u16be();
      return Request(r);
    }
    case FunctionCode::read_holding_registers:
    case FunctionCode::read_input_registers: {
      ReadRegisters r{.table = function == FunctionCode::read_holding_registers ? Table::holding_registers
                                                                                : Table::input_registers};
      r.address = in.u16be();
      r.count = in.u16be();
      return Request(r);
    }
    case FunctionCode::write_single_coil: {
      WriteSingleCoil r{.address = in.u16be()};
      const std::uint16_t value = in.u16be();
      if (value != coil_on && value != 0) {
        return refuse(ExceptionCode::illegal_data_value,
                      fmt::format("a coil is written as 0xFF00 or 0x0000, not 0x{:04X}", value));
      }
      r.on = value == coil_on;
      return Request(r);
    }
    case FunctionCode::write_single_register: {
      WriteSingleRegister r{.address = in.u16be()};
      r.value = in.u16be();
      return Request(r);
    }
    case FunctionCode::write_multiple_coils: return take_write_coils(in);
    case FunctionCode::write_multiple_registers: return take_write_registers(in);
    case FunctionCode::mask_write_register: {
      MaskWriteRegister r{.address = in.u16be()};
      r.and_mask = in.u16be();
      r.or_mask = in.u16be();
      return Request(r);
    }
    case FunctionCode::read_write_multiple_registers: return take_read_write_registers(in);
    case FunctionCode::read_device_identification: {
      const std::uint8_t mei = in.u8();
      if (in.ok() && mei != mei_read_device_identification) {
        return refuse(ExceptionCode::illegal_function,
                      fmt::format("MEI type 0x{:02X} is not device identification (0x0E)", mei));
      }
      ReadDeviceIdentification r{.level = static_cast<DeviceIdLevel>(in.u8())};
      r.object = in.u8();
      return Request(r);
    }
  }
  return refuse(ExceptionCode::illegal_function, fmt::format("{} is not known here", to_string(function)));
}

// ---- Responses, behind the function code

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

Result<std::size_t> encode(const Request& request, MutableBytes out) {
  return std::visit(
      [&](const auto& r) -> Result<std::size_t> {
        if (auto bad = check(r)) {
          return fail(ErrorKind::invalid_argument,
                      fmt::format("{}: {}", to_string(function_of(r)), bad->message));
        }
        Writer writer(out);
        writer.u8(code_of(function_of(r)));
        put(writer, r);
        if (!writer.ok()) {
          return fail(ErrorKind::invalid_argument, fmt::format("{}: {} bytes are too few for the request",
                                                               to_string(function_of(r)), out.size()));
        }
        return writer.size();
      },
      request);
}

tl::expected<Request, Refusal> decode_request(Bytes pdu) {
  Reader in(pdu);
  const auto function = static_cast<FunctionCode>(in.u8());
  auto request = take_request(function, in);
  // A short request first: what was read from it then means nothing.
  if (!in.ok()) {
    return refuse(ExceptionCode::illegal_data_value,
                  fmt::format("{}: the request ends early, after {} bytes", to_string(function), pdu.size()));
  }
  if (!request) return request;
  if (!in.done()) {
    return refuse(ExceptionCode::illegal_data_value,
                  fmt::format("{}: {} bytes too many", to_string(function), in.remaining()));
  }
  if (auto bad = std::visit([](const auto& r) { return check(r); }, *request)) return tl::unexpected(*bad);
  return request;
}

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
