#include "gateway/fail_safe_plan.hpp"

#include <algorithm>
#include <map>

#include <fmt/ranges.h>

#include "config/rule.hpp"
#include "gateway/line_plan.hpp"
#include "model/point_path.hpp"

namespace iw::gateway {
namespace {

// The points of devices that are known before they answer.
std::map<std::string, driver::ServedPoint> served_points(const SiteConfig& site) {
  std::map<std::string, driver::ServedPoint> served;
  for (const DeviceSection& device : site.devices) {
    if (device.described_by == nullptr) continue;
    const model::AssetsByRole assets = assets_of(device);
    for (const driver::ServedPoint& point : device.described_by->points) {
      const auto asset = assets.find(point.role);
      if (asset != assets.end())
        served.emplace(fmt::format("{}/{}", asset->second.name, model::to_string(point.name)), point);
    }
  }
  return served;
}

std::string with_unit(double value, std::string_view unit) {
  return fmt::format("{:.10g}{}{}", value, unit.empty() ? "" : " ", unit);
}

}  // namespace

std::string FailSafePlan::without_needs() const {
  if (needs.empty()) return "needs nothing";
  std::vector<std::string> words;
  for (const auto& [needed, oldest] : needs)
    words.push_back(fmt::format("{} older than {}", needed, config::to_string(oldest)));
  return fmt::format("{}: {}", fmt::join(words, ", "), with_unit(safe_value, unit));
}

std::string FailSafePlan::without_gateway() const {
  return device ? describe(*device, safe_value, unit) : "known when the device answers";
}

std::string FailSafePlan::stopped() const {
  return on_stop == OnStop::keep ? "as it is" : with_unit(safe_value, unit);
}

std::vector<FailSafePlan> plan_fail_safe(const SiteConfig& site) {
  const auto served = served_points(site);
  std::vector<FailSafePlan> plans;
  for (const auto& [path, point] : site.control.points) {
    if (point.group) continue;
    const auto name = model::parse_point_name(std::string_view(path).substr(path.rfind('/') + 1));
    FailSafePlan plan{.path = path,
                      .unit = std::string(model::to_string(model::info(name->quantity).unit)),
                      .safe_value = point.safe_value(),
                      .needs = {point.needs.begin(), point.needs.end()},
                      .device = {},
                      .on_stop = point.once ? OnStop::keep : point.on_stop};
    if (const auto known = served.find(path); known != served.end())
      plan.device = device_fallback(point, is_limit(path), known->second.fallback);
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace iw::gateway
