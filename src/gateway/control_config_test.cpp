// What a configuration says about control: groups, and what is declared for the loss of anything.
#include "gateway/control_config.hpp"

#include <doctest/doctest.h>

#include "gateway/fail_safe_plan.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

// A site with an inverter and a battery that falls back by itself after a minute.
std::string site_with(std::string_view control) {
  return fmt::format(
      "control:\n  enabled: true\n{}"
      "devices:\n"
      "  - {{name: roof, connect: \"modbus://h?unit=1\", profile: huawei/sun2000}}\n"
      "  - {{name: storage, connect: \"modbus://h?unit=2\", profile: sma/sunny-boy-storage}}\n"
      "  - {{name: hybrid, connect: \"modbus://h?unit=3\"}}\n",
      control);
}

constexpr std::string_view points =
    "  points:\n"
    "    roof/ActivePowerLimit: {min: 0, max: 8000, default: 8000, fail_safe: 1000, needs: "
    "{roof/ActivePower: 10s}}\n"
    "    storage/MaxChargePower: {min: 0, max: 5000, default: 5000, on_stop: keep}\n"
    "    hybrid/ActivePowerSetpoint: {min: -4000, max: 4000, default: 0}\n"
    "    hybrid/LoadShedLevel: {min: 0, max: 3, default: 0, once: true}\n";

std::unique_ptr<LoadedConfig> load(std::string_view control, config::Findings& findings) {
  io::testing::MemoryFiles files;
  return load_config("interwatt.yaml", site_with(control), files, findings);
}

std::string said_of(std::string_view groups) {
  config::Findings findings;
  load(fmt::format("{}  groups:\n    - {}\n", points, groups), findings);
  return config::to_string(findings);
}

}  // namespace

TEST_CASE("a group is a point like its members together") {
  config::Findings findings;
  const auto config =
      load(fmt::format("{}  groups:\n    - {{name: all, point: ActivePowerLimit, members: [{{asset: roof}}, "
                       "{{asset: hybrid, "
                       "point: hybrid/ActivePowerSetpoint, beside: hybrid/DcPower, connection_w: 8000}}]}}\n",
                       points),
           findings);
  REQUIRE_MESSAGE(config, config::to_string(findings));
  const ControlPoint& all = config->site.control.points.at("all/ActivePowerLimit");
  CHECK(all.group);
  CHECK(all.minimum == -4000);
  CHECK(all.maximum == 12'000);
  CHECK(all.fallback == 8000);
  const control::GroupRules rules = config->site.control.groups.front().rules();
  REQUIRE(rules.members.size() == 2);
  CHECK(rules.members[0].path == "roof/ActivePowerLimit");
  CHECK(rules.members[1].path == "hybrid/ActivePowerSetpoint");
  CHECK(rules.members[1].connection_w == 8000);
  CHECK(config->site.control.rules().size() == 5);
}

TEST_CASE("what can not be a group is said where it stands") {
  CHECK(said_of("{name: all, point: ActivePowerSetpoint, members: [{asset: roof}]}")
            .contains(
                "control.groups[0].members[0]: roof/ActivePowerSetpoint is no point that may be controlled"));
  CHECK(said_of("{name: all, point: ActivePowerLimit, members: []}").contains("members is empty"));
  CHECK(said_of("{name: all, point: ActivePowerLimit, members: [{asset: roof}, {asset: roof}]}")
            .contains("roof/ActivePowerLimit is there twice"));
  CHECK(said_of("{name: all, point: LoadShedLevel, members: [{asset: hybrid}]}").contains("is written once"));
  CHECK(said_of("{name: all, point: ActivePowerLimit, members: [{asset: roof, connection_w: 1000}]}")
            .contains("beside and connection_w belong together"));
  CHECK(said_of("{name: roof, point: ActivePowerLimit, members: [{asset: hybrid, point: "
                "hybrid/ActivePowerSetpoint}]}")
            .contains("there is a point roof/ActivePowerLimit already"));
  CHECK(said_of("{name: storage, point: ActivePowerLimit, members: [{asset: roof}]}")
            .contains("'storage' is the name of an asset"));
  CHECK(said_of("{name: all, point: ActivePowerLimit, members: [{asset: roof, beside: attic/DcPower, "
                "connection_w: 1}]}")
            .contains("no device has 'attic'"));
}

TEST_CASE(
    "what is declared for the loss of anything is known before a device answers, as far as its profile "
    "says") {
  config::Findings findings;
  const auto config = load(points, findings);
  REQUIRE_MESSAGE(config, config::to_string(findings));
  const auto plans = plan_fail_safe(config->site);
  REQUIRE(plans.size() == 4);
  const auto plan = [&](std::string_view path) {
    return *std::ranges::find(plans, path,
                              [](const FailSafePlan& one) -> std::string_view { return one.path; });
  };
  CHECK(plan("roof/ActivePowerLimit").without_needs() == "roof/ActivePower older than 10s: 1000 W");
  CHECK(plan("roof/ActivePowerLimit").without_gateway() == "holds what it was told");
  CHECK(plan("roof/ActivePowerLimit").stopped() == "1000 W");
  CHECK(plan("storage/MaxChargePower").without_needs() == "needs nothing");
  CHECK(plan("storage/MaxChargePower").without_gateway() == "what is set in the device, after 1min");
  CHECK(plan("storage/MaxChargePower").stopped() == "as it is");
  CHECK(plan("hybrid/ActivePowerSetpoint").without_gateway() == "known when the device answers");
}

TEST_CASE("how long a device holds a value depends on the device and on what is declared") {
  constexpr bool limit = true;
  constexpr bool no_limit = false;
  ControlPoint how{.minimum = 0, .maximum = 10, .fallback = 1};
  CHECK(device_fallback(how, limit, model::Fallback{}) == DeviceFallback{});
  CHECK(device_fallback(how, limit, model::Fallback{.to_value = true}).after == 60s);
  CHECK(device_fallback(how, no_limit, std::nullopt) == DeviceFallback{});
  CHECK(device_fallback(how, no_limit, model::Fallback{}) == DeviceFallback{.after = 60s, .told = true});
  CHECK(describe(device_fallback(how, no_limit, model::Fallback{.to_value = true}), 1, "W") ==
        "1 W after 1min");
  how.revert = 5s;
  CHECK(device_fallback(how, limit, model::Fallback{}) == DeviceFallback{.after = 5s, .told = true});
  how.revert = 0s;
  CHECK(describe(device_fallback(how, no_limit, model::Fallback{}), 1, "W") == "holds what it was told");
  CHECK(device_fallback(how, no_limit, model::Fallback{.after = 20s}) == DeviceFallback{.after = 20s});
  CHECK(actuator_settings(how, {.after = 20s}).refresh == 10s);
  how.once = true;
  CHECK(device_fallback(how, no_limit, model::Fallback{.after = 20s}) == DeviceFallback{});
}
