#include "gateway/site_config.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "gateway/budget.hpp"
#include "gateway/line_plan.hpp"
#include "io/testing/memory_files.hpp"
#include "protocols/modbus/line_plan.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

struct Loaded {
  config::Findings findings;
  std::unique_ptr<LoadedConfig> config;
};

Loaded load(std::string_view text) {
  io::testing::MemoryFiles files;
  Loaded loaded;
  loaded.config = load_config("interwatt.yaml", text, files, loaded.findings);
  return loaded;
}

// The only finding, as it is printed.
std::string finding(std::string_view text) {
  const Loaded loaded = load(text);
  if (loaded.findings.size() != 1) return config::to_string(loaded.findings);
  return config::to_string(loaded.findings[0]);
}

std::vector<driver::LinePlanPtr> plan(std::string_view text) {
  const Loaded loaded = load(text);
  REQUIRE_MESSAGE(loaded.config, config::to_string(loaded.findings));
  DeviceIds ids;
  return plan_lines(*loaded.config, ids);
}

const modbus::ModbusLinePlan& as_modbus(const driver::LinePlanPtr& plan) {
  return dynamic_cast<const modbus::ModbusLinePlan&>(*plan);
}

constexpr std::string_view two_meters = R"(
devices:
  - name: first
    connect: modbus+rtu:///dev/ttyUSB0?baud=9600&unit=1
    profile: eastron/sdm630
  - name: second
    connect: modbus+rtu:///dev/ttyUSB0?baud=9600&unit=2
    profile: eastron/sdm630
)";

}  // namespace

TEST_CASE("a device needs a name and where it is; SunSpec is assumed") {
  const Loaded loaded = load("devices:\n  - name: pv\n    connect: modbus://192.0.2.10\n");
  REQUIRE(loaded.config);
  CHECK(loaded.findings.empty());
  const DeviceSection& device = loaded.config->site.devices.at(0);
  CHECK(device.described_by == nullptr);
  DeviceIds ids;
  const auto plans = plan_lines(*loaded.config, ids);
  const modbus::LineDevice& planned = as_modbus(plans.at(0)).devices().at(0).device;
  CHECK(planned.unit == modbus::UnitId(1));
  CHECK(planned.discover);
}

TEST_CASE("every mistake is named with its line, its column and the nearest right word") {
  CHECK(finding("devices:\n  - name: a\n    connect: modbus://h\n    profil: x\n") ==
        "interwatt.yaml:4:5: devices[0].profil: no such key here, did you mean 'profile'?");
  CHECK(finding("devices:\n  - name: a\n    connect: http://h\n")
            .find("interwatt.yaml:3:14: devices[0].connect: 'http://h' is no address that a driver knows; "
                  "for example "
                  "modbus://") == 0);
  CHECK(finding("devices:\n  - name: a\n    connect: modbus://h\n    profile: huawei/sun200\n")
            .find("huawei/sun2000") != std::string::npos);
  CHECK(finding("devices:\n  - name: a\n    connect: modbus://h?unit=1\n  - name: a\n    connect: "
                "modbus://h?unit=2\n") ==
        "interwatt.yaml:4:11: devices[1].name: the name 'a' is there twice");
  CHECK(finding("devices:\n  - name: a\n    connect: modbus://h?unit=1\n  - name: b\n    connect: "
                "modbus://h?unit=1\n") ==
        "interwatt.yaml:5:14: devices[1].connect: modbus://h:502 unit 1 is 'a' already; two devices on one "
        "line need different units");
  CHECK(finding("rates:\n  fast: 1ms\n").find("interwatt.yaml:2:9: rates.fast: ") == 0);
  CHECK(finding("devices:\n  - name: a\n    connect: modbus+tls://h\n").find("needs certificates") !=
        std::string::npos);
}

TEST_CASE("devices on one serial port agree about its settings") {
  CHECK(finding("devices:\n"
                "  - name: a\n    connect: modbus+rtu:///dev/ttyS0?baud=9600&unit=1\n"
                "  - name: b\n    connect: modbus+rtu:///dev/ttyS0?baud=19200&unit=2\n")
            .find("'a' opens modbus+rtu:///dev/ttyS0 with other settings") != std::string::npos);
}

TEST_CASE("all findings are given at once") {
  const Loaded loaded = load("devices:\n  - name: a\n    connect: x\n  - nam: b\n    connect: modbus://h\n");
  CHECK(loaded.findings.errors() >= 3);
  CHECK_FALSE(loaded.config);
}

TEST_CASE("what is wrong between the good devices is found beside what is wrong in the others") {
  const Loaded loaded = load(
      "devices:\n  - name: a\n    connect: modbus://h\n  - name: a\n    connect: modbus://g\n    profile: "
      "no/such\n"
      "  - nam: b\n    connect: modbus+tls://h\n");
  const std::string text = config::to_string(loaded.findings);
  CHECK(text.contains("the name 'a' is there twice"));
  CHECK(text.contains("no/such"));
  CHECK(text.contains("did you mean 'name'?"));
  CHECK_FALSE(text.contains("there are no devices"));
}

TEST_CASE("a name that is there twice is found beside another mistake of its device") {
  const Loaded loaded =
      load("devices:\n  - name: a\n    conect: modbus://h\n  - name: a\n    connect: modbus://g\n");
  const std::string text = config::to_string(loaded.findings);
  CHECK(text.contains("did you mean 'connect'?"));
  CHECK(text.contains("interwatt.yaml:4:11: devices[1].name: the name 'a' is there twice"));
}

TEST_CASE("points and assets are checked against the profile") {
  CHECK(
      finding("devices:\n  - name: m\n    connect: modbus://h\n    profile: eastron/sdm630\n    points:\n    "
              "  StateOfCharge: 1s\n")
          .find("interwatt.yaml:6:7: devices[0].points.StateOfCharge: eastron/sdm630 has no StateOfCharge") ==
      0);
  CHECK(finding("devices:\n  - name: i\n    connect: modbus://h\n    profile: huawei/sun2000\n    assets:\n  "
                "    batery: b\n")
            .find("did you mean 'battery'?") != std::string::npos);
}

TEST_CASE(
    "devices on one port share a line, with the timings of their profiles unless the line has its own") {
  const auto shared = plan(two_meters);
  REQUIRE(shared.size() == 1);
  const auto& devices = as_modbus(shared[0]).devices();
  REQUIRE(devices.size() == 2);
  CHECK(devices[0].device.map == devices[1].device.map);

  const auto tuned = plan(R"(
lines:
  - connect: modbus://192.0.2.10
    timeout: 250ms
    in_flight: 4
devices:
  - name: huawei
    connect: modbus://192.0.2.10?unit=1
    profile: huawei/sun2000
)");
  const modbus::LineSettings& settings = as_modbus(tuned[0]).settings();
  CHECK(settings.timeout == 250ms);
  CHECK(settings.in_flight == 4);
  CHECK(settings.connect_delay == 1s);  // of the profile
}

TEST_CASE("a disabled device has no line") {
  CHECK(plan("devices:\n  - name: a\n    connect: modbus://h\n    enabled: false\n").empty());
}

TEST_CASE("a device keeps its id as long as the process runs, and a change shows in its fingerprint") {
  DeviceIds ids;
  const auto a = load("devices:\n  - name: a\n    connect: modbus://h\n    profile: abb/b23\n");
  const auto b = load(
      "devices:\n  - name: x\n    connect: modbus://g\n  - name: a\n    connect: modbus://h\n    profile: "
      "abb/b23\n    rates:\n      fast: 2s\n");
  const auto before = plan_lines(*a.config, ids);
  const auto after = plan_lines(*b.config, ids);
  const auto again = plan_lines(*a.config, ids);
  const modbus::PlannedDevice& first = as_modbus(before[0]).devices()[0];
  const modbus::PlannedDevice& changed = as_modbus(after[1]).devices()[0];
  CHECK(changed.device.id == first.device.id);
  CHECK(changed.fingerprint != first.fingerprint);
  CHECK(as_modbus(again[0]).devices()[0].fingerprint == first.fingerprint);
}

TEST_CASE("mRIDs of a site come from its name, unless it has its own") {
  const auto named = load("site:\n  name: Roof\n");
  const auto again = load("site:\n  name: Roof\n");
  const auto own = load("site:\n  name: Roof\n  mrid: 6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10\n");
  REQUIRE(named.config);
  CHECK(named.config->site.mrid() == again.config->site.mrid());
  CHECK(model::to_string(own.config->site.mrid()) == "6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10");
}

TEST_CASE("the load of a serial line is predicted, and what is impossible is said with what costs most") {
  const auto lines = plan(two_meters);
  const driver::LineBudget budget = lines[0]->budget();
  CHECK(budget.load > 0.1);

  const auto crowded =
      plan(std::string(two_meters) + "rates:\n  fast: 100ms\n  normal: 100ms\n  slow: 100ms\n");
  const driver::LineBudget over = crowded[0]->budget();
  CHECK_FALSE(over.possible());
  CHECK_FALSE(over.assumed);
  CHECK(complaint(over).find("impossible") != std::string::npos);
  CHECK(complaint(over).find("these reads cost most: ") != std::string::npos);
  CHECK(std::ranges::is_sorted(over.items, std::greater{}, &driver::BudgetItem::share));
}

TEST_CASE("an impossible line is a finding where the interval of its costliest reads is written") {
  const auto place = [](const std::string& more) {
    const Loaded loaded = load(std::string(two_meters) + more);
    REQUIRE_MESSAGE(loaded.config, config::to_string(loaded.findings));
    DeviceIds ids;
    config::Findings findings;
    for (const driver::LinePlanPtr& line : plan_lines(*loaded.config, ids))
      report(line->budget(), *loaded.config, config::Severity::error, findings);
    return findings.empty() ? std::string() : fmt::format("{}:{}", findings[0].line, findings[0].column);
  };
  CHECK(place("").empty());
  CHECK(place("rates:\n  fast: 50ms\n") == "10:9");
  CHECK(place("    rates:\n      normal: 60ms\nrates:\n  slow: 1h\n") == "10:15");
  CHECK(place("    points:\n      ActivePower: 50ms\n      Frequency: 50ms\n") == "10:20");
}

TEST_CASE("normalisation: a point's settings stand over its quantity's, which stand over the defaults") {
  const Loaded loaded = load(R"(
normalize:
  Frequency: {deadband: 0.05, time_constant: 2s}
devices:
  - name: grid
    connect: modbus://192.0.2.10
    profile: eastron/sdm630
    points: {Frequency: 200ms}
    normalize:
      Frequency: {time_constant: 5s}
)");
  REQUIRE_MESSAGE(loaded.config, config::to_string(loaded.findings));
  const SiteConfig& site = loaded.config->site;
  const model::Point frequency{.name = model::parse_point_name("Frequency").value()};
  const normalize::Settings settings = normalization_of(site, site.devices[0], frequency);
  CHECK(settings.deadband == 0.05);
  CHECK(settings.time_constant == 5s);
  CHECK(settings.period == 200ms);
  CHECK(settings.max_rate == 5);  // the default
}

TEST_CASE("normalisation that can not be is found where it stands") {
  CHECK(finding("normalize:\n  Frequenzy: {deadband: 1}\ndevices:\n  - {name: a, connect: modbus://h}\n")
            .contains("2:3: normalize.Frequenzy: 'Frequenzy' is no quantity, did you mean 'Frequency'?"));
  CHECK(finding(
            "normalize:\n  EnergyImport: {time_constant: 1s}\ndevices:\n  - {name: a, connect: modbus://h}\n")
            .contains("never filtered"));
  CHECK(
      finding("devices:\n  - name: a\n    connect: modbus://h\n    profile: eastron/sdm630\n    normalize:\n"
              "      WindSpeed: {deadband: 1}\n")
          .contains("has no WindSpeed"));
  CHECK(finding("normalize: 5\ndevices:\n  - {name: a, connect: modbus://h}\n").contains("expected a map"));
}

TEST_CASE("limits name a point of an asset") {
  const Loaded loaded = load(
      "limits:\n  roof/ActivePower: {low: -9000, hysteresis: 50}\n"
      "devices:\n  - {name: roof, connect: modbus://h}\n");
  REQUIRE(loaded.config);
  REQUIRE(loaded.config->site.point_limits().size() == 1);
  CHECK(loaded.config->site.point_limits()[0].path == "roof/ActivePower");
  CHECK(loaded.config->site.point_limits()[0].limits.low == -9000);
  CHECK(finding("limits: {ActivePower: {low: 1}}\ndevices:\n  - {name: a, connect: modbus://h}\n")
            .contains("write the asset and the point"));
}
