// What is known after a restart: where the devices are, what is commanded, how far logs were read.
#include <algorithm>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

constexpr std::string_view file = "bacnet.state";
constexpr Duration keep_every = 5min;

}  // namespace

std::string Line::memory_path() const { return fmt::format("{}/{}", surroundings_.memory, file); }

LineMemory Line::knowledge(Instant now) const {
  LineMemory memory;
  const WallTime wall = executor_.clock().wall_now();
  for (const DevicePtr& device : devices_) {
    const std::uint32_t instance = *device->config.url.instance;
    // The time of the last answer matters only where the past is fetched; and a file that stays as it is need
    // not be written.
    WallTime answered;
    if (device->config.backfill && device->answered != Instant::min())
      answered = device->missing_since.value_or(wall - (now - device->answered));
    if (device->binding) {
      memory.devices.push_back({.instance = instance,
                                .address = device->binding->address,
                                .router = client_.router_to(device->binding->address.network),
                                .limits = device->binding->limits,
                                .answered = answered});
    } else if (const auto old = std::ranges::find(memory_.devices, instance, &RememberedDevice::instance);
               old != memory_.devices.end()) {
      memory.devices.push_back(*old);
    }
    for (const Device::TrendLog& log : device->logs) {
      if (log.cursor)
        memory.trends.push_back({.device = instance, .log = log.id.instance, .cursor = *log.cursor});
    }
    if (!device->logs_known) {
      std::ranges::copy_if(memory_.trends, std::back_inserter(memory.trends),
                           [&](const RememberedTrend& trend) { return trend.device == instance; });
    }
    std::ranges::copy(device->old_claims, std::back_inserter(memory.claims));
  }
  for (const Claim& claim : claims_) {
    memory.claims.push_back({.device = *claim.device->config.url.instance,
                             .object = claim.device->plan->map().points[claim.point].object,
                             .priority = claim.device->config.priority});
  }
  return memory;
}

void Line::recollect(const DevicePtr& device) {
  const std::uint32_t instance = *device->config.url.instance;
  for (const RememberedDevice& old : memory_.devices) {
    if (old.instance != instance) continue;
    device->remembered = Binding{.address = old.address, .limits = old.limits};
    if (old.router) client_.network_layer().learn(old.address.network, *old.router);
    if (device->config.backfill && old.answered != WallTime{}) device->missing_since = old.answered;
  }
  std::ranges::copy_if(memory_.claims, std::back_inserter(device->old_claims),
                       [&](const RememberedClaim& claim) { return claim.device == instance; });
}

// Whenever something is commanded, else every few minutes; only when it is other than what is kept.
Instant Line::keep(Instant now) {
  if (surroundings_.memory.empty()) return never;
  if (now < keep_at_ && keep_at_ != never) return keep_at_;
  if (keep_at_ == never && !stopping_) {
    keep_at_ = now + keep_every;
    return keep_at_;
  }
  keep_at_ = now + keep_every;
  std::string text = to_text(knowledge(now));
  if (text != kept_) {
    kept_ = text;
    surroundings_.feed.remember({.name = std::string(file), .text = std::move(text)});
  }
  return keep_at_;
}

}  // namespace iw::bacnet
