#include "protocols/bacnet/trend_reader.hpp"

#include <algorithm>

namespace iw::bacnet {

TrendReader::TrendReader(std::optional<std::uint32_t> cursor, LogCounts counts, std::uint32_t at_once)
    : last_(counts.total), at_once_(std::max<std::uint32_t>(at_once, 1)) {
  const std::uint32_t oldest = counts.total - std::min(counts.in_buffer, counts.total) + 1;
  next_ = oldest;
  if (!cursor) return;
  counts_anew_ = *cursor > counts.total;
  if (counts_anew_) return;
  next_ = std::max(oldest, *cursor + 1);
  lost_ = next_ - (*cursor + 1);
}

std::optional<BySequenceNumber> TrendReader::next() const {
  if (next_ > last_) return std::nullopt;
  return BySequenceNumber{.sequence = next_,
                          .count = static_cast<std::int32_t>(std::min(at_once_, last_ - next_ + 1))};
}

bool TrendReader::take(const ReadRangeAck& answer, std::vector<LogRecord>& records) {
  if (answer.count == 0) {  // overwritten since the counts were read
    lost_ += last_ - next_ + 1;
    next_ = last_ + 1;
    return true;
  }
  const std::uint32_t first = answer.first_sequence.value_or(next_);
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
