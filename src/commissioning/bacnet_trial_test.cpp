#include "commissioning/bacnet_trial.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "commissioning/testing/bacnet_bench.hpp"
#include "json/json.hpp"

using namespace iw;
using namespace iw::commissioning;
using testing::BacnetBench;

namespace {

std::string stages(const BacnetTrial& trial) {
  std::string text;
  for (const Stage& stage : trial.stages)
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", stage.state == StageState::passed ? "+" : "-",
                        stage.name);
  return text;
}

}  // namespace

TEST_CASE("a device passes all stages, each told as it goes, and its values are read") {
  BacnetBench b;
  std::vector<std::string> told;
  const BacnetTrial trial = b.run(run_bacnet_trial(
      b.link, b.url(),
      {.rules = {}, .on_stage = [&](const Stage& stage) { told.emplace_back(stage.name); }, .stopped = {}}));
  CHECK(stages(trial) == "+port +device +identity +objects +values");
  CHECK(trial.ok());
  CHECK(told.size() == 5);
  CHECK(trial.identity.manufacturer == "Interwatt");
  CHECK(trial.stages[1].detail.contains("device 1001 at "));
  CHECK(trial.stages[1].detail.contains("takes 1476 octets and segments"));
  const auto supply = std::ranges::find(trial.values, "analog-input 1", &BacnetTrial::Value::object);
  REQUIRE(supply != trial.values.end());
  CHECK(supply->name == "AirTemperature.supply-air-temperature");
  CHECK(supply->unit == "°C");
  CHECK(supply->good);
  CHECK(supply->value.value() == doctest::Approx(b.hvac.state().supply_c).epsilon(0.01));
}

TEST_CASE("an address alone is enough: the device says which it is") {
  BacnetBench b;
  const BacnetTrial trial = b.run(run_bacnet_trial(b.link, b.url(""), {}));
  CHECK(trial.ok());
  CHECK(trial.url.instance == 1001U);
}

TEST_CASE("the trial ends at the first stage that fails, with what to do") {
  BacnetBench b;
  b.handler.faults.silent = true;
  const BacnetTrial silent = b.run(run_bacnet_trial(b.link, b.url(), {}));
  CHECK(stages(silent) == "+port -device");
  CHECK_FALSE(silent.ok());
  CHECK_FALSE(silent.stages.back().remedy.empty());
  CHECK(silent.values.empty());
}

TEST_CASE("another instance at the address is named") {
  BacnetBench b;
  const BacnetTrial trial = b.run(run_bacnet_trial(b.link, b.url("?device=7"), {}));
  CHECK(stages(trial) == "+port -device");
  CHECK(trial.stages.back().detail.contains("1001"));
}

TEST_CASE("who stops a trial gets the stages so far") {
  BacnetBench b;
  const BacnetTrial trial =
      b.run(run_bacnet_trial(b.link, b.url(), {.rules = {}, .on_stage = {}, .stopped = [] { return true; }}));
  CHECK(stages(trial) == "+port +device");
}

TEST_CASE("a trial as JSON has the shape of the others, with null for what is no number") {
  BacnetTrial trial;
  trial.url = bacnet::parse_url("bacnet://192.0.2.20?device=7").value();
  trial.stages.push_back({.name = "port", .state = StageState::passed, .took = 5ms, .detail = "UDP 47808"});
  trial.values.push_back(
      {.object = "analog-input 1", .name = "Count.a", .value = 1.5, .text = "1.5", .good = true});
  trial.values.push_back(
      {.object = "characterstring-value 1", .name = "Text.b", .value = {}, .text = "hello", .good = true});
  trial.values.push_back({.object = "analog-input 2",
                          .name = "Count.c",
                          .value = {},
                          .text = "property: unknown-property",
                          .good = false});
  const auto json = to_json(trial);
  CHECK(json["url"] == "bacnet://192.0.2.20:47808?device=7");
  CHECK(json["ok"] == true);
  CHECK(json["stages"].size() == 1);
  CHECK(json["values"][0]["value"] == 1.5);
  CHECK_FALSE(json["values"][0].contains("text"));
  CHECK(json["values"][1]["value"] == nullptr);
  CHECK(json["values"][1]["text"] == "hello");
  CHECK(json["values"][2]["quality"] == "invalid");
}
