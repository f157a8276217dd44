#include "gateway/device_fallback.hpp"

#include <algorithm>

#include "config/rule.hpp"

namespace iw::gateway {
namespace {

constexpr Duration usual_revert = 60s;

}  // namespace

DeviceFallback device_fallback(const ControlPoint& how, bool limit,
                               const std::optional<model::Fallback>& device) {
  if (!device || how.once) return {};
  if (device->after) return {.after = *device->after, .to_value = device->to_value};
  const bool would_lift = limit && !device->to_value;
  if (would_lift && !how.revert) return {};
  return {.after = how.revert.value_or(std::max(usual_revert, 2 * how.every)),
          .told = true,
          .to_value = device->to_value};
}

std::string describe(const DeviceFallback& fallback, double safe_value, std::string_view unit) {
  if (fallback.after == 0ns) return "holds what it was told";
  const std::string after = config::to_string(fallback.after);
  if (!fallback.to_value) return fmt::format("what is set in the device, after {}", after);
  return fmt::format("{:.10g}{}{} after {}", safe_value, unit.empty() ? "" : " ", unit, after);
}

control::Actuator::Settings actuator_settings(const ControlPoint& point, const DeviceFallback& fallback) {
  control::Actuator::Settings settings{.every = point.every, .refresh = point.refresh, .once = point.once};
  if (point.ramp) settings.ramp = *point.ramp;
  if (fallback.after > 0ns) {
    settings.falls_back = {.after = fallback.after,
                           .told = fallback.told,
                           .to = fallback.to_value ? std::optional(point.safe_value()) : std::nullopt};
  }
  if (!fallback.told && fallback.after > 0ns) {
    const Duration half = fallback.after / 2;
    settings.refresh = std::min(settings.refresh.value_or(half), half);
  }
  return settings;
}

}  // namespace iw::gateway
