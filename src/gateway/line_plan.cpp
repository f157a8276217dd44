#include "gateway/line_plan.hpp"

#include <algorithm>

#include "config/rule.hpp"
#include "protocols/sunspec/driver.hpp"

namespace iw::gateway {
namespace {

const LineSection* section_of(const SiteConfig& site, const std::string& url) {
  const auto line =
      std::ranges::find(site.lines, url, [](const LineSection& l) { return modbus::line_url(l.connect); });
  return line != site.lines.end() ? &*line : nullptr;
}

// What the device's profile asks for, joined with what the others on the line ask for.
void be_careful(modbus::LineSettings& settings, const modbus::ConnectionDefaults& wish, bool first) {
  settings.timeout = std::max(settings.timeout, wish.timeout);
  settings.connect_delay = std::max(settings.connect_delay, wish.connect_delay);
  settings.gap = std::max(settings.gap, wish.gap);
  settings.in_flight =
      first ? std::uint16_t{wish.in_flight} : std::min<std::uint16_t>(settings.in_flight, wish.in_flight);
}

void apply(modbus::LineSettings& settings, const LineSection& line) {
  settings.timeout = line.timeout.value_or(settings.timeout);
  settings.connect_delay = line.connect_delay.value_or(settings.connect_delay);
  settings.gap = line.gap.value_or(settings.gap);
  if (line.in_flight) settings.in_flight = static_cast<std::uint16_t>(*line.in_flight);
}

// The register maps in use: one for all devices of a profile, and one of its own for a device with periods of
// its own.
class Maps {
 public:
  std::shared_ptr<const modbus::RegisterMap> of(const DeviceSection& section) {
    const modbus::Profile& profile = *section.described_by;
    if (!section.point_periods.empty()) return make(profile, section);
    std::shared_ptr<const modbus::RegisterMap>& shared = shared_[&profile];
    if (!shared) shared = make(profile, section);
    return shared;
  }

 private:
  static std::shared_ptr<const modbus::RegisterMap> make(const modbus::Profile& profile,
                                                         const DeviceSection& section) {
    modbus::RegisterMap map = profile.map;
    map.identity.manufacturer = profile.manufacturer;
    for (modbus::RegisterPoint& point : map.points) {
      const auto period = section.point_periods.find(point.point.name);
      if (period != section.point_periods.end()) point.period = period->second;
    }
    return std::make_shared<const modbus::RegisterMap>(std::move(map));
  }

  std::map<const modbus::Profile*, std::shared_ptr<const modbus::RegisterMap>> shared_;
};

modbus::LineDevice line_device(const SiteConfig& site, const DeviceSection& section, model::DeviceId id,
                               Maps& maps) {
  modbus::LineDevice device{.id = id,
                            .name = section.name,
                            .unit = section.unit(),
                            .map = {},
                            .discover = {},
                            .rates = rates_of(site, section)};
  if (section.described_by == nullptr) {
    device.discover = sunspec::discover_with(
        {.meter_sign = section.meter_sign == MeterSign::positive_export ? -1.0 : 1.0,
         .battery_sign = section.battery_sign == BatterySign::positive_charge ? 1.0 : -1.0});
    return device;
  }
  device.map = maps.of(section);
  return device;
}

std::string fingerprint_of(const modbus::LineDevice& device, const DeviceSection& section) {
  std::string text =
      fmt::format("{} unit {} {} {} {}", section.name, device.unit.value(), section.profile,
                  static_cast<int>(section.meter_sign), static_cast<int>(section.battery_sign));
  for (const auto rate : {model::RateClass::fast, model::RateClass::normal, model::RateClass::slow,
                          model::RateClass::thermal, model::RateClass::constant}) {
    text += fmt::format(" {}", device.rates.period(rate).count());
  }
  for (const auto& [point, period] : section.point_periods) {
    text += fmt::format(" {}={}", model::to_string(point), period.count());
  }
  if (!device.map) return text;
  for (const modbus::RegisterPoint& point : device.map->points)
    text += fmt::format(" {}@{}", point.point.source, point.address);
  return text;
}

}  // namespace

model::DeviceId DeviceIds::of(const std::string& name) {
  const auto next = static_cast<std::uint16_t>(ids_.size() + 1);
  return ids_.try_emplace(name, model::DeviceId(next)).first->second;
}

std::vector<LinePlan> plan_lines(const LoadedConfig& config, DeviceIds& ids) {
  std::vector<LinePlan> lines;
  Maps maps;
  for (const DeviceSection& section : config.site.devices) {
    if (!section.enabled) continue;
    const std::string url = modbus::line_url(section.connect);
    auto line = std::ranges::find(lines, url, &LinePlan::url);
    const bool first = line == lines.end();
    if (first) {
      line = lines.insert(
          line,
          {.url = url, .settings = {.name = url, .address = section.connect}, .tls = {}, .devices = {}});
      line->settings.address.unit.reset();
    }
    if (section.described_by != nullptr) be_careful(line->settings, section.described_by->connection, first);
    modbus::LineDevice device = line_device(config.site, section, ids.of(section.name), maps);
    std::string fingerprint = fingerprint_of(device, section);
    line->devices.push_back({.device = std::move(device), .fingerprint = std::move(fingerprint)});
  }
  for (LinePlan& line : lines) {
    const LineSection* section = section_of(config.site, line.url);
    if (section != nullptr) {
      apply(line.settings, *section);
      line.tls = section->tls;
    }
  }
  return lines;
}

model::AssetsByRole assets_of(const DeviceSection& device) {
  model::AssetsByRole assets;
  const auto name_of = [&](const std::string& role) {
    const auto named = device.assets.find(role);
    if (named != device.assets.end()) return named->second;
    return role.empty() ? device.name : device.name + "-" + role;
  };
  if (device.described_by != nullptr) {
    for (const modbus::ServedAsset& served : device.described_by->assets) {
      assets[served.role] = {.mrid = {}, .name = name_of(served.role), .kind = served.kind};
    }
  }
  for (const auto& [role, name] : device.assets) {
    if (!assets.contains(role)) assets[role] = {.mrid = {}, .name = name, .kind = model::AssetKind::other};
  }
  return assets;
}

}  // namespace iw::gateway
