#include "gateway/normalizer.hpp"

#include <doctest/doctest.h>

#include "model/asset.hpp"
#include "normalize/settings.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr model::DeviceId meter{7};

Normalizer::Point point(model::Quantity quantity, double scale = 1) {
  normalize::Settings settings = normalize::default_settings(quantity);
  settings.scale = scale;
  return {.mrid = model::derive(model::Mrid{}, model::to_string(quantity)),
          .how = {.quantity = quantity, .settings = settings}};
}

model::SampleBatch sample(double value, Duration at) {
  model::SampleBatch batch{.device = meter,
                           .source_time = WallTime(at),
                           .received = Instant(at),
                           .index = {},
                           .value = {},
                           .quality = {},
                           .texts = {}};
  batch.add(0, value, {});
  return batch;
}

}  // namespace

TEST_CASE("a counter goes on when its device is described anew, removed and back") {
  Normalizer normalizer;
  normalizer.describe(meter, {point(model::Quantity::EnergyImport)});
  CHECK(normalizer.apply(sample(1000, 1s)).values.value[0] == 1000);
  // The meter is reset: two readings that follow from each other are believed.
  normalizer.apply(sample(0, 2s));
  CHECK(normalizer.apply(sample(1, 3s)).values.value[0] == 1001);

  normalizer.describe(meter, {point(model::Quantity::EnergyImport, 1.0), point(model::Quantity::Frequency)});
  CHECK(normalizer.apply(sample(2, 4s)).values.value[0] == 1002);
  normalizer.remove(meter);
  CHECK(normalizer.counter({meter, 0}) == nullptr);
  normalizer.describe(meter, {point(model::Quantity::EnergyImport)});
  CHECK(normalizer.apply(sample(3, 5s)).values.value[0] == 1003);
  REQUIRE(normalizer.counter({meter, 0}) != nullptr);
  CHECK(normalizer.counter({meter, 0})->restarts == 1);
}

TEST_CASE("what was kept of a counter is where it begins") {
  Normalizer normalizer;
  const Normalizer::Point counter = point(model::Quantity::EnergyImport);
  normalize::CounterState kept;
  kept.last = 10;
  kept.base = 500;
  kept.last_time = WallTime(1s);
  normalizer.restore(counter.mrid, kept);
  normalizer.describe(meter, {counter});
  CHECK(normalizer.apply(sample(11, 2s)).values.value[0] == 511);
}

TEST_CASE("settings are used, texts go through, and a device that nobody described stays as it is") {
  Normalizer normalizer;
  model::SampleBatch batch = sample(-3, 1s);
  batch.texts.push_back({.index = 1, .text = "RUN", .quality = {}});
  CHECK(normalizer.apply(batch).values.value[0] == -3);
  normalizer.describe(meter, {point(model::Quantity::Frequency, 2), point(model::Quantity::OperatingState)});
  const normalize::Normalized& clean = normalizer.apply(batch);
  CHECK(clean.values.value[0] == -6);
  CHECK(clean.values.quality[0].has(model::Detail::out_of_range));
  REQUIRE(clean.values.texts.size() == 1);
  CHECK(clean.values.texts[0].text == "RUN");
  CHECK(clean.reports.size() == 1);
}

TEST_CASE("a reading of the past gets the scale of its point, and a counter the base that it has now") {
  Normalizer normalizer;
  CHECK(normalizer.past({meter, 0}, 7) == 7);
  normalizer.describe(meter,
                      {point(model::Quantity::EnergyImport, 10), point(model::Quantity::Frequency, 2)});
  CHECK(normalizer.past({meter, 1}, 25) == 50);
  CHECK(normalizer.past({meter, 9}, 25) == 25);
  normalizer.apply(sample(100, 1s));
  CHECK(normalizer.past({meter, 0}, 90) == 900);
  // Reset: what it shows from now on counts on top of 1000.
  normalizer.apply(sample(0, 2s));
  normalizer.apply(sample(1, 3s));
  CHECK(normalizer.past({meter, 0}, 0.5) == 1005);
}
