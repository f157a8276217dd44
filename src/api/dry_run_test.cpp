#include "api/dry_run.hpp"

#include <doctest/doctest.h>

#include "base/tzif.hpp"
#include "control/controllers/peak_shaving.hpp"

namespace iw::api {
namespace {

// Wishes what it sees, at most; blind without.
class Mirror final : public control::Controller {
 public:
  [[nodiscard]] const control::Declaration& declaration() const override { return declaration_; }
  void step(std::span<const Result<model::FreshValue>> inputs, const control::Now& /*now*/,
            control::Decision& decision) override {
    ++steps;
    decision.code = inputs[0] ? "seen" : "blind";
    decision.words = inputs[0] ? "sees it" : inputs[0].error().message;
    if (inputs[0])
      decision.wishes.push_back(
          {.output = 0, .demand = control::Demand::at_most, .value = inputs[0]->value()});
  }

  int steps = 0;

 private:
  control::Declaration declaration_{.kind = "mirror",
                                    .inputs = {{.path = "meter/ActivePower", .oldest = 5s}},
                                    .outputs = {{.path = "pv/ActivePowerLimit"}}};
};

constexpr std::int64_t begin = 1'700'000'000'000;
const Utc utc;

historian::Samples past(std::initializer_list<std::pair<std::int64_t, double>> values) {
  historian::Samples samples;
  for (const auto& [second, value] : values)
    samples.add(begin + second * 1000, value, {});
  return samples;
}

TEST_CASE("a controller steps over the past, and what it would have wished is told when it changes") {
  Mirror mirror;
  const DryRun run = dry_run(mirror, {past({{0, 100}, {10, 100}, {20, 300}})}, utc,
                             {.from_ms = begin, .to_ms = begin + 60'000});
  CHECK(mirror.steps == 61);
  CHECK(run.step == 1s);
  REQUIRE(run.outputs[0].size() == 2);
  CHECK(run.outputs[0][0].value == 100);
  CHECK(run.outputs[0][0].demand == control::Demand::at_most);
  CHECK(run.outputs[0][1].time_ms == begin + 20'000);
  CHECK(run.outputs[0][1].value == 300);
  REQUIRE(run.reasons.size() == 1);
  CHECK(run.reasons[0].code == "seen");
}

TEST_CASE("before the first value, and when one has held too long, it is blind and wishes nothing") {
  Mirror mirror;
  const DryRun run = dry_run(mirror, {past({{30, 100}})}, utc,
                             {.from_ms = begin, .to_ms = begin + 120'000, .longest_hold = 60s});
  REQUIRE(run.reasons.size() == 3);
  CHECK(run.reasons[0].code == "blind");
  CHECK(run.reasons[1].time_ms == begin + 30'000);
  CHECK(run.reasons[2].code == "blind");
  CHECK(run.reasons[2].time_ms == begin + 91'000);
  CHECK_FALSE(run.outputs[0].back().wishes);
}

TEST_CASE("a value that could not be trusted then is not trusted now") {
  Mirror mirror;
  historian::Samples samples = past({{0, 100}});
  samples.add(begin + 10'000, 200, model::Quality(model::Validity::questionable));
  const DryRun run = dry_run(mirror, {samples}, utc, {.from_ms = begin, .to_ms = begin + 20'000});
  CHECK(run.reasons.back().code == "blind");
  CHECK(run.reasons.back().time_ms == begin + 10'000);
}

TEST_CASE("a long time takes longer steps, not more of them") {
  Mirror mirror;
  const DryRun run = dry_run(mirror, {past({{0, 100}})}, utc,
                             {.from_ms = begin, .to_ms = begin + 24 * 3'600'000, .most_steps = 1000});
  CHECK(mirror.steps <= 1001);
  CHECK(run.step > 80s);
}

TEST_CASE("what averages over intervals does so in long steps too") {
  control::PeakShavingParameters parameters;
  parameters.batteries = {{.asset = "battery", .max_charge_w = 1, .max_discharge_w = 1}};
  parameters.grid = "meter/ActivePower";
  parameters.peak_w = 10'000;
  control::PeakShaving shaving(parameters);
  const auto at = [](std::int64_t hours, double value) { return std::pair(hours * 3600, value); };
  const DryRun run =
      dry_run(shaving, {past({at(0, 12'000), at(100, 11'000)}), past({at(0, 0)}), past({at(0, 50)})}, utc,
              {.from_ms = begin, .to_ms = begin + 7 * 24 * 3'600'000, .longest_hold = std::chrono::days(30)});
  CHECK(run.step > 100s);
  REQUIRE_FALSE(run.reasons.empty());
  // Below the peak that the month has by then.
  CHECK(run.reasons.front().code == "shaving");
  CHECK(run.reasons.back().code != "shaving");
}

}  // namespace
}  // namespace iw::api
