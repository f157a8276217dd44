#include "normalize/hampel.hpp"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "normalize/testing/chance.hpp"

using namespace iw;
using namespace iw::normalize;
using Verdict = Hampel::Verdict;

namespace {

constexpr double sigma = 0.2;
constexpr double sigmas = 5;  // as in the defaults

}  // namespace

TEST_CASE("spikes of twenty sigma are rejected and replaced by the median, good samples seldom") {
  testing::Chance chance(3);
  Hampel hampel;
  int spikes = 0;
  int rejected_spikes = 0;
  int good = 0;
  int rejected_good = 0;
  for (int i = 0; i < 200'000; ++i) {
    const bool is_spike = i > 100 && i % 23 == 0;
    const double noise = sigma * chance.normal();
    const double x = 230 + noise + (is_spike ? (i % 2 == 0 ? 20 : -20) * sigma : 0);
    const bool rejected = hampel.judge({.time = {}, .value = x}, sigmas, 2 * sigma) == Verdict::rejected;
    ++(is_spike ? spikes : good);
    if (rejected) {
      ++(is_spike ? rejected_spikes : rejected_good);
      CHECK(std::abs(hampel.median() - 230) < 5 * sigma);
    }
  }
  CHECK(rejected_spikes >= spikes * 0.99);
  CHECK(rejected_good <= good * 0.01);
}

TEST_CASE("no sample of a real step that is held for three polls or more is lost") {
  testing::Chance chance(4);
  Hampel hampel;
  double level = 230;
  for (int step = 0; step < 2'000; ++step) {
    level += (step % 2 == 0 ? 1 : -1) * chance.between(20, 200) * sigma;
    std::vector<double> real;
    std::vector<double> believed;
    const int held = 3 + static_cast<int>(chance.between(0, 20));
    for (int i = 0; i < held; ++i) {
      const double x = level + sigma * chance.between(-1, 1);
      real.push_back(x);
      switch (hampel.judge({.time = {}, .value = x}, sigmas, 2 * sigma)) {
        case Verdict::level_changed:
          for (const Hampel::Sample& earlier : hampel.rejected())
            believed.push_back(earlier.value);
          [[fallthrough]];
        case Verdict::accepted: believed.push_back(x); break;
        case Verdict::rejected: break;
      }
    }
    REQUIRE(believed == real);
  }
}

TEST_CASE("a quantised flat signal has no spread, and one step of the device is no outlier") {
  Hampel hampel;
  for (int i = 0; i < 20; ++i)
    hampel.judge({.time = {}, .value = 50}, sigmas, 0.1);
  CHECK(hampel.judge({.time = {}, .value = 50.1}, sigmas, 0.1001) == Verdict::accepted);
  CHECK(hampel.judge({.time = {}, .value = 50.3}, sigmas, 0.1) == Verdict::rejected);
  CHECK(hampel.median() == 50);
}
