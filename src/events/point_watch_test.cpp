#include "events/point_watch.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace iw::events {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;
using To = PointChange::To;

constexpr Quality bad = Quality(Validity::invalid).with(Detail::failure);
constexpr Quality silent = bad.with(Detail::no_connection);

struct Bench {
  // What a batch with this one sample changes.
  std::vector<To> give(double value, Quality quality = {}, Duration age = 0s) {
    now += 1s;
    model::SampleBatch batch;
    batch.received = now - age;
    batch.add(1, value, quality);
    batch.add(9, value, quality);  // a point that the device does not have
    watch.apply(batch, now, 60s, changes);
    std::vector<To> found;
    for (const PointChange& change : changes) {
      CHECK(change.index == 1);
      found.push_back(change.to);
    }
    return found;
  }

  PointWatch watch{3};
  std::vector<PointChange> changes;
  Instant now{1h};
};

using Changes = std::vector<To>;

TEST_CASE("good, bad, good: a change each; the same again is none") {
  Bench bench;
  CHECK(bench.give(1) == Changes{To::good});
  CHECK(bench.give(2) == Changes{});
  CHECK(bench.give(NAN, bad) == Changes{To::bad});
  CHECK(bench.changes.front().quality == bad);
  CHECK(bench.give(2, Quality(Validity::questionable).with(Detail::out_of_range)) == Changes{});
  CHECK(bench.give(3) == Changes{To::good});
  CHECK(bench.give(3, Quality(Validity::questionable).with(Detail::out_of_range)) == Changes{To::bad});
}

TEST_CASE("a point that never had a good value is not bad") {
  Bench bench;
  CHECK(bench.give(NAN, bad) == Changes{});
  CHECK(bench.give(1) == Changes{To::good});
}

TEST_CASE("a silent or lost device is not the fault of its points") {
  Bench bench;
  CHECK(bench.give(1) == Changes{To::good});
  CHECK(bench.give(1, silent) == Changes{});
  CHECK(bench.give(2) == Changes{});
  bench.watch.set_lost(true);
  CHECK(bench.give(NAN, bad) == Changes{});
  bench.watch.set_lost(false);
  CHECK(bench.give(NAN, bad) == Changes{To::bad});
}

TEST_CASE("a limit is violated beyond it, and kept again within it by the hysteresis") {
  Bench bench;
  bench.watch.assume(1, To::good);
  bench.watch.set_limits(1, {.low = 200, .high = 250, .hysteresis = 5});
  CHECK(bench.give(250) == Changes{To::within});
  CHECK(bench.give(250.1) == Changes{To::above});
  CHECK(bench.give(245.1) == Changes{});
  CHECK(bench.give(245) == Changes{To::within});
  CHECK(bench.give(249) == Changes{});
  CHECK(bench.give(199) == Changes{To::below});
  CHECK(bench.give(204.9) == Changes{});
  CHECK(bench.give(251) == Changes{To::above});
  CHECK(bench.give(205) == Changes{To::within});
}

TEST_CASE("only fresh values raise or clear a limit") {
  Bench bench;
  bench.watch.assume(1, To::good);
  bench.watch.set_limits(1, {.high = 250});
  CHECK(bench.give(230) == Changes{To::within});
  CHECK(bench.give(300, Quality{}.with(Detail::substituted)) == Changes{});
  CHECK(bench.give(300, {}, 61s) == Changes{});
  CHECK(bench.give(NAN) == Changes{});
  CHECK(bench.give(300) == Changes{To::above});
  CHECK(bench.give(230, Quality{}.with(Detail::interpolated)) == Changes{});
  CHECK(bench.give(230, Quality(Validity::questionable)) == Changes{To::bad});
  CHECK(bench.give(230) == Changes{To::good, To::within});
}

TEST_CASE("what was so before the restart is no change, and its end is one") {
  Bench bench;
  bench.watch.set_limits(1, {.high = 250, .hysteresis = 5});
  bench.watch.assume(1, To::bad);
  bench.watch.assume(1, To::above);
  CHECK(bench.give(NAN, bad) == Changes{});
  CHECK(bench.give(248) == Changes{To::good});
  CHECK(bench.give(244) == Changes{To::within});
}

TEST_CASE("limits and memories of points that are not there are no matter") {
  Bench bench;
  bench.watch.set_limits(9, {.high = 0});
  bench.watch.assume(9, To::bad);
  CHECK(bench.give(1) == Changes{To::good});
}

}  // namespace
}  // namespace iw::events
