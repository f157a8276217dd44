#include "normalize/counter.hpp"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "normalize/testing/chance.hpp"

using namespace iw;
using namespace iw::normalize;

namespace {

constexpr double two_32 = 4294967296;

CounterState saved_and_restored(const CounterState& state) {
  const auto restored = counter_state(to_bytes(state));
  REQUIRE(restored);
  return *restored;
}

struct Reading {
  double value;
  double energy;  // that has really flowed so far
};

// Feeds the readings, one a second; a process that keeps running and one that is killed after each sample
// must agree, never fall, and end with all the energy.
CounterState feed(const CounterSettings& settings, const std::vector<Reading>& readings) {
  CounterState state;
  double before = -1;
  double begin = 0;
  WallTime time;
  for (const Reading& reading : readings) {
    CounterState other = saved_and_restored(state);
    const Counted one = count(state, settings, reading.value, time);
    CHECK(one == count(other, settings, reading.value, time));
    CHECK(to_bytes(state) == to_bytes(other));
    if (before < 0) begin = state.extended();
    CHECK(state.extended() >= before);
    CHECK(state.extended() - begin <= reading.energy);
    before = state.extended();
    time += 1s;
  }
  CHECK(state.extended() - begin == readings.back().energy);
  return state;
}

// A meter that begins again at its modulus, and falls back by up to two now and then.
std::vector<Reading> meter(double begin, double modulus, bool jitters) {
  testing::Chance chance(5);
  std::vector<Reading> readings{{.value = begin, .energy = 0}};
  double total = begin;
  for (int i = 0; i < 5'000; ++i) {
    total += std::floor(chance.between(0, 500));
    const double back = jitters && i % 3 == 0 && i + 1 < 5'000 ? std::floor(chance.between(0, 3)) : 0;
    readings.push_back({.value = std::fmod(total - back, modulus), .energy = total - begin});
  }
  return readings;
}

}  // namespace

TEST_CASE("a register of 32 bits rolls over without losing or gaining energy") {
  const CounterState end =
      feed({.modulus = two_32, .max_rate = 1000, .resolution = 1}, meter(two_32 - 600'000, two_32, false));
  CHECK(end.rollovers == 1);
  CHECK(end.restarts == 0);
}

TEST_CASE("a register of six digits rolls over, and again") {
  const CounterState end =
      feed({.modulus = 1e6, .max_rate = 1000, .resolution = 1}, meter(990'000, 1e6, false));
  CHECK(end.rollovers == 2);
}

TEST_CASE("a jitter of two backward is waited for, across the modulus too") {
  const CounterState end =
      feed({.modulus = 1e6, .max_rate = 1000, .resolution = 1}, meter(990'000, 1e6, true));
  CHECK(end.rollovers == 2);
  CHECK(end.restarts == 0);
}

TEST_CASE("a reset to 0 is believed when the next reading confirms it, and what was counted since counts") {
  for (const double modulus : {0.0, two_32, 1e6}) {
    CAPTURE(modulus);
    const CounterState end =
        feed({.modulus = modulus, .max_rate = 1000, .resolution = 1}, {{.value = 500'000, .energy = 0},
                                                                       {.value = 500'100, .energy = 100},
                                                                       {.value = 0, .energy = 100},
                                                                       {.value = 90, .energy = 190},
                                                                       {.value = 200, .energy = 300}});
    CHECK(end.restarts == 1);
    CHECK(end.rollovers == 0);
  }
}

TEST_CASE("a single reading that can not be is forgotten: 0 while a meter starts, a flipped bit") {
  const CounterState end = feed({.modulus = two_32, .max_rate = 1000, .resolution = 1},
                                {{.value = 500'000, .energy = 0},
                                 {.value = 0, .energy = 100},
                                 {.value = 500'200, .energy = 200},
                                 {.value = 500'300 + 33'554'432, .energy = 300},
                                 {.value = 500'400, .energy = 400}});
  CHECK(end.restarts == 0);
}

TEST_CASE("another meter behind the same address adds no energy of its own") {
  for (const double other : {9e6, 40'000.0}) {
    const CounterState end =
        feed({.modulus = 0, .max_rate = 1000, .resolution = 1}, {{.value = 500'000, .energy = 0},
                                                                 {.value = other, .energy = 0},
                                                                 {.value = other + 50, .energy = 50}});
    CHECK(end.restarts == 1);
  }
}

TEST_CASE("what was counted while the gateway was down is counted, with an old state and a wrong clock too") {
  const CounterSettings settings{.modulus = 1e6, .max_rate = 1000, .resolution = 1};
  for (const WallTime later : {WallTime(10min), WallTime(-24h)}) {
    CounterState state;
    count(state, settings, 900'000, WallTime(0s));
    state = saved_and_restored(state);
    CHECK(count(state, settings, 150'000, later) == Counted::counted);
    CHECK(state.extended() == 1'150'000);
  }
}

TEST_CASE("another meter that comes while the gateway is down begins above all that was published") {
  const CounterSettings settings{.max_rate = 10, .resolution = 1};
  WallTime time{1h};
  CounterState state;
  count(state, settings, 5000, time);
  const CounterState stored = state;
  count(state, settings, 5009, time += 1s);
  CounterState restored = saved_and_restored(stored);
  catch_up(restored, state.extended(), time);
  CHECK(to_bytes(restored) == to_bytes(state));
  count(restored, settings, 300, time += 1s);
  count(restored, settings, 302, time += 1s);
  CHECK(restored.extended() == 5011);
  catch_up(restored, 5010, time);  // older than what is known
  catch_up(restored, std::nan(""), time);
  CHECK(restored.extended() == 5011);
}

TEST_CASE("bytes that are no state of a counter are refused") {
  const auto bytes = to_bytes(CounterState{});
  CHECK(counter_state(bytes));
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_FALSE(counter_state(Bytes(bytes).first(n)));
  CounterState endless;
  endless.base = std::numeric_limits<double>::infinity();
  CHECK_FALSE(counter_state(to_bytes(endless)));
}
