// The frame of Modbus RTU (MODBUS over Serial Line 2.5.1): unit id, PDU, CRC low byte first.
//
// RTU marks the end of a frame by silence, which neither USB adapters nor gateways keep. So a frame is cut by
// the length that its function code and byte count imply, the CRC proves it, and silence only serves to begin
// afresh. RTU has no transaction id either: RtuFramer takes a reply only when it fits the request in every
// respect.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/receive_buffer.hpp"

namespace iw::modbus {

struct RtuFrame {
  UnitId unit;
  Bytes pdu;  // a view into the framer, valid until its next free_space()
};

// Writes the ADU into `out` and gives its length.
Result<std::size_t> encode_rtu(UnitId unit, const Request& request, MutableBytes out);
Result<std::size_t> encode_rtu(UnitId unit, Bytes pdu, MutableBytes out);

// The ADU's unit id and PDU, when it has 4 to 256 bytes and the CRC fits.
std::optional<RtuFrame> decode_rtu(Bytes adu);

// What was wrong with a reply.
enum class RtuFault : std::uint8_t {
  silence,  // nothing came
  length,   // it ended early
  crc,
  unit,        // another unit answered
  function,    // to another function
  byte_count,  // another length: the late reply to another request
  trailing,    // bytes right behind the frame: two senders, or an echo of something else
};
std::string_view to_string(RtuFault fault);

struct RtuError {
  RtuFault fault{};
  Error error;
};

// The client's side: one request at a time.
//
//   bytes = ask(unit, request)  -> send them, then read into free_space(), tell filled(), look at next()
//   next() none: read on; at the deadline incomplete() says what is missing
//   after an error, or at the deadline: wait for silence, then ask() again
//
// Two habits of RS-485 lines are forgiven. Spurious 0x00 and 0xFF before the frame (a line without bias) are
// skipped, when the CRC then fits. A two-wire echo of our own request is skipped; the framer learns whether
// the line echoes from replies that can not be mistaken for it, since the reply to a single write looks just
// like its echo.
class RtuFramer {
 public:
  // Encodes the request, forgets what was there, and expects its reply. The bytes are valid until the next
  // ask(). A broadcast (unit 0) is refused for reads, and has no reply.
  Result<Bytes> ask(UnitId unit, const Request& request);

  // Never empty. After a reply or an error the bytes that come are dropped until resync() or ask().
  MutableBytes free_space();
  void filled(std::size_t n) { buffer_.filled(n); }

  // The reply, once it is whole; none: more bytes are needed.
  std::optional<tl::expected<RtuFrame, RtuError>> next();

  // What to say when the deadline is there before the reply.
  [[nodiscard]] RtuError incomplete() const;

  // Drops what has come (how many bytes: the result) and expects the same reply again.
  std::size_t resync();

  // Length of the reply that is expected, for time-outs; an upper limit where the device decides.
  [[nodiscard]] std::size_t reply_length() const;
  [[nodiscard]] bool echoes() const { return echoes_; }

 private:
  enum class State : std::uint8_t {
    idle,
    waiting,
    closed
  };  // closed: the reply was given, or can not come any more
  // The ADU of the reply; none: more bytes are needed.
  using Judgement = std::optional<tl::expected<Bytes, RtuError>>;

  [[nodiscard]] Bytes request() const { return Bytes(request_).first(request_size_); }
  [[nodiscard]] Judgement judge_with_echo(Bytes bytes) const;
  [[nodiscard]] Judgement judge(Bytes bytes) const;
  [[nodiscard]] Judgement judge_identification(Bytes bytes) const;
  [[nodiscard]] Judgement judge_crc(Bytes bytes, std::size_t length) const;

  std::array<std::byte, max_rtu_adu> request_{};  // as sent, to know its echo
  std::size_t request_size_ = 0;
  std::size_t reply_length_ = 0;            // 0: found while reading (device identification)
  std::optional<std::uint8_t> byte_count_;  // of the reply to a read
  State state_ = State::idle;
  bool echoes_ = false;
  ReceiveBuffer<2 * max_rtu_adu + 16> buffer_;  // junk, echo and reply
};

// The server's side: cuts requests out of the stream.
class RtuServerFramer {
 public:
  MutableBytes free_space() { return buffer_.free_space(); }
  void filled(std::size_t n) { buffer_.filled(n); }

  // The next request; none: more bytes are needed. A bad CRC drops what has come without an answer (2.4.2),
  // and is counted. A function that is not known ends where the CRC of all that has come fits.
  std::optional<RtuFrame> next();

  // Drops an unfinished request: call after silence.
  void resync() { buffer_.clear(); }

  [[nodiscard]] std::uint64_t crc_errors() const { return crc_errors_; }

 private:
  ReceiveBuffer<2 * max_rtu_adu> buffer_;
  std::uint64_t crc_errors_ = 0;
};

// The silences of 2.5.1.1: between the characters of a frame at most t1.5, between frames at least t3.5.
struct RtuSilence {
  Duration t1_5{};
  Duration t3_5{};
};

// `character` is the time on the wire of one character (start, data, parity and stop bits).
constexpr RtuSilence rtu_silence(std::uint32_t baud, Duration character) {
  if (baud > 19200) return {750us, 1750us};
  return {character * 3 / 2, character * 7 / 2};
}

constexpr Duration airtime(Duration character, std::size_t characters) {
  return character * static_cast<std::int64_t>(characters);
}

}  // namespace iw::modbus
