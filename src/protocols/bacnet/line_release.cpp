// What we command we give back (Null at our priority): when its time is over and when we stop.
#include <algorithm>

#include "protocols/bacnet/line_device.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet {
namespace {

constexpr Duration time_to_stop = 800ms;

}  // namespace

bool Line::release(const Claim& claim) {
  Device& device = *claim.device;
  if (!device.binding || !device.plan) return false;
  const ObjectPoint& point = device.plan->map().points[claim.point];
  ++releasing_;
  return ask({.device = claim.device, .purpose = Purpose::release, .which = claim.point},
             ConfirmedService::write_property,
             write_parameters(point.object, point.property, Null{}, device.config.priority), false);
}

// By one request where the device can, so that much is given back in the short time that there is.
void Line::release_all(const DevicePtr& device, std::vector<std::uint16_t> points) {
  if (!device->binding || !device->plan) return;
  std::vector<std::vector<std::byte>> nulls(points.size(), encoded(Null{}));
  std::vector<WriteProperty> writes;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const ObjectPoint& point = device->plan->map().points[points[i]];
    writes.push_back({.object = point.object,
                      .property = point.property,
                      .value = nulls[i],
                      .priority = device->config.priority});
  }
  std::vector<std::byte> buffer(24 * points.size() + 16);
  ParameterWriter out(buffer);
  write_write_property_multiple(out, writes);
  ++releasing_;
  ask({.device = device, .purpose = Purpose::release_many, .points = std::move(points)},
      ConfirmedService::write_property_multiple, out.written(), false);
}

// What is refused stops the rest: they are given back one by one.
void Line::released_many(const Pending& pending, const Outcome& outcome) {
  releasing_ -= releasing_ > 0 ? 1 : 0;
  if (std::holds_alternative<NoAnswer>(outcome)) return;
  const bool done = std::holds_alternative<Acknowledged>(outcome);
  for (const std::uint16_t point : pending.points) {
    if (done) {
      forget_claim(*pending.device, point);
    } else {
      release({.device = pending.device, .point = point});
    }
  }
}

void Line::forget_claim(Device& device, std::uint64_t point) {
  if (!device.plan || point >= device.plan->map().points.size()) return;
  const ObjectId object = device.plan->map().points[point].object;
  std::erase_if(device.old_claims, [object](const RememberedClaim& claim) { return claim.object == object; });
}

Instant Line::release_expired(Instant now) {
  Instant next = never;
  for (const Claim& claim : claims_) {
    if (claim.expiry <= now) {
      surroundings_.log.info("{}: {} is given back, its time is over", claim.device->config.name,
                             model::to_string(claim.device->plan->map().points[claim.point].point.name));
      release(claim);
    } else {
      next = std::min(next, claim.expiry);
    }
  }
  if (std::erase_if(claims_, [now](const Claim& claim) { return claim.expiry <= now; }) > 0) keep_at_ = now;
  return next;
}

void Line::stop() {
  if (stopping_) return;
  stopping_ = true;
  stop_at_ = executor_.now() + time_to_stop;
  std::map<DevicePtr, std::vector<std::uint16_t>> held;
  for (const Claim& claim : claims_) {
    held[claim.device].push_back(claim.point);
    // Until the device has said that it is given back.
    claim.device->old_claims.push_back({.device = *claim.device->config.url.instance,
                                        .object = claim.device->plan->map().points[claim.point].object,
                                        .priority = claim.device->config.priority});
  }
  claims_.clear();
  for (const auto& [device, points] : held) {
    if (points.size() > 1 && device->abilities.write_multiple) {
      release_all(device, points);
    } else {
      for (const std::uint16_t point : points)
        release({.device = device, .point = point});
    }
  }
  for (const DevicePtr& device : devices_)
    cancel_subscriptions(device);
  if (!running_ || releasing_ == 0) return client_.close();
  client_.wake();
}

void Line::end() {
  for (const DevicePtr& device : std::vector(devices_))
    remove(device, "no longer configured");
  stop();
}

}  // namespace iw::bacnet
