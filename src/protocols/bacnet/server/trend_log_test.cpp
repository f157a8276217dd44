#include "protocols/bacnet/server/trend_log.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;

namespace {

constexpr LogTraits traits{.interval = 1min, .buffer_size = 100};
constexpr LogBounds all{.first = 1000, .last = 1099};
constexpr std::uint32_t plenty = 1000;

std::string shown(const LogSpan& span) {
  return span.records.count() == 0
             ? "none"
             : fmt::format("{}..{}{}", span.records.first, span.records.last, span.more ? " more" : "");
}

DateTime at(std::uint32_t minute, Duration after = {}) {
  return to_date_time(time_of(traits, minute) + after, {});
}

}  // namespace

TEST_CASE("the buffer holds what was logged last, up to its size") {
  const WallTime now = WallTime(1100min + 30s);
  CHECK(bounds_of(traits, WallTime(1095min), now).first == 1095);
  CHECK(bounds_of(traits, WallTime(1095min), now).last == 1099);
  CHECK(bounds_of(traits, WallTime(), now).first == 1000);
  CHECK(bounds_of(traits, WallTime(1100min), now).count() == 0);
}

TEST_CASE("records are found by position, the first being the oldest") {
  CHECK(shown(span_of(ByPosition{.index = 1, .count = 3}, traits, all, plenty)) == "1000..1002");
  CHECK(shown(span_of(ByPosition{.index = 100, .count = -2}, traits, all, plenty)) == "1098..1099");
  CHECK(shown(span_of(ByPosition{.index = 99, .count = 50}, traits, all, plenty)) == "1098..1099");
  CHECK(shown(span_of(ByPosition{.index = 101, .count = 1}, traits, all, plenty)) == "none");
  CHECK(shown(span_of({}, traits, all, plenty)) == "1000..1099");
}

TEST_CASE("records are found by sequence number, whatever has left the buffer meanwhile") {
  CHECK(shown(span_of(BySequenceNumber{.sequence = 1050, .count = 2}, traits, all, plenty)) == "1050..1051");
  CHECK(shown(span_of(BySequenceNumber{.sequence = 990, .count = 20}, traits, all, plenty)) == "1000..1009");
  CHECK(shown(span_of(BySequenceNumber{.sequence = 1099, .count = -3}, traits, all, plenty)) == "1097..1099");
  CHECK(shown(span_of(BySequenceNumber{.sequence = 1100, .count = 1}, traits, all, plenty)) == "none");
  CHECK(shown(span_of(BySequenceNumber{.sequence = 1050, .count = 0}, traits, all, plenty)) == "none");
}

TEST_CASE("records are found by time: those after it, or those before it") {
  CHECK(shown(span_of(ByTime{.reference = at(1050), .count = 2}, traits, all, plenty)) == "1051..1052");
  CHECK(shown(span_of(ByTime{.reference = at(1050), .count = -2}, traits, all, plenty)) == "1048..1049");
  CHECK(shown(span_of(ByTime{.reference = at(1050, 1s), .count = 1}, traits, all, plenty)) == "1051..1051");
  CHECK(shown(span_of(ByTime{.reference = at(1050, 1s), .count = -1}, traits, all, plenty)) == "1050..1050");
  CHECK(shown(span_of(ByTime{.reference = {}, .count = 1}, traits, all, plenty)) == "none");
}

TEST_CASE("of too many records those next to the reference are answered, and that there are more") {
  CHECK(shown(span_of(BySequenceNumber{.sequence = 1000, .count = 50}, traits, all, 10)) ==
        "1000..1009 more");
  CHECK(shown(span_of(BySequenceNumber{.sequence = 1099, .count = -50}, traits, all, 10)) ==
        "1090..1099 more");
}

TEST_CASE("an answer has a record for each interval, also for those of which nothing is known") {
  const ReadRange request{.object = {ObjectType::trend_log, 1},
                          .range = BySequenceNumber{.sequence = 1097, .count = 3}};
  const LogSpan span = span_of(request.range, traits, all, plenty);
  const std::array items{LogItem{.sequence = 1097, .value = 1.5F}, LogItem{.sequence = 1099, .value = 2.5F}};
  std::array<std::byte, 256> buffer;
  ParameterWriter out(buffer);
  REQUIRE(write_records(out, request, traits, span, items));
  CHECK(out.size() <= 40 + 3 * 22);
  const auto ack = ReadRangeAck::decode(out.written()).value();
  CHECK(ack.count == 3);
  CHECK_FALSE(ack.first_item);
  CHECK(ack.last_item);
  CHECK_FALSE(ack.more_items);
  CHECK(ack.first_sequence == 1097);
  LogRecordReader records(ack.items);
  const auto first = records.next().value();
  CHECK(to_wall_time(first.time, {}) == time_of(traits, 1097));
  CHECK(std::get<Value>(first.datum) == Value(1.5F));
  CHECK(std::holds_alternative<BacnetError>(records.next().value().datum));
  CHECK(std::get<Value>(records.next().value().datum) == Value(2.5F));
  CHECK(records.finished().has_value());
}

TEST_CASE("a Trend Log has its counts, and its buffer is not read as a property") {
  const Object log =
      trend_log_object(1, "log", {.object = {ObjectType::analog_input, 7}}, traits, [] { return all; });
  std::array<std::byte, 64> scratch;
  ParameterReader count(log.read({.property = PropertyId::record_count}, scratch).value());
  CHECK(count.value() == Value(Unsigned{100}));
  CHECK(log.read({.property = PropertyId::log_buffer}, scratch).error() ==
        BacnetError{ErrorClass::property, ErrorCode::read_access_denied});
}
