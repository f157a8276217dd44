#include "bms/alarm_memory.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::bms;
using bacnet::EventState;
using bacnet::ObjectId;
using bacnet::ObjectType;

namespace {

std::vector<std::byte> stamp(WallTime time) {
  std::array<std::byte, 16> buffer;
  bacnet::ParameterWriter out(buffer);
  bacnet::write_time_stamp(out, bacnet::to_date_time(time, Duration{}));
  return {out.written().begin(), out.written().end()};
}

AlarmMemories two_alarms() {
  AlarmMemory high{.alarm = {.state = EventState::high_limit, .last = {}},
                   .events = {events::EventId(12), events::EventId(13)}};
  high.alarm.last = {{{.state = EventState::high_limit,
                       .event_type = 5,
                       .stamp = stamp(WallTime{1'000s}),
                       .acknowledged = false},
                      {.state = EventState::fault, .stamp = stamp(WallTime{})},
                      {.stamp = stamp(WallTime{900s})}}};
  AlarmMemory over = high;
  over.alarm.state = EventState::normal;
  over.events.clear();
  return {{{ObjectType::analog_input, 7}, high}, {{ObjectType::binary_input, 1}, over}};
}

}  // namespace

TEST_CASE("what recipients know is the same after it was written and read") {
  const AlarmMemories alarms = two_alarms();
  CHECK(parse_alarm_memories(to_text(alarms)) == alarms);
  CHECK(to_text(alarms).contains(" 12,13\n"));
  CHECK(parse_alarm_memories("").empty());
}

TEST_CASE("a line that is none is left out, and the others count") {
  const std::string good = to_text(two_alarms());
  const std::size_t end = good.find('\n');
  const std::string first = good.substr(0, end);
  AlarmMemories second = two_alarms();
  second.erase(second.begin());
  for (const std::string& wrong :
       {std::string("nonsense"), "x" + first, first + " more", first + "x", first.substr(2),
        std::string("7 3"), first.substr(0, first.rfind(' ')), first.substr(0, first.find(':')) + "zz"}) {
    CAPTURE(wrong);
    CHECK(parse_alarm_memories(wrong + good.substr(end)) == second);
  }
}

TEST_CASE("any cut of the file is read without harm") {
  const std::string good = to_text(two_alarms());
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(parse_alarm_memories(std::string_view(good).substr(0, size)).size() <= 2);
}
