#include "driver/request_log.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

namespace iw::driver {
namespace {

constexpr model::DeviceId meter{3};
constexpr Asked asked{.function = 3, .first = 9, .count = 2};
constexpr std::array request{std::byte{1}, std::byte{3}, std::byte{0}, std::byte{9}};

TEST_CASE("what became of the last requests is known, the newest first") {
  RequestLog log;
  CHECK(log.recent().empty());
  const auto first = log.sent(meter, asked, request, WallTime(1s));
  const auto second = log.sent(meter, asked, request, WallTime(2s));
  log.ended(first, RequestOutcome::answered, 4ms, Bytes(request).first(2));
  const auto recent = log.recent();
  REQUIRE(recent.size() == 2);
  CHECK(recent[0].number == second.number);
  CHECK(recent[0].outcome == RequestOutcome::under_way);
  CHECK(recent[1].took == 4ms);
  CHECK(recent[1].asked.function == 3);
  CHECK(recent[1].asked.first == 9);
  CHECK(recent[1].answer.kept().size() == 2);
}

TEST_CASE("the log stays as short as it is, and a late end of what it has forgotten changes nothing") {
  RequestLog log;
  const auto first = log.sent(meter, asked, request, {});
  for (std::size_t i = 0; i < RequestLog::kept; ++i)
    log.sent(meter, asked, request, {});
  CHECK(log.recent().size() == RequestLog::kept);
  log.ended(first, RequestOutcome::answered, 1ms);
  CHECK(log.recent().back().number == first.number + 1);
  CHECK(log.latency().empty());
}

TEST_CASE("a device that is asked often does not push out what the others were asked") {
  RequestLog log;
  const auto rare = log.sent(meter, asked, request, {});
  for (std::size_t i = 0; i < 2 * RequestLog::kept; ++i)
    log.sent(model::DeviceId(4), asked, request, {});
  log.ended(rare, RequestOutcome::answered, 1ms);
  const auto recent = log.recent();
  REQUIRE(recent.size() == RequestLog::kept + 1);
  CHECK(recent.back().device == meter);
  CHECK(recent.back().outcome == RequestOutcome::answered);
  log.forget(meter);
  log.ended(rare, RequestOutcome::answered, 1ms);
  CHECK(log.recent().size() == RequestLog::kept);
  CHECK(log.latency().empty());
}

TEST_CASE("of a long frame the beginning is kept, and its whole length") {
  RequestLog log;
  const std::vector<std::byte> long_answer(250, std::byte{0x5A});
  log.ended(log.sent(meter, asked, request, {}), RequestOutcome::answered, 1ms, long_answer);
  const RequestRecord record = log.recent().front();
  CHECK(record.answer.size == 250);
  CHECK(record.answer.kept().size() == 56);
}

TEST_CASE("how long a device takes is counted by its answers, also those that say no") {
  RequestLog log;
  const auto end = [&](RequestOutcome outcome, Duration took) {
    log.ended(log.sent(meter, asked, request, {}), outcome, took);
  };
  end(RequestOutcome::answered, 1ms);
  end(RequestOutcome::answered, 3ms);
  end(RequestOutcome::refused, 9s);
  end(RequestOutcome::timeout, 1s);
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
