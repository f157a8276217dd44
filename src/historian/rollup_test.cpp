#include "historian/rollup.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "io/world/seeded_random.hpp"

namespace iw::historian {
namespace {

using io::world::SeededRandom;
using model::Quality;
using model::Validity;

constexpr std::int64_t hour = 1'790'000'000'000 / hour_ms * hour_ms;
constexpr std::int64_t longest_hold = 5 * minute_ms;

bool same(double a, double b) { return (std::isnan(a) && std::isnan(b)) || a == doctest::Approx(b); }

// The value at a time by looking through everything before it: the definition, millisecond by millisecond.
double held_at(const Samples& samples, std::int64_t time) {
  double value = std::nan("");
  for (std::size_t i = 0; i < samples.size() && samples.time_ms[i] <= time; ++i) {
    const bool usable = samples.quality[i].validity() != Validity::invalid && std::isfinite(samples.value[i]);
    value = usable && time < samples.time_ms[i] + longest_hold ? samples.value[i] : std::nan("");
  }
  return value;
}

// In steps of so many ms, on which all samples lie.
constexpr std::int64_t grid = 5000;

Rollup naive(const Samples& samples, std::int64_t from, std::int64_t to) {
  Rollup r{.start_ms = from, .min = std::nan(""), .max = std::nan(""), .last = std::nan("")};
  for (std::int64_t t = from; t < to; t += grid) {
    const double v = held_at(samples, t);
    if (std::isnan(v)) continue;
    r.min = std::fmin(r.min, v);
    r.max = std::fmax(r.max, v);
    r.last = v;
    r.covered_ms += grid;
    r.integral += v * grid;
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples.time_ms[i] < from || samples.time_ms[i] >= to) continue;
    ++r.count;
    r.good += samples.quality[i].good() ? 1 : 0;
  }
  return r;
}

// With gaps, invalid values and numbers that are none.
Samples random_samples(SeededRandom& random, bool counter) {
  Samples samples;
  double value = 100;
  for (std::int64_t time = hour - longest_hold; time < hour + hour_ms; time += grid) {
    if (random.below(3) != 0) continue;
    if (random.below(30) == 0) time += static_cast<std::int64_t>(random.below(200)) * grid;
    if (time >= hour + hour_ms) break;
    value = counter ? value + static_cast<double>(random.below(50)) / 10
                    : static_cast<double>(random.below(2000)) / 10 - 100;
    const Quality quality = random.below(12) == 0  ? Quality(Validity::invalid)
                            : random.below(8) == 0 ? Quality(Validity::questionable)
                                                   : Quality{};
    samples.add(time, random.below(40) == 0 ? std::nan("") : value, quality);
  }
  return samples;
}

void check_same(const Rollup& a, const Rollup& b) {
  CHECK(a.start_ms == b.start_ms);
  CHECK(same(a.min, b.min));
  CHECK(same(a.max, b.max));
  CHECK(same(a.last, b.last));
  CHECK(a.covered_ms == b.covered_ms);
  CHECK(same(a.average(), b.average()));
  CHECK(a.count == b.count);
  CHECK(a.good == b.good);
}

}  // namespace

TEST_CASE("each level is what the definition says, for any samples, and a bucket without any is not there") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SeededRandom random(seed, "roll-ups");
    const Samples samples = random_samples(random, false);
    const auto minutes =
        minutes_of(samples, {.from_ms = hour, .to_ms = hour + hour_ms}, longest_hold, EnergyOf::power);
    for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
      const auto rollups = level == Level::minute ? minutes : combined(minutes, level, EnergyOf::power);
      std::size_t next = 0;
      for (std::int64_t from = hour; from < hour + hour_ms; from += step_ms(level)) {
        const Rollup expected = naive(samples, from, from + step_ms(level));
        if (expected.count == 0 && expected.covered_ms == 0) continue;
        REQUIRE(next < rollups.size());
        check_same(rollups[next++], expected);
      }
      CHECK(next == rollups.size());
    }
  }
}

TEST_CASE("energy of a power is its integral, of a counter all that it advanced, at each level") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SeededRandom random(seed, "energy");
    const Samples samples = random_samples(random, true);
    double advanced = 0;
    double last = held_at(samples, hour);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples.time_ms[i] < hour || std::isnan(held_at(samples, samples.time_ms[i]))) continue;
      if (!std::isnan(last)) advanced += samples.value[i] - last;
      last = samples.value[i];
    }
    const Range range{.from_ms = hour, .to_ms = hour + hour_ms};
    const auto minutes = minutes_of(samples, range, longest_hold, EnergyOf::counter);
    for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
      auto rollups = level == Level::minute ? minutes : combined(minutes, level, EnergyOf::counter);
      give_energy(rollups, EnergyOf::counter);
      double sum = 0;
      for (const Rollup& r : rollups)
        sum += r.energy;
      CHECK(sum == doctest::Approx(advanced));
    }
  }
  Samples power;
  power.add(hour, -1000, {});
  auto minutes =
      minutes_of(power, {.from_ms = hour, .to_ms = hour + hour_ms}, 15 * minute_ms, EnergyOf::power);
  auto hours = combined(minutes, Level::hour, EnergyOf::power);
  give_energy(hours, EnergyOf::power);
  REQUIRE(hours.size() == 1);
  CHECK(hours[0].energy == doctest::Approx(-250));
  CHECK(hours[0].average() == doctest::Approx(-1000));
}

TEST_CASE("a counter that starts again adds nothing for the step back") {
  Samples samples;
  samples.add(hour, 1000, {});
  samples.add(hour + minute_ms, 1010, {});
  samples.add(hour + 2 * minute_ms, 3, {});
  samples.add(hour + 2 * minute_ms + 1000, 5, {});
  auto minutes =
      minutes_of(samples, {.from_ms = hour, .to_ms = hour + hour_ms}, longest_hold, EnergyOf::counter);
  give_energy(minutes, EnergyOf::counter);
  REQUIRE(minutes.size() == 8);
  CHECK(minutes[0].energy == 0);
  CHECK(minutes[1].energy == 10);
  CHECK(minutes[2].energy == 2);
  CHECK(minutes[7].energy == 0);
}

TEST_CASE("roll-ups come back from their bytes, and any shorter or changed bytes do no harm") {
  SeededRandom random(3, "bytes");
  const auto minutes = minutes_of(random_samples(random, true), {.from_ms = hour, .to_ms = hour + hour_ms},
                                  longest_hold, EnergyOf::counter);
  std::vector<std::byte> bytes;
  encode_rollups(minutes, bytes);
  const auto again = decode_rollups(bytes);
  REQUIRE(again);
  REQUIRE(again->size() == minutes.size());
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    check_same((*again)[i], minutes[i]);
    CHECK((*again)[i].energy == minutes[i].energy);
    CHECK(same((*again)[i].first, minutes[i].first));
    CHECK(same((*again)[i].integral, minutes[i].integral));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK_FALSE(decode_rollups(Bytes(bytes).first(i)));
    auto changed = bytes;
    changed[i] ^= std::byte{0x55};
    (void)decode_rollups(changed);
  }
}

}  // namespace iw::historian
