#include "gateway/commands/demo_past.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

namespace iw::gateway {

TEST_CASE("the site of the demonstration has a past that adds up and ends where it begins") {
  const WallTime now = WallTime{} + std::chrono::days(20'000);
  const DemoPast past = demo_past({.day_length = 10min, .start_at = 10h}, now, 1h, 2s);
  REQUIRE(past.time.size() == 1800);
  CHECK(past.time.front() == now - 1h);
  CHECK(past.time.back() == now - 2s);
  CHECK(std::ranges::is_sorted(past.time));
  const auto& grid = past.series[0].value;
  const auto& roof = past.series[1].value;
  const auto& soc = past.series[4].value;
  for (const DemoPast::Series& series : past.series) {
    REQUIRE(series.value.size() == past.time.size());
    CHECK(std::ranges::all_of(series.value, [](double value) { return std::isfinite(value); }));
  }
  CHECK(std::ranges::max(roof) <= 0);  // it generates, by day
  CHECK(std::ranges::min(roof) < -1000);
  CHECK(std::ranges::count(roof, 0) > 100);  // and not by night
  CHECK(std::ranges::min(grid) < std::ranges::max(grid));
  CHECK(std::ranges::min(soc) >= 0);
  CHECK(std::ranges::max(soc) <= 100);
  CHECK(past.soc == soc.back());
  // Six days of ten minutes: at its end it is as late as at its beginning, ten in the morning.
  CHECK(roof.back() < 0);
}

}  // namespace iw::gateway
