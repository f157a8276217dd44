#include "protocols/modbus/planned_line.hpp"

#include <string>

#include <doctest/doctest.h>

#include "io/testing/memory_files.hpp"
#include "protocols/modbus/profile.hpp"
#include "protocols/modbus/testing/line_site.hpp"

using namespace iw;
using namespace iw::modbus;
using namespace iw::modbus::testing;

namespace {

// A reload reads the profile anew.
ModbusLinePlan plan_with(const std::string& point, const std::string& more = "") {
  config::Findings findings;
  const auto profile = load_profile("box.yaml",
                                    fmt::format("profile: acme/box\n"
                                                "manufacturer: Acme\n"
                                                "models: [Box]\n"
                                                "assets: [{{kind: inverter}}]\n"
                                                "address_base: pdu\n"
                                                "points:\n"
                                                "  - {{name: ActivePowerSetpoint, address: 10, type: i32, "
                                                "unit: W, writable: true, min: -100, {}}}\n"
                                                "{}",
                                                point, more),
                                    findings);
  REQUIRE_MESSAGE(profile, config::to_string(findings));
  LineDevice box = device(1, 1, {});
  box.map = std::make_shared<const RegisterMap>(profile->map);
  return {LineSettings{.name = "line"}, {}, {{.device = std::move(box), .fingerprint = "box unit 1"}}};
}

struct Planned {
  explicit Planned(const ModbusLinePlan& plan)
      : line(plan, {.network = network, .random = random, .files = files, .feed = feed, .log = log}) {}

  io::testing::ManualExecutor executor;
  io::testing::FixedRandom random;
  io::testing::CaptureLog log;
  io::testing::MemoryFiles files;
  FakeDevice fake{executor};
  FakeNetwork network{executor, fake};
  CaptureFeed feed;
  PlannedLine line;
};

}  // namespace

TEST_CASE("a device is mapped anew when its profile says something else, and only then") {
  Planned planned(plan_with("max: 100"));
  REQUIRE(planned.feed.descriptions.size() == 1);
  const auto maps_after = [&](const ModbusLinePlan& plan) {
    REQUIRE(planned.line.follow(plan));
    return planned.feed.descriptions.size();
  };
  CHECK(maps_after(plan_with("max: 100")) == 1);
  CHECK(maps_after(plan_with("max: 90")) == 2);
  CHECK(planned.feed.descriptions.back().points.at(0).maximum == 90);
  CHECK(maps_after(plan_with("max: 90, order: cdab")) == 3);
  CHECK(maps_after(plan_with("max: 90, order: cdab, negate: true")) == 4);
  CHECK(maps_after(plan_with("max: 90, order: cdab, negate: true", "limits: {write_single: false}\n")) == 5);
  CHECK(maps_after(plan_with("max: 90, order: cdab, negate: true", "limits: {write_single: false}\n")) == 5);
}
