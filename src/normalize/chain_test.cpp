#include "normalize/chain.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <new>
#include <vector>

#include <doctest/doctest.h>

#include "model/fresh_value.hpp"
#include "normalize/testing/chance.hpp"

using namespace iw;
using namespace iw::normalize;
using model::Detail;
using model::Quality;
using model::Quantity;
using model::SampleBatch;
using model::Validity;

namespace {

std::size_t allocations = 0;

}  // namespace

// Counts what is allocated: steady state must not.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr Quality gone = Quality(Validity::invalid).with(Detail::failure);
constexpr Quality guessed =
    Quality(Validity::questionable).with(Detail::interpolated).with(Detail::substituted);

SampleBatch batch_at(Duration at, std::initializer_list<double> values, Quality quality = {}) {
  SampleBatch batch;
  batch.source_time = WallTime(at);
  batch.received = Instant(at);
  for (std::uint16_t i = 0; const double value : values)
    batch.add(i++, value, quality);
  return batch;
}

// A device with one point.
struct OnePoint {
  Chain chain;
  Normalized out;

  OnePoint(Quantity quantity, const Settings& settings)
      : chain(std::vector{PointSettings{.quantity = quantity, .settings = settings}}) {
    CHECK(check(quantity, settings));
  }
  OnePoint(Quantity quantity) : OnePoint(quantity, default_settings(quantity)) {}

  double value(Duration at, double raw, Quality quality = {}) {
    chain.apply(batch_at(at, {raw}, quality), out);
    return out.values.value[0];
  }
  Quality quality(Duration at, double raw, Quality q = {}) {
    value(at, raw, q);
    return out.values.quality[0];
  }
};

// What a site has, with noise, spikes, silences and states, at uneven times.
struct Site {
  std::vector<PointSettings> points;
  testing::Chance chance{11};
  Duration now{};
  double energy = 0;

  Site() {
    for (const Quantity quantity :
         {Quantity::VoltageLN, Quantity::ActivePower, Quantity::Frequency, Quantity::EnergyImport,
          Quantity::OperatingState, Quantity::AirTemperature}) {
      Settings settings = default_settings(quantity);
      settings.period = 1s;
      if (kind(quantity) == Kind::measured) settings.time_constant = 3s;
      points.push_back({.quantity = quantity, .settings = settings});
    }
  }
  SampleBatch next() {
    now += Duration(static_cast<std::int64_t>(chance.between(0.9e9, 1.1e9)));
    if (chance.between(0, 1) < 0.05) now += 3s;
    energy += std::floor(chance.between(0, 3));
    const double spike = chance.between(0, 1) < 0.02 ? 100 : 0;
    SampleBatch batch =
        batch_at(now, {230 + chance.normal() + spike, 5000 * chance.normal(), 50 + 0.01 * chance.normal(),
                       energy, std::floor(chance.between(0, 1.1)), 20 + 0.01 * chance.normal()});
    if (chance.between(0, 1) < 0.02) batch.quality.assign(batch.size(), gone);
    return batch;
  }
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool same(const Normalized& a, const Normalized& b) {
  return same_bits(a.values.value, b.values.value) && a.values.quality == b.values.quality &&
         a.reports.index == b.reports.index && same_bits(a.reports.value, b.reports.value) &&
         a.late == b.late && a.summaries == b.summaries;
}

}  // namespace

TEST_CASE("the same batches give the same output, bit for bit") {
  Site one;
  Site other;
  Chain a(one.points);
  Chain b(other.points);
  Normalized out_a;
  Normalized out_b;
  for (int i = 0; i < 5'000; ++i) {
    a.apply(one.next(), out_a);
    b.apply(other.next(), out_b);
    REQUIRE(same(out_a, out_b));
  }
}

TEST_CASE("a batch that comes again changes nothing and gives the same values") {
  Site site;
  Chain once(site.points);
  Chain twice(site.points);
  Normalized out;
  Normalized first;
  Normalized again;
  for (int i = 0; i < 5'000; ++i) {
    const SampleBatch batch = site.next();
    once.apply(batch, out);
    twice.apply(batch, first);
    twice.apply(batch, again);
    REQUIRE(same(out, first));
    REQUIRE(same_bits(again.values.value, first.values.value));
    REQUIRE(again.values.quality == first.values.quality);
    REQUIRE(again.reports.empty());
    REQUIRE(again.late.empty());
    REQUIRE(again.summaries.empty());
  }
}

TEST_CASE("the raw batch stays as it is, beside what became of it") {
  OnePoint point(Quantity::ActivePower, {.scale = 10, .time_constant = 10s});
  const SampleBatch raw = batch_at(1s, {100});
  point.chain.apply(raw, point.out);
  point.chain.apply(batch_at(2s, {200}), point.out);
  CHECK(raw.value[0] == 100);
  CHECK(point.out.values.index == raw.index);
  CHECK(point.out.values.value[0] == doctest::Approx(1000 + 1000 * (1 - std::exp(-0.1))).epsilon(1e-12));
  CHECK(point.out.values.quality[0] == Quality{}.with(Detail::filtered));
}

TEST_CASE("a sample that was overtaken is not used, and changes nothing") {
  OnePoint point(Quantity::ActivePower);
  point.value(10s, 500);
  CHECK(point.quality(9s, 700) == Quality(Validity::invalid).with(Detail::old_data).with(Detail::historical));
  CHECK(point.value(10s, 500) == 500);
}

TEST_CASE("nothing is allocated once the output has its size") {
  Site site;
  Chain chain(site.points);
  Normalized out;
  std::vector<SampleBatch> batches;
  for (int i = 0; i < 4'000; ++i)
    batches.push_back(site.next());
  for (int i = 0; i < 2'000; ++i)
    chain.apply(batches[static_cast<std::size_t>(i)], out);
  const std::size_t before = allocations;
  for (int i = 2'000; i < 4'000; ++i)
    chain.apply(batches[static_cast<std::size_t>(i)], out);
  CHECK(allocations == before);
}

TEST_CASE("a value outside its range is questionable, a value that is no number invalid") {
  OnePoint point(Quantity::StateOfCharge);
  CHECK(point.quality(1s, 100) == Quality{});
  CHECK(point.quality(2s, 101) == Quality(Validity::questionable).with(Detail::out_of_range));
  CHECK(point.quality(3s, none) == Quality(Validity::invalid).with(Detail::bad_reference));
  CHECK(point.quality(4s, none, gone) == gone);
}

TEST_CASE("a change that is too quick is questionable until it has had the time") {
  OnePoint point(Quantity::StateOfCharge);  // 1 %/s, read in steps of 1 %
  point.value(0s, 50);
  CHECK(point.quality(1s, 52) == Quality{});
  CHECK(point.quality(2s, 60) == Quality(Validity::questionable).with(Detail::inconsistent));
  CHECK_FALSE(point.quality(7s, 60).good());
  CHECK(point.quality(8s, 60) == Quality{});
}

TEST_CASE("a value that does not move is stuck, but for zero") {
  Settings settings = default_settings(Quantity::VoltageLN);
  settings.stuck_after = 5min;
  for (const double level : {231.0, 0.0}) {
    OnePoint point(Quantity::VoltageLN, settings);
    for (int i = 0; i < 300; ++i)
      CHECK(point.quality(1s * i, level).good());
    const Quality after = point.quality(300s, level);
    CHECK(after.has(Detail::old_data) == (level != 0));
    CHECK(point.quality(301s, level + 0.1) == Quality{});
  }
}

TEST_CASE("an outlier is replaced by the median, and a real step is restated") {
  OnePoint point(Quantity::VoltageLN);
  Duration at{};
  const auto next = [&](double value) { return point.quality(at += 1s, value); };
  for (int i = 0; i < 10; ++i)
    next(230 + 0.1 * (i % 3));
  CHECK(next(400) == Quality(Validity::questionable).with(Detail::substituted).with(Detail::inaccurate));
  CHECK(point.out.values.value[0] == doctest::Approx(230.1));
  CHECK(next(230.1) == Quality{});

  next(210);
  next(210.1);
  CHECK(point.out.late.empty());
  CHECK(next(210) == Quality{});
  CHECK(point.out.late ==
        std::vector{LateSample{.index = 0, .time = WallTime(at - 2s), .value = 210, .quality = {}},
                    LateSample{.index = 0, .time = WallTime(at - 1s), .value = 210.1, .quality = {}}});
}

TEST_CASE("a short gap is filled in a line, marked as guessed; a long one stays empty") {
  Settings settings = default_settings(Quantity::ActivePower);  // 60 s, five samples
  settings.period = 1s;
  OnePoint point(Quantity::ActivePower, settings);
  point.value(0s, 100);
  point.value(1s, none, gone);
  CHECK(point.value(4s, 500) == 500);
  CHECK(point.out.late ==
        std::vector{LateSample{.index = 0, .time = WallTime(1s), .value = 200, .quality = guessed},
                    LateSample{.index = 0, .time = WallTime(2s), .value = 300, .quality = guessed},
                    LateSample{.index = 0, .time = WallTime(3s), .value = 400, .quality = guessed}});
  point.value(10s, 500);
  CHECK(point.out.late.size() == 5);
  point.value(17s, 500);
  CHECK(point.out.late.empty());

  settings.period = 30s;
  OnePoint slow(Quantity::ActivePower, settings);
  slow.value(0s, 100);
  slow.value(60s, 100);
  CHECK(slow.out.late.size() == 1);
  slow.value(121s, 100);
  CHECK(slow.out.late.empty());
}

TEST_CASE("gaps of counters are filled, those of states never") {
  Settings settings = default_settings(Quantity::EnergyImport);
  settings.period = 1s;
  OnePoint counter(Quantity::EnergyImport, settings);
  counter.value(0s, 1000);
  counter.value(2s, 1010);
  REQUIRE(counter.out.late.size() == 1);
  CHECK(counter.out.late[0].value == 1005);

  settings = default_settings(Quantity::OperatingState);
  settings.period = 1s;
  OnePoint state(Quantity::OperatingState, settings);
  state.value(0s, 1);
  state.value(2s, 4);
  CHECK(state.out.late.empty());
}

TEST_CASE("whatever the chain guessed, no control can take") {
  Site site;
  Chain chain(site.points);
  Normalized out;
  int taken = 0;
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    const SampleBatch raw = site.next();
    chain.apply(raw, out);
    for (const LateSample& late : out.late) {
      if (late.quality.has(Detail::interpolated))
        CHECK_FALSE(model::FreshValue::from(
            {.value = late.value, .quality = late.quality, .received = raw.received}, raw.received, 5s));
    }
    for (std::size_t s = 0; s < out.values.size(); ++s) {
      const Quality q = out.values.quality[s];
      const auto fresh = model::FreshValue::from(
          {.value = out.values.value[s], .quality = q, .received = raw.received}, raw.received, 5s);
      ++(fresh ? taken : refused);
      CHECK(fresh.has_value() == (q.good() && !q.has(Detail::substituted) && !q.has(Detail::old_data)));
    }
  }
  CHECK(taken > 10'000);
  CHECK(refused > 100);
}

TEST_CASE("a counter rises through its modulus, and through a restart of the gateway") {
  Settings settings = default_settings(Quantity::EnergyImport);
  settings.modulus = 1e6;
  CounterState saved;
  double total = 999'000;
  for (int i = 0; i < 100; ++i) {
    OnePoint life(Quantity::EnergyImport, settings);  // killed after each sample
    if (i > 0) *life.chain.counter(0) = saved;
    total += 100;
    CHECK(life.value(1s * i, std::fmod(total, 1e6)) == total);
    saved = *life.chain.counter(0);
  }
  CHECK(OnePoint(Quantity::ActivePower).chain.counter(0) == nullptr);
}

TEST_CASE("what a counter can not have counted is questionable, and the register waits") {
  OnePoint point(Quantity::EnergyImport);
  point.value(0s, 5'000'000);
  CHECK(point.quality(1s, 0) == Quality(Validity::questionable).with(Detail::inconsistent));
  CHECK(point.out.values.value[0] == 5'000'000);
  CHECK(point.value(2s, 5'000'001) == 5'000'001);
}

TEST_CASE("the reports alone give every value back within the deadband, and no quality is missed") {
  Settings settings = default_settings(Quantity::ActivePower);  // 1 %, 10 W at least
  OnePoint point(Quantity::ActivePower, settings);
  testing::Chance chance(6);
  double reported = 0;
  Quality reported_quality;
  int reports = 0;
  double power = 0;
  for (int i = 0; i < 20'000; ++i) {
    power += 8 * chance.normal();
    const Quality quality = i % 100 == 50 ? Quality(Validity::questionable) : Quality{};
    point.value(1s * i, power, quality);
    if (!point.out.reports.empty()) {
      ++reports;
      reported = point.out.reports.value[0];
      reported_quality = point.out.reports.quality[0];
    }
    REQUIRE(std::abs(power - reported) <= std::max(10.0, 0.01 * std::abs(reported)));
    REQUIRE(quality == reported_quality);
  }
  CHECK(reports < 15'000);
}

TEST_CASE("what rests is reported as often as the heartbeat") {
  OnePoint point(Quantity::ActivePower);  // 10 min
  int reports = 0;
  for (int i = 0; i <= 3600; ++i) {
    point.value(1s * i, 500);
    reports += static_cast<int>(point.out.reports.size());
  }
  CHECK(reports == 1 + 6);
}

TEST_CASE("minutes are exact beside the deadband and the low-pass: they equal those of the raw samples") {
  Settings settings = default_settings(Quantity::ActivePower);
  settings.time_constant = 20s;
  OnePoint point(Quantity::ActivePower, settings);
  testing::Chance chance(7);
  struct Minute {
    double minimum = std::numeric_limits<double>::infinity();
    double maximum = -std::numeric_limits<double>::infinity();
    double integral = 0;
    std::uint32_t samples = 0;
  };
  std::map<std::int64_t, Minute> expected;
  std::vector<Summary> summaries;
  double held = 0;
  for (int second = 0; second <= 3600; ++second) {
    const double power = std::floor(10'000 * chance.normal()) / 8;  // sums are exact
    Minute& minute = expected[second / 60];
    if (second > 0) {
      expected[(second - 1) / 60].integral += held * 1e9;
    }
    ++minute.samples;
    minute.minimum = std::min(minute.minimum, power);
    minute.maximum = std::max(minute.maximum, power);
    held = power;
    point.value(1s * second, power);
    summaries.insert(summaries.end(), point.out.summaries.begin(), point.out.summaries.end());
  }
  REQUIRE(summaries.size() == 60);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    const Minute& minute = expected[static_cast<std::int64_t>(i)];
    CHECK(summaries[i].begin == WallTime(1min * static_cast<int>(i)));
    CHECK(summaries[i].minimum == minute.minimum);
    CHECK(summaries[i].maximum == minute.maximum);
    CHECK(summaries[i].samples == minute.samples);
    CHECK(summaries[i].covered == 60s);
    CHECK(summaries[i].average == minute.integral / 60e9);
  }
}

TEST_CASE("while the clock of the device is off, its samples say so") {
  OnePoint point(Quantity::ActivePower);
  const auto poll = [&](Duration at, Duration skew) {
    point.chain.clock().observe({.device = WallTime(at + skew), .gateway = WallTime(at), .round_trip = 10ms});
    return point.quality(at, 500).has(Detail::clock_not_synchronized);
  };
  CHECK_FALSE(poll(1s, 0s));
  CHECK(poll(2s, 1h));
  CHECK(poll(3s, 1h));
  poll(4s, 0s);
  CHECK_FALSE(poll(5s, 0s));
}
