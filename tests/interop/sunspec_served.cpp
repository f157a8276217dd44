// sunspec_served: one of our simulated SunSpec devices on TCP, for a SunSpec client that we did not write.
//
//   sunspec_served inverter
//
// First says what the client must find, in one line of JSON: {"models", "points": {"103.W": ...}}, from the
// physics and not from the registers. Then READY <port>; ends when stdin closes. The site stands still at
// noon.
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "json/json.hpp"
#include "served.hpp"
#include "sim/site_physics.hpp"
#include "sim/sunspec_device.hpp"

namespace iw::interop {

namespace {

void settle(sim::SitePhysics& site) {
  WallTime now = std::chrono::sys_days(std::chrono::year(2024) / 6 / 21) + 12h;
  for (int i = 0; i < 60; ++i, now += 1s)
    site.step(now, 1s);
}

nlohmann::ordered_json expected_of_inverter(const sim::PvState& pv) {
  return {{"models", {1, 103, 120, 123, 160}},
          {"points",
           {{"103.W", -pv.ac.total_power()},
            {"103.Hz", pv.ac.frequency},
            {"103.PhVphA", pv.ac.voltage[0]},
            {"103.AphC", pv.ac.current[2]},
            {"120.WRtg", pv.rated_w},
            {"123.WMaxLimPct", 100},
            {"160.module[1].DCV", pv.strings[0].voltage},
            {"160.module[2].DCW", pv.strings[1].power}}}};
}

nlohmann::ordered_json expected_of_battery(const sim::BatteryState& battery) {
  return {{"models", {1, 701, 702, 704, 713, 802}},
          {"points",
           {{"701.W", -battery.ac.total_power()},
            {"701.Hz", battery.ac.frequency},
            {"713.SoC", battery.soc},
            {"802.SoC", battery.soc},
            {"802.V", battery.dc_voltage}}}};
}

nlohmann::ordered_json expected_of_meter(const sim::Branch& grid) {
  return {{"models", {1, 203}},
          {"points",
           {{"203.W", grid.total_power()},
            {"203.WphB", grid.power[1]},
            {"203.PhVphC", grid.voltage[2]},
            {"203.Hz", grid.frequency}}}};
}

int run(int argc, char** argv) {
  std::string kind;
  CLI::App app("One of our simulated SunSpec devices for a client that we did not write");
  app.add_option("device", kind)->required()->check(CLI::IsMember({"inverter", "battery", "meter"}));
  CLI11_PARSE(app, argc, argv);

  sim::SitePhysics site({.start_at = 12h}, 1);
  settle(site);
  std::unique_ptr<sim::Device> device;
  nlohmann::ordered_json expected;
  if (kind == "inverter") {
    device = std::make_unique<sim::SunSpecInverter>(site, 0);
    expected = expected_of_inverter(site.state().pv[0]);
  } else if (kind == "battery") {
    device = std::make_unique<sim::SunSpecBattery>(site);
    expected = expected_of_battery(site.state().battery);
  } else {
    device = std::make_unique<sim::SunSpecMeter>(site.state().grid, 20'000);
    expected = expected_of_meter(site.state().grid);
  }
  std::cout << expected.dump() << std::endl;
  return serve(*device, {});
}

}  // namespace

}  // namespace iw::interop

int main(int argc, char** argv) { return iw::interop::run(argc, argv); }
