#include "gateway/commands/demo_config.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace iw::gateway {
namespace {

// What a user would want of the site. The battery's day passes in minutes, so the tariff's interval does too.
constexpr std::string_view control = R"(control:
  enabled: true
  settle: 2s
  points:
    battery/ActivePowerSetpoint:
      {min: -8000, max: 8000, default: 0, every: 200ms, revert: 15s, needs: {grid meter/ActivePower: 10s}}
    roof inverter/ActivePowerLimit: {min: 0, max: 8000, default: 8000, revert: 15s}
    carport inverter/ActivePowerLimit: {min: 0, max: 5000, default: 5000}
  rights:
    - {owner: "*", level: operator, points: ["*"]}
controllers:
  - name: feed-in limit
    mode: act
    export_limit:
      grid: grid meter/ActivePower
      limit_w: 4000
      moves:
        - {point: roof inverter/ActivePowerLimit, max_w: 8000}
        - {point: carport inverter/ActivePowerLimit, max_w: 5000}
  - name: peak
    mode: act
    peak_shaving:
      grid: grid meter/ActivePower
      peak_w: 2000
      interval: 1min
      batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000, capacity_wh: 20000}]
  - name: droop
    mode: act
    frequency_response:
      frequency: grid meter/Frequency
      deadband_hz: 0.01
      droop_percent: 0.38
      batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000, capacity_wh: 20000}]
  - name: own sun
    mode: act
    self_consumption:
      grid: grid meter/ActivePower
      batteries: [{asset: battery, max_charge_w: 6000, max_discharge_w: 1500, capacity_wh: 20000}]
)";

}  // namespace

std::string demo_config(const std::vector<sim::DemoDevice>& devices) {
  std::string text = "site:\n  name: Interwatt demo\nrates:\n  normal: 1s\n  slow: 5s\n  thermal: 2s\n";
  if (std::ranges::any_of(devices, [](const auto& device) { return device.connect.starts_with("bacnet:"); }))
    text += "lines:\n  - connect: bacnet://\n    bind: 127.0.0.1:0\n";
  text += "devices:\n";
  for (const sim::DemoDevice& device : devices) {
    text += fmt::format("  - name: {}\n    connect: {}\n", device.name, device.connect);
    if (!device.profile.empty()) text += fmt::format("    profile: {}\n", device.profile);
  }
  return text + std::string(control);
}

}  // namespace iw::gateway
