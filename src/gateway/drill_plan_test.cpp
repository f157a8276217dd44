#include "gateway/drill_plan.hpp"

#include <doctest/doctest.h>

#include "io/testing/memory_files.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr std::string_view text = R"(
devices:
  - {name: meter, connect: "modbus://127.0.0.1:1", profile: eastron/sdm630}
  - {name: heat, connect: "modbus://127.0.0.1:2", profile: eastron/sdm630}
  - {name: battery, connect: "modbus://127.0.0.1:3", profile: sunspec}
  - {name: pv, connect: "modbus://127.0.0.1:4", profile: huawei/sun2000}
  - {name: old, connect: "modbus://127.0.0.1:5", profile: eastron/sdm630, enabled: false}
control:
  enabled: true
  points:
    battery/ActivePowerSetpoint: {min: -5000, max: 5000, default: 0, fail_safe: 100, needs: {meter/ActivePower: 10s}}
    pv/ActivePowerLimit: {min: 0, max: 8000, default: 8000}
controllers:
  - name: own sun
    mode: act
    self_consumption:
      grid: meter/ActivePower
      batteries: [{asset: battery, max_charge_w: 5000, max_discharge_w: 5000}]
)";

}  // namespace

TEST_CASE("a drill tries the devices on which control depends, and knows what is to be seen") {
  io::testing::MemoryFiles files;
  config::Findings findings;
  const auto config = load_config("interwatt.yaml", text, files, findings);
  REQUIRE_MESSAGE(config, config::to_string(findings));
  const auto plan = plan_drill(config->site);
  REQUIRE(plan.size() == 3);  // nothing depends on the heat pump's meter
  CHECK(to_string(plan[0]) ==
        "loss of meter: battery/ActivePowerSetpoint goes to 100 within 10 s; the controller 'own sun' is "
        "without it");
  CHECK(plan[0].untouched == std::vector<std::string>{"pv/ActivePowerLimit"});
  CHECK(to_string(plan[1]) ==
        "loss of battery: battery/ActivePowerSetpoint stays where it is; the controller 'own sun' is without "
        "it");
  CHECK(plan[2].device == "pv");
  CHECK(plan[2].away == std::vector<std::string>{"pv/ActivePowerLimit"});
}

TEST_CASE("a drill knows where to ask the device itself for a point") {
  io::testing::MemoryFiles files;
  config::Findings findings;
  const auto config = load_config("interwatt.yaml", text, files, findings);
  REQUIRE(config);
  const auto setpoint = at_device(config->site, "battery/ActivePowerSetpoint");
  REQUIRE(setpoint);
  CHECK(setpoint->connect == "modbus://127.0.0.1:3");
  CHECK(setpoint->profile == "sunspec");
  CHECK(setpoint->point == "ActivePowerSetpoint");
  CHECK(at_device(config->site, "battery-battery/StateOfCharge")->point == "battery/StateOfCharge");
  CHECK_FALSE(at_device(config->site, "attic/ActivePower"));
}
