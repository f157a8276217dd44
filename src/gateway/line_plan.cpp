#include "gateway/line_plan.hpp"

#include "gateway/drivers.hpp"

namespace iw::gateway {

model::DeviceId DeviceIds::of(const std::string& name) {
  const auto next = static_cast<std::uint16_t>(ids_.size() + 1);
  return ids_.try_emplace(name, model::DeviceId(next)).first->second;
}

std::vector<driver::LinePlanPtr> plan_lines(const LoadedConfig& config, DeviceIds& ids) {
  std::vector<driver::LinePlanPtr> plans;
  for (const driver::DriverKind& kind : drivers()) {
    std::vector<driver::WantedDevice> wanted;
    for (const DeviceSection& section : config.site.devices) {
      if (section.kind != &kind || !section.enabled) continue;
      wanted.push_back(
          {.id = ids.of(section.name), .section = &section, .rates = rates_of(config.site, section)});
    }
    std::ranges::move(driver_of(config, kind).plan(wanted), std::back_inserter(plans));
  }
  return plans;
}

model::AssetsByRole assets_of(const DeviceSection& device) {
  model::AssetsByRole assets;
  const auto name_of = [&](const std::string& role) {
    const auto named = device.assets.find(role);
    if (named != device.assets.end()) return named->second;
    return role.empty() ? device.name : device.name + "-" + role;
  };
  if (device.described_by != nullptr) {
    for (const driver::ServedAsset& served : device.described_by->assets) {
      assets[served.role] = {.mrid = {}, .name = name_of(served.role), .kind = served.kind};
    }
  }
  for (const auto& [role, name] : device.assets) {
    if (!assets.contains(role)) assets[role] = {.mrid = {}, .name = name, .kind = model::AssetKind::other};
  }
  return assets;
}

}  // namespace iw::gateway
