#include "gateway/time_span.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr WallTime day{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};
constexpr WallTime now = day + 10h + 15min;

}  // namespace

TEST_CASE("times as people write them") {
  CHECK(parse_time("now", now).value() == now);
  CHECK(parse_time("today", now).value() == day);
  CHECK(parse_time("yesterday", now).value() == day - 24h);
  CHECK(parse_time("2026-11-24", now).value() == day);
  CHECK(parse_time("2026-11-24T10:15", now).value() == now);
  CHECK(parse_time("2026-11-24 10:15:00Z", now).value() == now);
  CHECK(parse_time("2026-11-24T10:15:30.25Z", now).value() == now + 30s + 250ms);
  CHECK(parse_time("90min", now).value() == now - 90min);
  CHECK(parse_time("2024-02-29", now).has_value());
}

TEST_CASE("what is no time is refused with how to write one") {
  for (const char* wrong :
       {"", "2026", "2026-13-01", "2026-02-29", "2026-11-24T", "2026-11-24T24:00", "2026-11-24T10:60",
        "2026-11-24T10:15:60", "2026-11-24T10:15:00.", "2026-11-24x", "-2026-1-1", "tomorrow", "5"}) {
    CAPTURE(wrong);
    const auto time = parse_time(wrong, now);
    REQUIRE_FALSE(time.has_value());
    CHECK(time.error().remedy.contains("2h"));
  }
}

TEST_CASE("how long ago in the words of others is answered with ours") {
  CHECK(parse_time("1m", now).error().message == "'1m' is no time, did you mean 1min (ago)?");
  CHECK(parse_time("tomorrow", now).error().message == "'tomorrow' is no time");
}

TEST_CASE("a span ends now and has the usual length unless something else is said") {
  CHECK(parse_span("", "", now, 1h)->from == now - 1h);
  CHECK(parse_span("", "today", now, 1h)->to == day);
  CHECK(parse_span("2h", "1h", now, 1h)->from == now - 2h);
  CHECK(parse_span("1h", "2h", now, 1h).error().message.contains("not before"));
  CHECK(parse_span("x", "", now, 1h).error().message.starts_with("--since"));
}
