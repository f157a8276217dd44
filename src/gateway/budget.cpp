#include "gateway/budget.hpp"

#include <algorithm>

#include "config/rule.hpp"

namespace iw::gateway {
namespace {

// The interval of the reads as the device has it, or as it is for all; otherwise the device.
config::Place place_of(const driver::BudgetItem& item, const LoadedConfig& loaded) {
  const auto& devices = loaded.site.devices;
  const DeviceSection& device = *std::ranges::find(devices, item.device, &DeviceSection::name);
  for (const config::Value* intervals :
       {device.points_value, device.place->find("rates"), loaded.document.root().find("rates")}) {
    if (intervals == nullptr) continue;
    for (const config::Value& interval : intervals->children) {
      if (config::parse_duration(interval.text) == item.period) return interval.place();
    }
  }
  return device.place->place();
}

}  // namespace

void report(const driver::LineBudget& budget, const LoadedConfig& config, config::Severity severity,
            config::Findings& findings) {
  if (budget.possible() || budget.items.empty()) return;
  config::Place place = place_of(budget.items.front(), config);
  findings.add({severity, std::move(place.file), place.line, place.column, std::move(place.key),
                complaint(budget), "poll less, or less often: see rates: and points:"});
}

}  // namespace iw::gateway
