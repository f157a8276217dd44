// A message too long for one APDU, in segments (5.2): SegmentSender cuts it and follows the acknowledgements,
// SegmentReceiver puts it together and says what to acknowledge. No IO, no time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/bacnet/apdu.hpp"

namespace iw::bacnet {

class SegmentSender {
 public:
  // The message outlives the sender. segment_size: octets of it in one APDU. window: proposed by us; the
  // first segment goes alone, and its acknowledgement says what the peer takes.
  SegmentSender(Bytes message, std::size_t segment_size, std::uint8_t window);

  struct Piece {
    Segment segment;
    Bytes data;
  };
  // The pieces that may be sent now, one after the other.
  std::optional<Piece> next();

  // False: it acknowledges nothing that is under way (a duplicate), and changes nothing.
  bool acknowledged(const SegmentAck& ack);
  // Nothing came in time: the window is sent once more.
  void resend() { next_ = first_; }

  [[nodiscard]] bool done() const { return first_ == count_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  Bytes message_;
  std::size_t segment_size_;
  std::size_t count_;
  std::size_t first_ = 0;  // not yet acknowledged
  std::size_t next_ = 0;   // to be sent
  std::uint8_t proposed_;
  std::size_t window_ = 1;
};

class SegmentReceiver {
 public:
  // window: the most that we take before an acknowledgement. limit: octets of the whole message.
  SegmentReceiver(std::uint8_t window, std::size_t limit) : most_(window), limit_(limit) {}

  enum class Next : std::uint8_t {
    wait,         // more is to come
    acknowledge,  // send ack()
    complete,     // send ack(); message() is whole
    too_long,     // the message is beyond the limit
  };
  Next received(const Segment& segment, Bytes data);

  // The acknowledgement that is due; invoke id and side are the caller's.
  [[nodiscard]] SegmentAck ack() const;
  [[nodiscard]] Bytes message() const { return message_; }

 private:
  std::uint8_t most_;
  std::size_t limit_;
  std::uint8_t window_ = 1;   // actual
  std::uint8_t last_ = 0xFF;  // sequence number of the last segment in order
  std::uint8_t in_window_ = 0;
  bool begun_ = false;
  bool gap_ = false;  // and said so
  std::vector<std::byte> message_;
};

}  // namespace iw::bacnet
