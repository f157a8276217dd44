#include "control/controllers/registry.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "config/document.hpp"

using namespace iw;
using namespace iw::control;

namespace {

struct Read {
  config::Findings findings;
  std::vector<ControllerSection> sections;
  std::optional<config::Document> document;

  explicit Read(std::string_view text) {
    document = config::Document::parse("interwatt.yaml", text, findings);
    REQUIRE(document.has_value());
    const config::Rule<std::vector<ControllerSection>> rule =
        config::list_of<ControllerSection>(controller_record());
    rule.read(document->root(), sections, findings);
    check(sections, findings);
  }
  [[nodiscard]] std::string first() const { return findings.empty() ? "" : config::to_string(findings[0]); }
};

constexpr std::string_view one_of_each = R"(
- name: feed-in limit
  mode: act
  export_limit:
    grid: grid meter/ActivePower
    limit_w: 5000
    moves: [{point: roof/ActivePowerLimit, max_w: 8000}]
- name: connection
  level: protection
  import_limit:
    grid: grid meter/ActivePower
    limit_w: 20000
    moves: [{point: battery/ActivePowerSetpoint, max_w: 8000, reverse_w: 8000}]
- name: peak
  peak_shaving:
    grid: grid meter/ActivePower
    peak_w: 12000
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000}]
- name: own sun
  self_consumption:
    grid: grid meter/ActivePower
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000}]
- name: night
  schedule:
    windows: [{days: [mon, fri], from: 22:00, to: 06:00, point: battery/ActivePowerSetpoint, set: 3000}]
- name: reserve
  soc_reserve:
    batteries: [{battery: battery, reserve_percent: 30}]
- name: programme
  demand_response:
    level: utility/LoadShedLevel
    levels: [{level: 1, percent: 50}]
    moves: [{point: charger/ActivePowerLimit, normal_w: 11000}]
- name: aggregator
  dispatch:
    setpoint: utility/ActivePowerSetpoint
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000}]
- name: droop
  frequency_response:
    frequency: grid meter/Frequency
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000}]
- name: voltage
  reactive_power:
    asset: roof
    rated_va: 8000
    voltage: grid meter/Voltage.LN
- name: shedding
  load_shedding:
    measured: grid meter/ActivePower
    above_w: 20000
    loads: [{point: boiler/ConnectCommand, power_w: 3000}]
- name: own rule
  mode: off
  rule:
    all: [{point: battery/StateOfCharge, below: 20}]
    then: [{point: boiler/ConnectCommand, off: true}]
)";

}  // namespace

TEST_CASE("each kind is made from a configuration, under its own name, with what it reads and moves") {
  const Read read(one_of_each);
  CHECK(read.first() == "");
  REQUIRE(read.sections.size() == controller_kinds().size());
  for (std::size_t i = 0; i < read.sections.size(); ++i) {
    const ConfiguredController made = make_controller(read.sections[i]);
    const Declaration& declaration = made.controller->declaration();
    CHECK(declaration.kind == controller_kinds()[i].name);
    CHECK_FALSE(declaration.outputs.empty());
    CHECK((declaration.inputs.empty() == (declaration.kind == "schedule")));
    CHECK(declaration.period > 0s);
  }
}

TEST_CASE("mode and level are as configured, or as is usual") {
  const Read read(one_of_each);
  CHECK(make_controller(read.sections[0]).mode == Mode::act);
  CHECK(make_controller(read.sections[0]).level == Level::contract);
  CHECK(make_controller(read.sections[1]).mode == Mode::observe);
  CHECK(make_controller(read.sections[1]).level == Level::protection);
  CHECK(make_controller(read.sections[3]).level == Level::optimisation);
}

TEST_CASE("a state goes into the controller of the same kind and comes out again") {
  const Read read(one_of_each);
  for (const ControllerSection& section : read.sections) {
    const ConfiguredController made = make_controller(section);
    CAPTURE(made.name);
    const std::string state = made.controller->state();
    if (state.empty()) continue;
    CHECK(made.controller->restore(state).has_value());
    CHECK_FALSE(made.controller->restore("nonsense").has_value());
    CHECK(made.controller->state() == state);
  }
}

TEST_CASE("what is wrong with a controller is said with its place") {
  const auto first = [](std::string_view text) { return Read(text).first(); };
  CHECK(first("- {name: a}").starts_with("interwatt.yaml:1:3: [0]: 'a' is of 0 kinds"));
  CHECK(first("- {name: a, rule: {all: [{point: b/Frequency, above: 1}], then: []}}") ==
        "interwatt.yaml:1:65: [0].rule.then: then is empty: there is nothing to move");
  CHECK(
      first(
          "- {name: a, rule: {all: [{point: b/Frequency}], then: [{point: c/ConnectCommand, off: true}]}}") ==
      "interwatt.yaml:1:26: [0].rule.all[0]: a condition has either above or below");
  CHECK(first("- {name: a, rule: {all: [{point: b/Frequenzy, above: 1}], then: [{point: c/ConnectCommand, "
              "off: true}]}}")
            .starts_with("interwatt.yaml:1:34: [0].rule.all[0].point: "));
  CHECK(first("- {name: a, rule: {all: [{point: b/Frequency, above: 1}], then: [{point: c/ConnectCommand, "
              "off: true, set: 1}]}}") ==
        "interwatt.yaml:1:66: [0].rule.then[0]: 2 of set, at_most, at_least and off are given; give exactly "
        "one");
  CHECK(first("- {name: a, export_limit: {grid: g/ActivePower, limit_w: 1, moves: [{point: p/Frequency, "
              "max_w: 1}]}}") ==
        "interwatt.yaml:1:77: [0].export_limit.moves[0].point: expected an ActivePowerLimit or an "
        "ActivePowerSetpoint");
  CHECK(first("- {name: a, schedule: {windows: [{from: 25:00, point: p/ActivePowerSetpoint, set: 1}]}}")
            .find("'25:00' is no time of day") != std::string::npos);
  CHECK(first("- {name: a, self_consumption: {grid: g/ActivePower, batteries: [{asset: b, max_charge_w: 1, "
              "max_discharge_w: 1, min_soc_percent: 90, max_soc_percent: 20}]}}")
            .find("min_soc_percent is not below max_soc_percent") != std::string::npos);
}

TEST_CASE("names are unique") {
  const std::string one = "- {name: a, soc_reserve: {batteries: [{battery: b}]}}\n";
  CHECK(Read(one).first() == "");
  CHECK(Read(one + one).first() == "interwatt.yaml:2:10: [1].name: the name 'a' is there twice");
}
