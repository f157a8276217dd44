#include "control/controllers/frequency_response.hpp"

#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using doctest::Approx;

namespace {

std::size_t allocations = 0;

}  // namespace

// Counts what is allocated: a step must not.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

FrequencyResponseParameters parameters() {
  FrequencyResponseParameters out;
  out.batteries = {{.asset = "battery", .max_charge_w = 10'000, .max_discharge_w = 10'000}};
  out.frequency = "grid/Frequency";
  return out;
}

}  // namespace

TEST_CASE("the answer is that of the formula of IEEE 1547, beyond the deadband and in proportion") {
  FrequencyResponse response(parameters());
  Trial trial(response);
  trial.step({50.0, 0, 50});
  // (0.1 - 0.036) / (50 x 0.05) x 10 kW
  trial.step({49.9, 0, 50});
  CHECK(trial.value() == Approx(-256));
  trial.step({50.1, 0, 50});
  CHECK(trial.value() == Approx(256));
  trial.step({49.5, 0, 50});
  CHECK(trial.value() == Approx(-1856));
  CHECK(trial.decision().words == "49.500 Hz: -1.9 kW wanted, -1.9 kW possible");
}

TEST_CASE("within the deadband nothing is wished, at its edge nothing jumps") {
  FrequencyResponse response(parameters());
  Trial trial(response);
  CHECK(trial.step({50.036 - 1e-9, 0, 50}).wishes.empty());
  CHECK(trial.step({49.964 + 1e-9, 0, 50}).wishes.empty());
  trial.step({49.9639, 0, 50});
  CHECK(trial.value() == Approx(-0.4));
}

TEST_CASE("the answer comes on top of what the battery did when the frequency left the deadband") {
  FrequencyResponse response(parameters());
  Trial trial(response);
  trial.step({50.0, 3000, 50});
  trial.step({49.9, 3000, 50});
  CHECK(trial.value() == Approx(3000 - 256));
  trial.step({49.9, 2744, 50});
  CHECK(trial.value() == Approx(3000 - 256));
}

TEST_CASE("a droop for frequency containment gives all at its full deviation, and no more beyond it") {
  FrequencyResponseParameters p = parameters();
  p.deadband_hz = 0.01;
  p.droop_percent = 0.38;  // (0.2 - 0.01) / 50
  FrequencyResponse response(p);
  Trial trial(response);
  trial.step({50.0, 0, 50});
  trial.step({49.8, 0, 50});
  CHECK(trial.value() == Approx(-10'000));
  trial.step({48.0, 0, 50});
  CHECK(trial.value() == Approx(-10'000));
  trial.step({50.105, 0, 50});
  CHECK(trial.value() == Approx(5000));
}

TEST_CASE("an empty battery answers a high frequency only") {
  FrequencyResponse response(parameters());
  Trial trial(response);
  trial.step({50.0, 0, 4});
  trial.step({49.5, 0, 4});
  CHECK(trial.value() == 0);
  trial.step({50.5, 0, 4});
  CHECK(trial.value() == Approx(1856));
}

TEST_CASE("blind, the answer stands for a second and is then let go") {
  FrequencyResponse response(parameters());
  Trial trial(response);
  trial.step({50.0, 0, 50}, 200ms);
  trial.step({49.9, 0, 50}, 200ms);
  for (int i = 0; i < 5; ++i)
    trial.step({std::nullopt, 0, 50}, 200ms);
  CHECK(trial.value() == Approx(-256));
  trial.step({std::nullopt, 0, 50}, 200ms);
  CHECK(trial.decision().wishes.empty());
  CHECK(response.declaration().at_once);
}

TEST_CASE("a step allocates nothing") {
  FrequencyResponse response(parameters());
  const Instant now(1000s);
  const Utc zone;
  Decision decision;
  std::vector<Result<model::FreshValue>> inputs(
      3, model::FreshValue::from({.value = 50, .received = now}, now, 1s));
  const auto step = [&](double frequency) {
    inputs[0] = model::FreshValue::from({.value = frequency, .received = now}, now, 1s);
    decision.clear();
    response.step(inputs, {.instant = now, .wall = {}, .zone = zone}, decision);
  };
  step(49.123);
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i)
    step(49.5 + i / 1000.0);
  CHECK(allocations == before);
  CHECK(decision.code == "responding");
}
