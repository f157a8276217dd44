#include "protocols/bacnet/trend_reader.hpp"

#include <array>
#include <deque>

#include <doctest/doctest.h>

namespace iw::bacnet {
namespace {

// A log of so many records; each holds its own number as its value.
class Log {
 public:
  explicit Log(std::size_t room) : room_(room) {}

  void write(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      records_.push_back(++total_);
      if (records_.size() > room_) records_.pop_front();
    }
  }
  void purge() {
    records_.clear();
    total_ = 0;
  }
  [[nodiscard]] LogCounts counts() const {
    return {.in_buffer = static_cast<std::uint32_t>(records_.size()), .total = total_};
  }
  // As 15.8 has it: nothing when the first is not there.
  ReadRangeAck answer(BySequenceNumber range) {
    ParameterWriter out(buffer_);
    ReadRangeAck ack{.object = {ObjectType::trend_log, 1}};
    for (const std::uint32_t number : records_) {
      if (number < range.sequence || ack.count == static_cast<std::uint32_t>(range.count)) continue;
      if (ack.count == 0 && number != range.sequence) break;
      write_log_record(out, {.time = {.date = {.year = 126, .month = 11, .day = 28, .weekday = 6},
                                      .time = {.hour = 12, .minute = 0, .second = 0, .hundredths = 0}},
                             .datum = Value(static_cast<float>(number))});
      ++ack.count;
      if (ack.count == most) break;
    }
    if (ack.count > 0) ack.first_sequence = range.sequence;
    ack.items = out.written();
    return ack;
  }

  std::uint32_t most = 1000;  // records in an answer

 private:
  std::size_t room_;
  std::uint32_t total_ = 0;
  std::deque<std::uint32_t> records_;
  std::array<std::byte, 8192> buffer_{};
};

std::vector<std::uint32_t> read(Log& log, std::optional<std::uint32_t>& cursor, std::uint32_t at_once = 10) {
  TrendReader reader(cursor, log.counts(), at_once);
  std::vector<std::uint32_t> numbers;
  while (const auto range = reader.next()) {
    CHECK(range->count <= static_cast<std::int32_t>(at_once));
    std::vector<LogRecord> records;
    REQUIRE(reader.take(log.answer(*range), records));
    for (const LogRecord& record : records)
      numbers.push_back(static_cast<std::uint32_t>(std::get<float>(std::get<Value>(record.datum))));
  }
  cursor = reader.cursor();
  return numbers;
}

std::vector<std::uint32_t> numbers(std::uint32_t first, std::uint32_t last) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = first; i <= last; ++i)
    all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("a log is read from the cursor on, every record once, however few come at once") {
  Log log(100);
  log.write(25);
  std::optional<std::uint32_t> cursor;
  CHECK(read(log, cursor) == numbers(1, 25));
  CHECK(read(log, cursor).empty());
  log.write(30);
  log.most = 3;
  CHECK(read(log, cursor) == numbers(26, 55));
  CHECK(cursor == 55U);
  log.write(1);
  CHECK(read(log, cursor) == numbers(56, 56));
}

TEST_CASE("records that were overwritten before they could be read are counted") {
  Log log(10);
  log.write(5);
  std::optional<std::uint32_t> cursor;
  CHECK(read(log, cursor) == numbers(1, 5));
  log.write(20);
  TrendReader reader(cursor, log.counts(), 100);
  CHECK(reader.lost() == 10);
  CHECK(read(log, cursor) == numbers(16, 25));
}

TEST_CASE("a log that wraps while it is read loses what it lost, and nothing is taken twice") {
  Log log(10);
  log.write(10);
  TrendReader reader(std::nullopt, log.counts(), 4);
  std::vector<LogRecord> records;
  REQUIRE(reader.take(log.answer(*reader.next()), records));
  CHECK(records.size() == 4);
  log.write(20);
  REQUIRE(reader.take(log.answer(*reader.next()), records));
  CHECK_FALSE(reader.next());
  CHECK(reader.lost() == 6);
  CHECK(reader.cursor() == 10);
}

TEST_CASE("a log that was emptied is read from its beginning") {
  Log log(100);
  log.write(50);
  std::optional<std::uint32_t> cursor;
  read(log, cursor);
  log.purge();
  log.write(7);
  CHECK(TrendReader(cursor, log.counts(), 10).counts_anew());
  CHECK(read(log, cursor) == numbers(1, 7));
}

TEST_CASE("an answer that is about something else ends the reading") {
  Log log(100);
  log.write(20);
  TrendReader reader(std::nullopt, log.counts(), 10);
  std::vector<LogRecord> records;
  ReadRangeAck wrong = log.answer({.sequence = 1, .count = 5});
  wrong.first_sequence = 99;
  CHECK_FALSE(reader.take(wrong, records));
  ReadRangeAck short_one = log.answer({.sequence = 1, .count = 5});
  short_one.count = 9;
  CHECK_FALSE(reader.take(short_one, records));
  CHECK(records.empty());
  CHECK(reader.cursor() == 0);
}

TEST_CASE("an empty log has nothing to be read") {
  CHECK_FALSE(TrendReader(std::nullopt, {}, 10).next());
  CHECK_FALSE(TrendReader(7U, {}, 10).next());
}

}  // namespace iw::bacnet
