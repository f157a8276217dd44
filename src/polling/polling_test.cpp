#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "polling/back_off.hpp"
#include "polling/cadence.hpp"
#include "polling/rates.hpp"

using namespace iw;
using namespace iw::polling;

TEST_CASE("a cadence stays on its grid however late it is served") {
  Cadence cadence(Instant(300ms), 1s);
  CHECK_FALSE(cadence.is_due(Instant(299ms)));
  CHECK(cadence.is_due(Instant(300ms)));
  cadence.served(Instant(310ms));
  CHECK(cadence.due() == Instant(1300ms));
  cadence.served(Instant(1900ms));
  CHECK(cadence.due() == Instant(2300ms));
  CHECK(cadence.skipped() == 0);
}

TEST_CASE("an overrun is skipped and counted, never a burst") {
  Cadence cadence(Instant(0ms), 1s);
  cadence.served(Instant(3500ms));
  CHECK(cadence.due() == Instant(4s));
  CHECK(cadence.skipped() == 3);
}

TEST_CASE("phases of many things are spread evenly over the period") {
  constexpr Duration period = 1s;
  std::vector<Duration> phases;
  for (std::uint64_t n = 0; n < 500; ++n)
    phases.push_back(phase_of(n, period));
  std::ranges::sort(phases);
  CHECK(phases.front() >= 0ms);
  CHECK(phases.back() < period);
  for (std::size_t i = 1; i < phases.size(); ++i)
    CHECK(phases[i] - phases[i - 1] <= 10ms);
}

TEST_CASE("back-off forgives single failures, then pauses longer and longer, and probes in between") {
  BackOff back_off({.forgiven = 2, .first = 1s, .longest = 5s});
  back_off.failed(Instant(0s), 0);
  CHECK(back_off.state(Instant(0s)) == BackOff::State::closed);
  back_off.failed(Instant(1s), 0);
  CHECK(back_off.state(Instant(1s)) == BackOff::State::open);
  CHECK(back_off.state(Instant(2s)) == BackOff::State::half_open);
  back_off.failed(Instant(2s), 0);
  CHECK(back_off.retry_at() == Instant(4s));
  back_off.failed(Instant(4s), 0);
  CHECK(back_off.retry_at() == Instant(8s));
  back_off.failed(Instant(8s), 0);
  CHECK(back_off.retry_at() == Instant(13s));
  back_off.succeeded();
  CHECK(back_off.state(Instant(8s)) == BackOff::State::closed);
}

TEST_CASE("chance shortens the pause by at most a fifth") {
  BackOff back_off({.forgiven = 1, .first = 10s, .longest = 60s});
  back_off.failed(Instant(0s), 0.999);
  CHECK(back_off.retry_at() > Instant(8s));
  CHECK(back_off.retry_at() < Instant(8100ms));
}

TEST_CASE("rate classes have numbers that can be changed") {
  RateTable rates;
  CHECK(rates.period(model::RateClass::fast) == 1s);
  rates.set(model::RateClass::thermal, 2min);
  CHECK(rates.period(model::RateClass::thermal) == 2min);
}
