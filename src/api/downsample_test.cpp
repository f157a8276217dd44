#include "api/downsample.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

namespace iw::api {
namespace {

using historian::Range;
using historian::Rollup;
using historian::Samples;

constexpr Range hour{.from_ms = 0, .to_ms = 3'600'000};

Samples sine(std::size_t count) {
  Samples samples;
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = static_cast<std::int64_t>(i * 3'600'000 / count);
    samples.add(time, std::sin(static_cast<double>(i)), {});
  }
  return samples;
}

TEST_CASE("few samples stay as they are") {
  const Samples few = sine(400);
  CHECK(for_pixels(few, hour, 100).time_ms == few.time_ms);
}

TEST_CASE("of many samples the first, last, least and greatest of a pixel stay, in the order of time") {
  Samples many = sine(36'000);
  many.value[12'345] = 50;
  many.value[23'456] = -50;
  const Samples fewer = for_pixels(many, hour, 100);
  CHECK(fewer.size() <= 101 * 5);
  CHECK(fewer.size() >= 300);
  CHECK(std::ranges::is_sorted(fewer.time_ms));
  CHECK(fewer.time_ms.front() == many.time_ms.front());
  CHECK(fewer.time_ms.back() == many.time_ms.back());
  CHECK(std::ranges::max(fewer.value) == 50);
  CHECK(std::ranges::min(fewer.value) == -50);
}

TEST_CASE("a single bad sample among many good ones stays") {
  Samples many = sine(36'000);
  many.quality[20'000] = model::Quality(model::Validity::invalid);
  many.value[20'000] = std::nan("");
  const Samples fewer = for_pixels(many, hour, 50);
  CHECK(std::ranges::count_if(fewer.quality, [](model::Quality q) { return !q.good(); }) == 1);
}

TEST_CASE("joined roll-ups keep extremes, energy, counts and the weighted average") {
  std::vector<Rollup> minutes;
  for (int i = 0; i < 60; ++i) {
    minutes.push_back({.start_ms = i * 60'000,
                       .min = i == 7 ? -5.0 : 0.0,
                       .max = i == 50 ? 99.0 : 2.0,
                       .last = static_cast<double>(i),
                       .covered_ms = 60'000,
                       .integral = 60'000.0 * i,
                       .count = 60,
                       .good = 59,
                       .energy = 1});
  }
  const auto joined = for_pixels(minutes, hour, 10);
  REQUIRE(joined.size() == 10);
  CHECK(joined[1].min == -5);
  CHECK(joined[8].max == 99);
  CHECK(joined[0].last == 5);
  CHECK(joined[0].energy == 6);
  CHECK(joined[0].count == 360);
  CHECK(joined[0].good == 354);
  CHECK(joined[0].average() == doctest::Approx(2.5));
}

}  // namespace
}  // namespace iw::api
