#include "protocols/modbus/explain.hpp"

#include <algorithm>
#include <optional>

#include "base/crc.hpp"
#include "base/hex.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/rtu_frame.hpp"
#include "protocols/modbus/tcp_frame.hpp"

namespace iw::modbus {
namespace {

constexpr std::size_t mbap_length_end = 6;  // what the length field counts begins here

std::uint8_t byte_at(Bytes bytes, std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); }
unsigned word_at(Bytes bytes, std::size_t i) { return byte_at(bytes, i) * 256U + byte_at(bytes, i + 1); }

std::string indented(const std::string& text) {
  std::string result = "  ";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "  ";
  }
  return result;
}

std::string words_of(const ReadRegistersResponse& response) {
  std::string text;
  for (std::size_t i = 0; i < response.count(); ++i) {
    text += fmt::format("{}{} (0x{:04X})", i == 0 ? "" : ", ", response.at(i), response.at(i));
  }
  return text;
}

std::string bits_of(Bytes data) {
  std::string text;
  const ReadBitsResponse bits{data};
  for (std::size_t i = 0; i < 8 * data.size(); ++i) {
    if (i > 0 && i % 8 == 0) text += ' ';
    text += bits.at(i) ? '1' : '0';
  }
  return text;
}

std::string words_of(const DeviceIdentificationResponse& response) {
  std::string text = fmt::format("{} objects", response.objects.size());
  for (const DeviceObject& object : response.objects) {
    const bool printable = std::ranges::all_of(object.text, [](char c) { return c >= ' ' && c <= '~'; });
    text +=
        fmt::format(", {}: {}", object.id,
                    printable ? "\"" + object.text + "\"" : to_hex(std::as_bytes(std::span(object.text))));
  }
  if (response.more_follows) text += fmt::format("; more follow, from object {}", response.next_object);
  return text;
}

// What the PDU says as a response to some request; none when it can not be one.
std::optional<std::string> explain_response(Bytes pdu) {
  const auto function = static_cast<FunctionCode>(byte_at(pdu, 0));
  const auto has_data = [&] { return pdu.size() > 2 && pdu.size() == 2U + byte_at(pdu, 1); };
  switch (function) {
    case FunctionCode::read_coils:
    case FunctionCode::read_discrete_inputs:
      if (!has_data()) return std::nullopt;
      return fmt::format("{}: bits {}, the first read comes first", to_string(function),
                         bits_of(pdu.subspan(2)));
    case FunctionCode::read_holding_registers:
    case FunctionCode::read_input_registers:
    case FunctionCode::read_write_multiple_registers: {
      if (!has_data() || pdu.size() % 2 != 0) return std::nullopt;
      const ReadRegistersResponse response{pdu.subspan(2)};
      return fmt::format("{}: {} registers: {}", to_string(function), response.count(), words_of(response));
    }
    case FunctionCode::write_multiple_coils:
    case FunctionCode::write_multiple_registers:
      if (pdu.size() != 5) return std::nullopt;
      return fmt::format("{}: {} written from address {}", to_string(function), word_at(pdu, 3),
                         word_at(pdu, 1));
    case FunctionCode::write_single_coil:
    case FunctionCode::write_single_register:
    case FunctionCode::mask_write_register: {
      const auto echo = decode_request(pdu);
      return echo ? std::optional(describe(*echo) + ", done") : std::nullopt;
    }
    case FunctionCode::read_device_identification: {
      if (pdu.size() < 3) return std::nullopt;
      const ReadDeviceIdentification request{.level = static_cast<DeviceIdLevel>(byte_at(pdu, 2))};
      const auto response = decode_response(request, pdu);
      if (!response) return std::nullopt;
      return fmt::format("{}: {}", to_string(function),
                         words_of(std::get<DeviceIdentificationResponse>(*response)));
    }
  }
  return std::nullopt;
}

// Length of the first ADU, if this begins like Modbus TCP and is whole.
std::optional<std::size_t> tcp_length(Bytes bytes) {
  if (bytes.size() < mbap_length_end || word_at(bytes, 2) != 0) return std::nullopt;
  const std::size_t length = word_at(bytes, 4);
  if (length < 2 || length > 1 + max_pdu || bytes.size() < mbap_length_end + length) return std::nullopt;
  return mbap_length_end + length;
}

std::string explain_tcp(Bytes bytes) {
  std::string text;
  while (const auto length = tcp_length(bytes)) {
    text += fmt::format("Modbus TCP, transaction {}, unit {}\n{}\n", word_at(bytes, 0), byte_at(bytes, 6),
                        indented(explain_pdu(bytes.subspan(mbap_size, *length - mbap_size))));
    bytes = bytes.subspan(*length);
  }
  if (!bytes.empty())
    text += fmt::format("{} bytes behind it are no whole frame: {}\n", bytes.size(), to_hex(bytes));
  text.pop_back();
  return text;
}

std::string why_not_tcp(Bytes bytes) {
  if (bytes.size() <= mbap_size) return fmt::format("{} bytes, the shortest frame has 8", bytes.size());
  if (word_at(bytes, 2) != 0) return fmt::format("the protocol id is {}, not 0", word_at(bytes, 2));
  const std::size_t length = word_at(bytes, 4);
  if (length < 2 || length > 1 + max_pdu)
    return fmt::format("the length is {}, not 2 to {}", length, 1 + max_pdu);
  return fmt::format("cut off: the length announces {} bytes, {} are there", length,
                     bytes.size() - mbap_length_end);
}

std::string why_not_rtu(Bytes bytes) {
  if (bytes.size() < 4) return fmt::format("{} bytes, the shortest frame has 4", bytes.size());
  if (bytes.size() > max_rtu_adu)
    return fmt::format("{} bytes, the longest frame has {}", bytes.size(), max_rtu_adu);
  const Bytes body = bytes.first(bytes.size() - 2);
  const unsigned crc = crc16_modbus(body);
  const unsigned got = word_at(bytes, body.size());
  if (got == crc) return "the CRC is right, but its bytes are swapped: the low byte goes first";
  return fmt::format("the CRC is {:02X} {:02X}, it would be {:02X} {:02X}", got >> 8, got & 0xFF, crc & 0xFF,
                     crc >> 8);
}

}  // namespace

std::string explain_pdu(Bytes pdu) {
  if (pdu.empty()) return "malformed: no function code";
  const std::uint8_t function = byte_at(pdu, 0);
  if ((function & exception_flag) != 0) {
    const auto of = static_cast<FunctionCode>(function & ~exception_flag);
    if (pdu.size() != 2) return fmt::format("malformed: an exception has 2 bytes, not {}", pdu.size());
    return fmt::format("response: {}: {}", to_string(of),
                       explain(static_cast<ExceptionCode>(byte_at(pdu, 1))));
  }
  const auto request = decode_request(pdu);
  const auto response = explain_response(pdu);
  if (request && response) return fmt::format("request: {}\nor response: {}", describe(*request), *response);
  if (request) return fmt::format("request: {}", describe(*request));
  if (response) return fmt::format("response: {}", *response);
  return fmt::format("malformed: {}; no response either: {}", request.error().message, to_hex(pdu));
}

bool is_pdu(Bytes pdu) {
  if (pdu.empty()) return false;
  if ((byte_at(pdu, 0) & exception_flag) != 0) return pdu.size() == 2;
  return decode_request(pdu) || explain_response(pdu);
}

bool is_frame(Bytes frame) {
  if (decode_rtu(frame)) return true;
  Bytes rest = frame;
  while (const auto length = tcp_length(rest))
    rest = rest.subspan(*length);
  return rest.empty() && !frame.empty();
}

std::string explain_frame(Bytes frame) {
  const auto rtu = decode_rtu(frame);
  std::string text;
  if (tcp_length(frame)) text = explain_tcp(frame);
  if (rtu) {
    if (!text.empty()) text += "\nor ";
    text +=
        fmt::format("Modbus RTU, unit {}, CRC right\n{}", rtu->unit.value(), indented(explain_pdu(rtu->pdu)));
  }
  if (!text.empty()) return text;
  return fmt::format("no whole Modbus frame\n  as TCP: {}\n  as RTU: {}", why_not_tcp(frame),
                     why_not_rtu(frame));
}

}  // namespace iw::modbus
