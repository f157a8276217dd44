// MBAP, the frame of Modbus TCP (MODBUS Messaging on TCP/IP 3.1.3): transaction id, protocol id 0, length,
// unit id, PDU.
//
// A stream has no marks to find the next frame by: once the header is wrong nothing behind it can be trusted,
// and the connection must be closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/receive_buffer.hpp"

namespace iw::modbus {

constexpr std::size_t mbap_size = 7;

struct TcpFrame {
  std::uint16_t tid = 0;  // transaction id
  UnitId unit;
  Bytes pdu;  // a view into the framer, valid until its next free_space()
};

// Writes the ADU into `out` and gives its length.
Result<std::size_t> encode_tcp(std::uint16_t tid, UnitId unit, const Request& request, MutableBytes out);
Result<std::size_t> encode_tcp(std::uint16_t tid, UnitId unit, Bytes pdu, MutableBytes out);

// Cuts a stream into frames. Read into free_space(), tell filled(), then take next() until it gives none.
class TcpFramer {
 public:
  // Never empty when next() gave none before.
  MutableBytes free_space() { return buffer_.free_space(); }
  void filled(std::size_t n) { buffer_.filled(n); }

  // The next whole frame; none: more bytes are needed; an error: close the connection (it stays an error).
  std::optional<Result<TcpFrame>> next();

  // For a new connection.
  void reset() { buffer_.clear(); }

 private:
  ReceiveBuffer<4 * max_tcp_adu> buffer_;
};

}  // namespace iw::modbus
