// TrendReader: what is to be read of a trend log (12.25) so that no record is missed and none is taken twice:
// by sequence numbers, from the one after the last that was taken to the newest there was at the beginning.
// Plain synchronous code: answers in, ranges out.
//
//   TrendReader reader(cursor, counts, at_once);
//   while (const auto range = reader.next())
//     reader.take(answer to ReadRange by that sequence number, records);
//   cursor = reader.cursor();
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet {

// What a log holds: Record_Count and Total_Record_Count, which is the number of the newest record.
struct LogCounts {
  std::uint32_t in_buffer = 0;
  std::uint32_t total = 0;
};

// Where reading ended the last time.
struct TrendCursor {
  std::uint32_t sequence = 0;
  WallTime time;  // of that record

  friend bool operator==(const TrendCursor&, const TrendCursor&) = default;
};

class TrendReader {
 public:
  // at_once: records in an answer. Without a cursor all that the log holds is read.
  TrendReader(std::optional<std::uint32_t> cursor, LogCounts counts, std::uint32_t at_once);

  // None: all was read.
  [[nodiscard]] std::optional<BySequenceNumber> next() const;
  // The records of the answer are added; views into it. False: it does not answer what was asked, or can not
  // be decoded; reading ends.
  bool take(const ReadRangeAck& answer, std::vector<LogRecord>& records);

  // The number of the last record that was taken.
  [[nodiscard]] std::uint32_t cursor() const { return static_cast<std::uint32_t>(next_ - 1); }
  // Records that the log had overwritten before they could be read.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  // The log was emptied, and counts anew.
  [[nodiscard]] bool counts_anew() const { return counts_anew_; }

 private:
  std::uint64_t next_ = 1;  // wider than a sequence number: the one after the last that there can be
  std::uint64_t last_ = 0;
  std::uint32_t at_once_;
  std::uint64_t lost_ = 0;
  bool counts_anew_ = false;
};

}  // namespace iw::bacnet
