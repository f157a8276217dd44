#include "protocols/bacnet/trend_reader.hpp"

#include <algorithm>

namespace iw::bacnet {

TrendReader::TrendReader(std::optional<std::uint32_t> cursor, LogCounts counts, std::uint32_t at_once)
    : last_(counts.total), at_once_(std::max<std::uint32_t>(at_once, 1)) {
  const std::uint64_t oldest = std::uint64_t{counts.total} - std::min(counts.in_buffer, counts.total) + 1;
  next_ = oldest;
  if (!cursor) return;
  counts_anew_ = *cursor > counts.total;
  if (counts_anew_) return;
  const std::uint64_t after = std::uint64_t{*cursor} + 1;
  next_ = std::max(oldest, after);
  lost_ = next_ - after;
}

std::optional<BySequenceNumber> TrendReader::next() const {
  if (next_ > last_) return std::nullopt;
  return BySequenceNumber{
      .sequence = static_cast<std::uint32_t>(next_),
      .count = static_cast<std::int32_t>(std::min<std::uint64_t>(at_once_, last_ - next_ + 1))};
}

bool TrendReader::take(const ReadRangeAck& answer, std::vector<LogRecord>& records) {
  if (answer.count == 0) {  // overwritten since the counts were read
    lost_ += last_ - next_ + 1;
    next_ = last_ + 1;
    return true;
  }
  const std::uint64_t first = answer.first_sequence.value_or(static_cast<std::uint32_t>(next_));
  if (first < next_ || first - next_ > last_ - next_) return false;
  LogRecordReader in(answer.items);
  const std::size_t before = records.size();
  while (const auto record = in.next())
    records.push_back(*record);
  const std::size_t taken = records.size() - before;
  if (!in.finished() || taken != answer.count) {
    records.resize(before);
    return false;
  }
  lost_ += first - next_;
  next_ = first + answer.count;
  return true;
}

}  // namespace iw::bacnet
