#include "driver/request_log.hpp"

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"

namespace iw::driver {
namespace {

constexpr model::DeviceId meter{3};
constexpr Asked asked{.function = 3, .first = 9, .count = 2};
constexpr std::array frame{std::byte{1}, std::byte{3}, std::byte{0}, std::byte{9}};

struct Log : RequestLog {
  io::testing::ManualClock clock;

  void ask(model::DeviceId device, RequestOutcome outcome, Duration took, Bytes answer = {}) {
    ended(sent(device, asked, frame, Instant(1s)), outcome, Instant(1s) + took, answer);
  }
  [[nodiscard]] std::vector<RequestRecord> last() const { return recent(clock); }
};

TEST_CASE("what became of the last requests is known, the newest first, and which are under way") {
  Log log;
  CHECK(log.last().empty());
  const auto first = log.sent(meter, asked, frame, Instant(1s));
  const std::array under_way{log.sent(meter, asked, frame, Instant(2s)), SentRequest()};
  log.ended(first, RequestOutcome::answered, Instant(1s) + 4ms, Bytes(frame).first(2));
  log.clock.move_to(Instant(1h));
  log.clock.step_wall(5s);
  const auto recent = log.recent(log.clock, under_way);
  REQUIRE(recent.size() == 2);
  CHECK(recent[0].number == under_way[0].number);
  CHECK(recent[0].outcome == RequestOutcome::under_way);
  CHECK(recent[0].sent ==
        log.clock.wall_epoch + 2s + 5s);  // as the clock that is right now would have told it
  CHECK(recent[1].number == first.number);
  CHECK(recent[1].took == 4ms);
  CHECK(recent[1].asked.function == 3);
  CHECK(recent[1].asked.first == 9);
  CHECK(recent[1].request.kept().size() == 4);
  CHECK(recent[1].answer.kept().size() == 2);
}

TEST_CASE("the log stays as short as it is") {
  Log log;
  for (std::size_t i = 0; i <= RequestLog::kept; ++i)
    log.ask(meter, RequestOutcome::timeout, 1ms);
  const auto recent = log.last();
  CHECK(recent.size() == RequestLog::kept);
  CHECK(recent.front().number == RequestLog::kept + 1);
  CHECK(recent.back().number == 2);
}

TEST_CASE("a device that is asked often does not push out what the others were asked") {
  Log log;
  log.ask(meter, RequestOutcome::answered, 1ms);
  for (std::size_t i = 0; i < 2 * RequestLog::kept; ++i)
    log.ask(model::DeviceId(4), RequestOutcome::answered, 1ms);
  const auto recent = log.last();
  REQUIRE(recent.size() == RequestLog::kept + 1);
  CHECK(recent.back().device == meter);
  log.forget(meter);
  CHECK(log.last().size() == RequestLog::kept);
  CHECK(log.latency().size() == 1);
}

TEST_CASE("of a long frame the beginning is kept, and its whole length") {
  Log log;
  const std::vector<std::byte> long_answer(250, std::byte{0x5A});
  log.ask(meter, RequestOutcome::answered, 1ms, long_answer);
  const RequestRecord record = log.last().front();
  CHECK(record.answer.size == 250);
  CHECK(record.answer.kept().size() == 56);
}

TEST_CASE("how long a device takes is counted by its answers, also those that say no") {
  Log log;
  log.ask(meter, RequestOutcome::answered, 1ms);
  log.ask(meter, RequestOutcome::answered, 3ms);
  log.ask(meter, RequestOutcome::refused, 9s);
  log.ask(meter, RequestOutcome::timeout, 1s);
  const Latency latency = log.latency().at(meter);
  CHECK(latency.count() == 3);
  CHECK(latency.counts[0] == 1);
  CHECK(latency.counts[2] == 1);
  CHECK(latency.counts.back() == 1);
  CHECK(latency.sum == 9004ms);
  Latency line;
  line.add(latency);
  line.add(latency);
  CHECK(line.count() == 6);
  CHECK(line.sum == 18008ms);
  log.forget(meter);
  CHECK(log.latency().empty());
}

}  // namespace
}  // namespace iw::driver
