#include "gateway/drill_plan.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/ranges.h>

#include "gateway/line_plan.hpp"

namespace iw::gateway {
namespace {

std::string_view asset_of(std::string_view path) { return path.substr(0, path.rfind('/')); }

// A device that describes itself may make further assets: "roof-battery" of "roof".
bool serves(const DeviceSection& device, std::string_view asset) {
  const model::AssetsByRole assets = assets_of(device);
  if (std::ranges::any_of(std::views::values(assets), [&](const model::Asset& a) { return a.name == asset; }))
    return true;
  const auto main = assets.find("");
  const std::string& root = main != assets.end() ? main->second.name : device.name;
  return asset == root || (device.described_by == nullptr && asset.starts_with(root + "-"));
}

void add_point(DrillLoss& loss, const DeviceSection& device, const std::string& path,
               const ControlPoint& point) {
  if (serves(device, asset_of(path))) {
    loss.away.push_back(path);
    return;
  }
  std::optional<Duration> within;
  for (const auto& [needed, oldest] : point.needs)
    if (serves(device, asset_of(needed))) within = std::min(within.value_or(oldest), oldest);
  if (within) {
    loss.held.push_back({.path = path, .value = point.safe_value(), .within = *within});
  } else {
    loss.untouched.push_back(path);
  }
}

// What the device calls the asset; none: it is not of the device.
std::optional<std::string> role_in(const DeviceSection& device, std::string_view asset) {
  const model::AssetsByRole assets = assets_of(device);
  for (const auto& [role, known] : assets)
    if (known.name == asset) return role;
  if (!serves(device, asset)) return std::nullopt;
  const auto main = assets.find("");
  const std::string& root = main != assets.end() ? main->second.name : device.name;
  return asset == root ? std::string() : std::string(asset.substr(root.size() + 1));
}

}  // namespace

std::optional<PointAtDevice> at_device(const SiteConfig& site, std::string_view path) {
  for (const DeviceSection& device : site.devices) {
    const auto role = device.enabled ? role_in(device, asset_of(path)) : std::nullopt;
    if (!role) continue;
    return PointAtDevice{
        .connect = device.connect,
        .profile = device.profile.empty() ? "sunspec" : device.profile,
        .point = fmt::format("{}{}{}", *role, role->empty() ? "" : "/", path.substr(path.rfind('/') + 1))};
  }
  return std::nullopt;
}

std::vector<DrillLoss> plan_drill(const SiteConfig& site) {
  std::vector<DrillLoss> all;
  for (const DeviceSection& device : site.devices) {
    if (!device.enabled) continue;
    DrillLoss loss{.device = device.name};
    for (const auto& [path, point] : site.control.points)
      if (!point.group) add_point(loss, device, path, point);
    for (const control::ControllerSection& section : site.controllers) {
      if (section.mode == control::Mode::off) continue;
      const auto made = control::make_controller(section);
      const auto& inputs = made.controller->declaration().inputs;
      const auto of_device = [&](const control::Input& input) {
        return serves(device, asset_of(input.path));
      };
      if (std::ranges::any_of(inputs, of_device)) loss.controllers.push_back(section.name);
    }
    if (!loss.held.empty() || !loss.away.empty() || !loss.controllers.empty()) all.push_back(std::move(loss));
  }
  return all;
}

std::string to_string(const DrillLoss& loss) {
  std::vector<std::string> parts;
  for (const DrillLoss::Held& held : loss.held) {
    parts.push_back(fmt::format("{} goes to {:.10g} within {:g} s", held.path, held.value,
                                std::chrono::duration<double>(held.within).count()));
  }
  for (const std::string& path : loss.away)
    parts.push_back(fmt::format("{} stays where it is", path));
  for (const std::string& controller : loss.controllers)
    parts.push_back(fmt::format("the controller '{}' is without it", controller));
  return fmt::format("loss of {}: {}", loss.device, fmt::join(parts, "; "));
}

}  // namespace iw::gateway
