#include "protocols/modbus/rtu_frame.hpp"

#include <algorithm>

#include "base/crc.hpp"
#include "base/overloaded.hpp"

namespace iw::modbus {
namespace {

constexpr std::size_t crc_size = 2;
constexpr std::size_t exception_length = 5;  // unit, function, code, CRC
constexpr std::size_t max_junk = 8;
constexpr std::uint8_t broadcast = 0;

std::uint8_t byte_at(Bytes bytes, std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); }

bool crc_fits(Bytes adu) {
  const std::size_t body = adu.size() - crc_size;
  return crc16_modbus(adu.first(body)) == (byte_at(adu, body) | byte_at(adu, body + 1) << 8);
}

bool is_junk(std::byte b) { return b == std::byte{0x00} || b == std::byte{0xFF}; }

bool starts_with(Bytes bytes, Bytes head) {
  return bytes.size() >= head.size() && std::ranges::equal(bytes.first(head.size()), head);
}

RtuFrame frame_of(Bytes adu) { return {UnitId(byte_at(adu, 0)), adu.subspan(1, adu.size() - 1 - crc_size)}; }

void put_crc(Writer& out) { out.u16le(crc16_modbus(out.written())); }

std::string_view remedy_for(RtuFault fault) {
  switch (fault) {
    case RtuFault::silence: return "check power, wiring (A and B swapped?), unit id, baud rate and parity";
    case RtuFault::length:
    case RtuFault::crc:
      return "check termination, bias and ground of the line, its length, and the parity setting";
    case RtuFault::unit:
    case RtuFault::function:
    case RtuFault::byte_count:
      return "a reply that came late, or a second master on the line; try a longer timeout";
    case RtuFault::trailing: return "look for a second master, or for two devices with the same unit id";
  }
  return {};
}

RtuError error(RtuFault fault, std::string message) {
  const ErrorKind kind = fault == RtuFault::silence ? ErrorKind::timeout : ErrorKind::malformed;
  return {fault, Error{kind, std::move(message), std::string(remedy_for(fault))}};
}

// What the reply to a request looks like, as far as the request says.
struct ReplyShape {
  std::size_t length = 0;  // of the ADU; 0: the reply says
  std::optional<std::uint8_t> byte_count = {};
};

ReplyShape data_reply(std::size_t bytes) { return {3 + bytes + crc_size, static_cast<std::uint8_t>(bytes)}; }

ReplyShape shape_of(const Request& request) {
  return std::visit(
      overloaded{
          [](const ReadBits& r) { return data_reply((r.count + 7U) / 8U); },
          [](const ReadRegisters& r) { return data_reply(std::size_t{2} * r.count); },
          [](const ReadWriteMultipleRegisters& r) { return data_reply(std::size_t{2} * r.read_count); },
          [](const MaskWriteRegister&) { return ReplyShape{8 + crc_size}; },
          [](const ReadDeviceIdentification&) { return ReplyShape{}; },
          [](const auto&) { return ReplyShape{6 + crc_size}; },
      },
      request);
}

// Length of a request's ADU; none: more bytes are needed to tell; 0: the function is not known.
std::optional<std::size_t> request_length(Bytes bytes) {
  const auto with_byte_count_at = [&](std::size_t i) -> std::optional<std::size_t> {
    if (bytes.size() <= i) return std::nullopt;
    return i + 1 + byte_at(bytes, i) + crc_size;
  };
  if (bytes.size() < 2) return std::nullopt;
  switch (static_cast<FunctionCode>(byte_at(bytes, 1))) {
    case FunctionCode::read_coils:
    case FunctionCode::read_discrete_inputs:
    case FunctionCode::read_holding_registers:
    case FunctionCode::read_input_registers:
    case FunctionCode::write_single_coil:
    case FunctionCode::write_single_register: return 6 + crc_size;
    case FunctionCode::write_multiple_coils:
    case FunctionCode::write_multiple_registers: return with_byte_count_at(6);
    case FunctionCode::mask_write_register: return 8 + crc_size;
    case FunctionCode::read_write_multiple_registers: return with_byte_count_at(10);
    case FunctionCode::read_device_identification: return 5 + crc_size;
  }
  return 0;
}

}  // namespace

std::string_view to_string(RtuFault fault) {
  switch (fault) {
    case RtuFault::silence: return "no reply";
    case RtuFault::length: return "reply ended early";
    case RtuFault::crc: return "CRC error";
    case RtuFault::unit: return "wrong unit";
    case RtuFault::function: return "wrong function";
    case RtuFault::byte_count: return "wrong byte count";
    case RtuFault::trailing: return "bytes behind the frame";
  }
  return "unknown";
}

Result<std::size_t> encode_rtu(UnitId unit, const Request& request, MutableBytes out) {
  std::array<std::byte, max_pdu> pdu;
  const auto size = encode(request, pdu);
  if (!size) return fail(size.error());
  return encode_rtu(unit, Bytes(pdu).first(*size), out);
}

Result<std::size_t> encode_rtu(UnitId unit, Bytes pdu, MutableBytes out) {
  Writer writer(out);
  writer.u8(unit.value());
  writer.bytes(pdu);
  put_crc(writer);
  if (pdu.empty() || pdu.size() > max_pdu || !writer.ok()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a PDU of {} bytes does not fit an ADU of {}", pdu.size(), out.size()));
  }
  return writer.size();
}

std::optional<RtuFrame> decode_rtu(Bytes adu) {
  if (adu.size() < 2 + crc_size || adu.size() > max_rtu_adu || !crc_fits(adu)) return std::nullopt;
  return frame_of(adu);
}

// ---- The client's side

Result<Bytes> RtuFramer::ask(UnitId unit, const Request& request) {
  buffer_.clear();
  state_ = State::idle;
  if (unit.value() == broadcast && !is_write(request)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{}: unit 0 is the broadcast, nobody answers it", describe(request)),
                "set the unit id of the device, 1 to 247");
  }
  const auto size = encode_rtu(unit, request, request_);
  if (!size) return fail(size.error());
  request_size_ = *size;
  const ReplyShape shape = shape_of(request);
  reply_length_ = shape.length;
  byte_count_ = shape.byte_count;
  if (unit.value() != broadcast) state_ = State::waiting;
  return this->request();
}

MutableBytes RtuFramer::free_space() {
  if (state_ != State::waiting) buffer_.clear();
  return buffer_.free_space();
}

std::size_t RtuFramer::resync() {
  const std::size_t dropped = buffer_.unread().size();
  buffer_.clear();
  if (state_ == State::closed) state_ = State::waiting;
  return dropped;
}

std::size_t RtuFramer::reply_length() const { return reply_length_ != 0 ? reply_length_ : max_rtu_adu; }

std::optional<tl::expected<RtuFrame, RtuError>> RtuFramer::next() {
  if (state_ != State::waiting) return std::nullopt;
  const Bytes all = buffer_.unread();
  std::optional<RtuError> fault;
  for (std::size_t junk = 0;; ++junk) {
    const Bytes bytes = all.subspan(junk);
    auto reply = judge_with_echo(bytes);
    if (!reply) return std::nullopt;
    if (reply->has_value()) {
      echoes_ = (*reply)->data() != bytes.data();  // it stood behind our own request
      buffer_.take(all.size());
      state_ = State::closed;
      return frame_of(**reply);
    }
    if (!fault || reply->error().fault != RtuFault::unit) fault = std::move(reply->error());
    if (junk == max_junk || !is_junk(bytes.front())) break;
  }
  state_ = State::closed;
  return tl::unexpected(std::move(*fault));
}

RtuError RtuFramer::incomplete() const {
  Bytes bytes = buffer_.unread();
  const unsigned unit = byte_at(request_, 0);
  if (bytes.empty()) return error(RtuFault::silence, fmt::format("unit {} does not answer", unit));
  if (starts_with(bytes, request())) {
    bytes = bytes.subspan(request_size_);
    if (bytes.empty()) {
      return error(RtuFault::silence, fmt::format("only our own echo came, unit {} does not answer", unit));
    }
  }
  if (auto reply = judge(bytes); reply && !reply->has_value()) return std::move(reply->error());
  return error(RtuFault::length, fmt::format("{} of {} bytes came from unit {}, then silence", bytes.size(),
                                             reply_length(), unit));
}

// Where the line is known to echo, the echo comes first. Otherwise it is looked for when there is no reply
// without.
RtuFramer::Judgement RtuFramer::judge_with_echo(Bytes bytes) const {
  const bool echo = starts_with(bytes, request());
  const bool begun = !echo && starts_with(request(), bytes);
  if (echoes_ && begun) return std::nullopt;
  if (!(echoes_ && echo)) {
    auto reply = judge(bytes);
    if (!reply || reply->has_value()) return reply;
    if (begun) return std::nullopt;
    if (!echo) return reply;
  }
  return judge(bytes.subspan(request_size_));
}

RtuFramer::Judgement RtuFramer::judge(Bytes bytes) const {
  if (bytes.empty()) return std::nullopt;
  const unsigned unit = byte_at(request_, 0);
  if (const unsigned got = byte_at(bytes, 0); got != unit) {
    return tl::unexpected(
        error(RtuFault::unit, fmt::format("expected a reply of unit {}, got unit {}", unit, got)));
  }
  if (bytes.size() < 2) return std::nullopt;
  const unsigned function = byte_at(request_, 1);
  const unsigned got = byte_at(bytes, 1);
  if (got == (function | exception_flag)) return judge_crc(bytes, exception_length);
  if (got != function) {
    return tl::unexpected(
        error(RtuFault::function, fmt::format("expected function 0x{:02X}, got 0x{:02X}", function, got)));
  }
  if (reply_length_ == 0) return judge_identification(bytes);
  if (byte_count_ && bytes.size() > 2 && byte_at(bytes, 2) != *byte_count_) {
    return tl::unexpected(error(RtuFault::byte_count, fmt::format("expected byte count {}, got {}",
                                                                  *byte_count_, byte_at(bytes, 2))));
  }
  return judge_crc(bytes, reply_length_);
}

// Unit, function, MEI, level, conformity, more, next, count; then for each object id, length, text; CRC.
RtuFramer::Judgement RtuFramer::judge_identification(Bytes bytes) const {
  constexpr std::size_t header = 8;
  if (bytes.size() < header) return std::nullopt;
  std::size_t length = header;
  for (std::size_t left = byte_at(bytes, header - 1); left > 0; --left) {
    if (bytes.size() < length + 2) return std::nullopt;
    length += 2U + byte_at(bytes, length + 1);
    if (length + crc_size > max_rtu_adu) {
      return tl::unexpected(error(
          RtuFault::length, fmt::format("the objects of the reply need more than {} bytes", max_rtu_adu)));
    }
  }
  return judge_crc(bytes, length + crc_size);
}

RtuFramer::Judgement RtuFramer::judge_crc(Bytes bytes, std::size_t length) const {
  if (bytes.size() < length) return std::nullopt;
  if (!crc_fits(bytes.first(length))) {
    return tl::unexpected(error(RtuFault::crc, fmt::format("CRC error in a reply of {} bytes of unit {}",
                                                           length, byte_at(bytes, 0))));
  }
  if (bytes.size() > length) {
    return tl::unexpected(error(RtuFault::trailing, fmt::format("{} bytes right behind a reply of {} bytes",
                                                                bytes.size() - length, length)));
  }
  return bytes;
}

// ---- The server's side

std::optional<RtuFrame> RtuServerFramer::next() {
  const Bytes bytes = buffer_.unread();
  const auto known = request_length(bytes);
  if (!known) return std::nullopt;
  const std::size_t length = *known != 0 ? *known : bytes.size();
  if (bytes.size() < length && length <= max_rtu_adu) return std::nullopt;
  const auto frame = decode_rtu(bytes.first(std::min(length, bytes.size())));
  if (frame) {
    buffer_.take(length);
  } else if (*known != 0 || length >= max_rtu_adu) {
    ++crc_errors_;
    buffer_.clear();
  }
  return frame;
}

}  // namespace iw::modbus
