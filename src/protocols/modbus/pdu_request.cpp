// Requests, to bytes and from them, with the limits of the standard in one place for both sides.
#include <algorithm>

#include "protocols/modbus/pdu_parts.hpp"

namespace iw::modbus {
namespace {

std::vector<bool> take_bits(Bytes packed, std::size_t count) {
  std::vector<bool> bits(count);
  for (std::size_t i = 0; i < count; ++i) {
    bits[i] = (std::to_integer<unsigned>(packed[i / 8]) >> (i % 8) & 1U) != 0;
  }
  return bits;
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

}  // namespace

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

}  // namespace iw::modbus
