// What is declared for the loss of anything that a controlled point depends on, for people who check a
// configuration before it runs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/device_fallback.hpp"
#include "gateway/site_config.hpp"

namespace iw::gateway {

struct FailSafePlan {
  std::string path;
  std::string unit;
  double safe_value = 0;
  std::vector<std::pair<std::string, Duration>> needs;  // and how old they may be
  std::optional<DeviceFallback> device;                 // without the gateway; none: known when it answers
  OnStop on_stop = OnStop::fail_safe;

  // In words.
  [[nodiscard]] std::string without_needs() const;
  [[nodiscard]] std::string without_gateway() const;
  [[nodiscard]] std::string stopped() const;
};

// Of each controlled point, in the order of the configuration.
std::vector<FailSafePlan> plan_fail_safe(const SiteConfig& site);

}  // namespace iw::gateway
