#include "protocols/bacnet/segmentation.hpp"

#include <algorithm>

namespace iw::bacnet {

SegmentSender::SegmentSender(Bytes message, std::size_t segment_size, std::uint8_t window)
    : message_(message),
      segment_size_(segment_size),
      count_(std::max<std::size_t>(1, (message.size() + segment_size - 1) / segment_size)),
      proposed_(window) {}

std::optional<SegmentSender::Piece> SegmentSender::next() {
  if (next_ >= count_ || next_ >= first_ + window_) return std::nullopt;
  const std::size_t index = next_++;
  const Bytes rest = message_.subspan(index * segment_size_);
  return Piece{.segment = {.sequence = static_cast<std::uint8_t>(index),
                           .window = proposed_,
                           .more_follows = index + 1 < count_},
               .data = rest.first(std::min(segment_size_, rest.size()))};
}

bool SegmentSender::acknowledged(const SegmentAck& ack) {
  // Sequence numbers count modulo 256, windows have at most 127 segments: the distance is unambiguous.
  const auto ahead = static_cast<std::uint8_t>(ack.sequence - static_cast<std::uint8_t>(first_));
  const bool nothing_new = ahead == 0xFF;  // the one before: in a negative acknowledgement it means "again"
  if (nothing_new && ack.negative && first_ > 0) {
    window_ = ack.window;
    next_ = first_;
    return true;
  }
  if (first_ + ahead >= next_) return false;
  first_ += ahead + 1U;
  window_ = ack.window;
  next_ = first_;
  return true;
}

SegmentReceiver::Next SegmentReceiver::received(const Segment& segment, Bytes data) {
  const auto expected = static_cast<std::uint8_t>(last_ + 1);
  if (segment.sequence != expected) {
    if (!begun_) return Next::wait;
    // The last one again: its acknowledgement was lost. An older one: the peer is repeating its window.
    if (segment.sequence == last_) return Next::acknowledge;
    const auto behind = static_cast<std::uint8_t>(last_ - segment.sequence);
    if (behind <= window_ || gap_) return Next::wait;
    gap_ = true;
    in_window_ = 0;
    return Next::acknowledge;
  }
  if (message_.size() + data.size() > limit_) return Next::too_long;
  message_.insert(message_.end(), data.begin(), data.end());
  window_ = std::min(most_, segment.window);
  last_ = segment.sequence;
  gap_ = false;
  ++in_window_;
  if (!segment.more_follows) return Next::complete;
  const bool first = !begun_;
  begun_ = true;
  if (!first && in_window_ < window_) return Next::wait;
  in_window_ = 0;
  return Next::acknowledge;
}

SegmentAck SegmentReceiver::ack() const {
  return {.invoke_id = 0, .sequence = last_, .window = window_, .negative = gap_};
}

}  // namespace iw::bacnet
