#include "control/split.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "sim/seeded_random.hpp"

using namespace iw::control;
using doctest::Approx;

namespace {

std::vector<double> shares(double total, const std::vector<Part>& parts) {
  std::vector<double> out(parts.size());
  split(total, parts, out);
  return out;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("a total is given out in proportion to the weights") {
  CHECK(shares(600, {{0, 1000, 1}, {0, 1000, 2}}) == std::vector{200.0, 400.0});
  CHECK(shares(-600, {{-1000, 0, 1}, {-1000, 0, 2}}) == std::vector{-200.0, -400.0});
}

TEST_CASE("what a unit can not take goes to the others, again in proportion") {
  const auto out = shares(1000, {{0, 100, 1}, {0, 1000, 1}, {0, 1000, 2}});
  CHECK(out[0] == 100);
  CHECK(out[1] == Approx(300));
  CHECK(out[2] == Approx(600));
}

TEST_CASE("a total beyond all bounds gives every bound") {
  CHECK(shares(1e9, {{-5, 10, 1}, {-7, 20, 0}}) == std::vector{10.0, 20.0});
  CHECK(shares(-1e9, {{-5, 10, 1}, {-7, 20, 0}}) == std::vector{-5.0, -7.0});
}

TEST_CASE("units without weight share equally when no other can take it") {
  CHECK(shares(300, {{0, 1000, 0}, {0, 1000, 0}, {0, 1000, 0}}) == std::vector{100.0, 100.0, 100.0});
}

TEST_CASE("a unit that must take something lowers the others") {
  const auto out = shares(500, {{400, 1000, 1}, {0, 1000, 9}});
  CHECK(out == std::vector{400.0, 100.0});
}

TEST_CASE("batteries are weighed by capability, by what is in them, or not") {
  const BatteryNow half{
      .max_charge_w = 4000, .max_discharge_w = 5000, .capacity_wh = 10'000, .min_soc = 10, .soc = 50};
  CHECK(part_of(half, SplitBy::capability, true).weight == 4000);
  CHECK(part_of(half, SplitBy::capability, false).weight == 5000);
  CHECK(part_of(half, SplitBy::state_of_charge, true).weight == 500'000);
  CHECK(part_of(half, SplitBy::state_of_charge, false).weight == 400'000);
  CHECK(part_of(half, SplitBy::equal, true).weight == 1);
  CHECK(part_of(half, SplitBy::equal, true).lowest == -5000);
}

TEST_CASE("split by state of charge, two batteries are empty at the same time") {
  std::array soc{90.0, 40.0};
  const std::array capacity{10'000.0, 20'000.0};
  for (int minute = 0; minute < 600; ++minute) {
    std::array<Part, 2> parts;
    for (std::size_t i = 0; i < 2; ++i) {
      parts[i] =
          part_of({.max_charge_w = 5000, .max_discharge_w = 5000, .capacity_wh = capacity[i], .soc = soc[i]},
                  SplitBy::state_of_charge, false);
    }
    std::array<double, 2> out{};
    split(-1500, parts, out);
    for (std::size_t i = 0; i < 2; ++i)
      soc[i] += out[i] / 60 / capacity[i] * 100;
  }
  // 17 kWh less 15 kWh, in the proportion they began with.
  CHECK(soc[0] / soc[1] == Approx(90.0 / 40.0).epsilon(0.001));
  CHECK(soc[0] * 100 + soc[1] * 200 == Approx(2000).epsilon(0.001));
}

TEST_CASE("whatever the units: every share is within its bounds, and the sum is the nearest to the total") {
  iw::sim::SeededRandom random(7);
  for (int trial = 0; trial < 20'000; ++trial) {
    std::vector<Part> parts(1 + random.next() % 12);
    double lowest = 0;
    double highest = 0;
    for (Part& part : parts) {
      part.lowest = std::floor(random.unit() * 2000 - 1500);
      part.highest = part.lowest + std::floor(random.unit() * 3000);
      part.weight = random.next() % 4 == 0 ? 0 : random.unit();
      lowest += part.lowest;
      highest += part.highest;
    }
    const double total = (random.unit() - 0.5) * 30'000;
    const auto out = shares(total, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      REQUIRE(out[i] >= parts[i].lowest);
      REQUIRE(out[i] <= parts[i].highest);
    }
    REQUIRE(sum(out) == Approx(std::clamp(total, lowest, highest)).epsilon(1e-9));
  }
}
