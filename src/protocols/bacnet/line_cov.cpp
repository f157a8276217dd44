// Values that come by themselves (13.1): subscriptions are renewed before they end, asked for again after the
// device has started anew, and where the device can not, or does not notify, the point is polled.
#include <algorithm>
#include <array>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

constexpr Duration ask_again_after = 30s;     // without an answer
constexpr Duration refused_again_after = 4h;  // devices have few places, or can not at all
constexpr std::int64_t renew_percent = 60;    // of the lifetime
constexpr Duration notified_within = 10s;     // of being subscribed to, or subscribed to anew
constexpr std::uint64_t no_point = ~std::uint64_t{0};

}  // namespace

Instant Line::subscribe_due(const DevicePtr& device, Instant now) {
  using State = Device::Subscription::State;
  Instant next = never;
  if (!device->config.cov || device->subscriptions.empty()) return next;
  const CovSettings& settings = *device->config.cov;
  const ObjectMap& map = device->plan->map();
  for (std::size_t i = 0; i < device->subscriptions.size(); ++i) {
    Device::Subscription& subscription = device->subscriptions[i];
    if (subscription.state == State::asked) continue;
    if (subscription.state == State::active && subscription.ends <= now) subscription = {};
    if (subscription.state == State::none) device->plan->set_quiet(static_cast<std::uint16_t>(i), false);
    if (subscription.silent_at <= now) missed_notification(*device, i);
    next = std::min(next, subscription.silent_at);
    if (subscription.due > now) {
      next = std::min(next, subscription.due);
      continue;
    }
    if (device->in_flight >= settings_.in_flight) return next;  // its answer brings us back
    subscription.state = State::asked;
    std::array<std::byte, 32> buffer;
    ParameterWriter out(buffer);
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(settings.lifetime).count();
    SubscribeCov{.process = process_of(device->config.id),
                 .object = map.points[i].object,
                 .confirmed = settings.confirmed,
                 .lifetime = static_cast<std::uint32_t>(lifetime)}
        .encode(out);
    ask({.device = device, .purpose = Purpose::subscribe, .which = i, .sent = now},
        ConfirmedService::subscribe_cov, out.written(), false);
  }
  return next;
}

void Line::subscribe_answered(const Pending& pending, const Outcome& outcome, Instant now) {
  using State = Device::Subscription::State;
  Device& device = *pending.device;
  if (pending.which >= device.subscriptions.size()) return;
  Device::Subscription& subscription = device.subscriptions[pending.which];
  if (std::holds_alternative<Acknowledged>(outcome)) {
    const Duration lifetime = device.config.cov->lifetime;
    subscription.state = State::active;
    subscription.ends = now + lifetime;
    subscription.due = now + lifetime * renew_percent / 100;
    // The first notification may overtake the acknowledgement.
    if (subscription.heard < pending.sent) subscription.silent_at = now + notified_within;
    device.answered = now;
    device.back_off.succeeded();
    return;
  }
  device.plan->set_quiet(static_cast<std::uint16_t>(pending.which), false);
  if (std::holds_alternative<NoAnswer>(outcome) || is_silenced(outcome)) {
    subscription.state = State::none;
    subscription.due = now + ask_again_after;
    return failed(pending.device, *error_of(outcome), now);
  }
  subscription.state = State::refused;
  subscription.due = now + refused_again_after;
  surroundings_.log.info("{}: {} is polled, because it can not be subscribed to: {}", device.config.name,
                         to_string(device.plan->map().points[pending.which].object),
                         error_of(outcome)->message);
}

// Subscribed to, and nothing came: the point is polled until something does. A device that did notify before
// was told to be silent (DeviceCommunicationControl, disable-initiation), or its notifications get lost.
void Line::missed_notification(Device& device, std::size_t point) {
  Device::Subscription& subscription = device.subscriptions[point];
  subscription.silent_at = never;
  device.plan->set_quiet(static_cast<std::uint16_t>(point), false);
  if (subscription.heard == Instant::min() || std::exchange(device.mute, true)) return;
  state_alarms(device);
}

bool Line::notified(const Address& from, const CovNotification& notification, Instant now) {
  const auto found = std::ranges::find_if(devices_, [&](const DevicePtr& d) {
    return d->binding && d->plan && d->binding->address == from && !d->subscriptions.empty() &&
           d->config.url.instance == notification.device.instance &&
           process_of(d->config.id) == notification.process;
  });
  if (found == devices_.end()) return false;
  Device& device = **found;
  if (!device.plan->notified(notification.object, notification.values, batch_)) {
    batch_.clear();
    return false;
  }
  const std::uint16_t point = batch_.empty() ? batch_.texts.front().index : batch_.index.front();
  device.subscriptions[point].heard = now;
  device.subscriptions[point].silent_at = never;
  if (std::exchange(device.mute, false)) state_alarms(device);
  device.plan->set_quiet(point, true);
  device.answered = now;
  publish(device, now, now);
  return true;
}

void Line::cancel_subscriptions(const DevicePtr& device) {
  if (!device->binding || !device->plan) return;
  for (std::size_t i = 0; i < device->subscriptions.size(); ++i) {
    if (device->subscriptions[i].state != Device::Subscription::State::active) continue;
    device->subscriptions[i] = {};
    std::array<std::byte, 32> buffer;
    ParameterWriter out(buffer);
    SubscribeCov{.process = process_of(device->config.id), .object = device->plan->map().points[i].object}
        .encode(out);
    ++releasing_;
    ask({.device = device, .purpose = Purpose::release, .which = no_point}, ConfirmedService::subscribe_cov,
        out.written(), true);
  }
}

}  // namespace iw::bacnet
