// Finding devices, and noticing that one is somewhere else, or there twice.
#include <algorithm>
#include <array>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

using bus::DeviceState;

// An answer to Who-Is may take this long, through routers too.
constexpr Duration search_time = 5s;
constexpr Duration between_searches = 100ms;
// Two addresses that claim one instance within this time are two devices, not one that moved.
constexpr Duration moved_after = 30s;
// A rival is asked whether it is still there, and forgotten when it did not say so for a while.
constexpr Duration ask_rival_every = 5min;
constexpr Duration rival_forgotten_after = 11min;
// What was commanded before we were started is given back when nobody has commanded it anew by then.
constexpr Duration old_claims_stand = 1min;

PeerLimits limits_in(const IAm& message) {
  return {.max_apdu =
              static_cast<std::uint16_t>(std::clamp<std::uint32_t>(message.max_apdu, min_apdu, max_apdu_ip)),
          .receives_segments =
              message.segmentation == Segmentation::both || message.segmentation == Segmentation::receive};
}

}  // namespace

Instant Line::look_for(const DevicePtr& device, Instant now) {
  if (const auto address = device->config.url.address()) {
    device->busy = true;
    tasks_.spawn(confirm(device, {.address = *address, .limits = {}}));
    return never;
  }
  if (device->remembered) {
    device->busy = true;
    tasks_.spawn(confirm(device, *device->remembered));
    return never;
  }
  const std::uint32_t instance = *device->config.url.instance;
  if (device->searched != Instant::min() && now - device->searched >= search_time) {
    device->searched = Instant::min();
    failed(
        device,
        {ErrorKind::timeout, fmt::format("no device {} answered to Who-Is", instance),
         client_.complaint().empty()
             ? fmt::format("is it on this network, or is a BBMD needed (lines: bbmd)? else give its address: "
                           "bacnet://address?device={}",
                           instance)
             : client_.complaint()},
        now);
    return std::max(device->back_off.retry_at(), now + search_time);
  }
  if (device->searched != Instant::min()) return device->searched + search_time;
  if (now < search_not_before_) return search_not_before_;
  search_not_before_ = now + between_searches;
  device->searched = now;
  say_who_is(global_broadcast, instance);
  return now + search_time;
}

void Line::say_who_is(const Address& to, std::uint32_t instance) {
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  WhoIs{InstanceRange{.low = instance, .high = instance}}.encode(out);
  client_.tell(to, UnconfirmedService::who_is, out.written());
}

io::Task<void> Line::confirm(DevicePtr device, Binding at) {
  const DeviceUrl& url = device->config.url;
  if (url.station && url.host) client_.network_layer().learn(url.station->network, to_mac(*url.host));
  auto limits = co_await confirm_device(client_, at.address, *url.instance);
  device->busy = false;
  if (device->removed || stopping_) co_return;
  const Instant now = executor_.now();
  const bool guessed = !url.address();
  device->remembered.reset();
  if (limits) {
    bind(device, {.address = at.address, .limits = *limits}, now);
  } else if (!guessed) {
    failed(device, std::move(limits).error(), now);
  }
  schedule(device, std::max(now, device->back_off.given_up() ? device->back_off.retry_at() : now));
  client_.wake();
}

void Line::bind(const DevicePtr& device, Binding binding, Instant now) {
  device->binding = binding;
  device->bound = now;
  device->searched = Instant::min();
  device->back_off.succeeded();
  device->rival.reset();
  const bool was_duplicate = std::exchange(device->duplicate, false);
  const bool was_mute = std::exchange(device->mute, false);
  if (was_duplicate || was_mute) state_alarms(*device);
  if (device->plan) device->plan->start_over(binding.limits, now);
  for (Device::Subscription& subscription : device->subscriptions)
    subscription = {};
  device->alarms_due = now;
}

io::Task<void> Line::learn(DevicePtr device) {
  const std::uint32_t instance = *device->config.url.instance;
  auto map = co_await discover(client_, *device->binding, instance,
                               {.only = device->config.objects, .rules = device->config.profile.rules});
  if (map && device->binding) {
    PropertyClient client(client_, *device->binding);
    client.set_limits(device->binding->limits);
    device->abilities = co_await read_abilities(client, instance);
  }
  device->busy = false;
  if (device->removed || stopping_) co_return;
  const Instant now = executor_.now();
  if (!map || !device->binding) {
    if (!map) failed(device, std::move(map).error().in(device->config.name), now);
    schedule(device, device->back_off.given_up() ? device->back_off.retry_at() : now + 1s);
    client_.wake();
    co_return;
  }
  auto shared = std::make_shared<const ObjectMap>(std::move(*map));
  std::vector<Duration> periods;
  for (const ObjectPoint& point : shared->points) {
    const auto own = device->config.point_periods.find(point.point.name);
    periods.push_back(own != device->config.point_periods.end()
                          ? own->second
                          : device->config.rates.period(point.point.rate));
  }
  device->plan.emplace(shared, std::move(periods), device->config.id.value(), device->binding->limits, now);
  if (device->config.cov) device->subscriptions.resize(shared->points.size());
  if (settings_.time_sync) device->time_due = now;
  device->back_off.succeeded();
  for (const RememberedClaim& old : std::exchange(device->old_claims, {})) {
    const auto point = std::ranges::find(shared->points, old.object, &ObjectPoint::object);
    if (point == shared->points.end() || !point->commandable || old.priority != device->config.priority)
      continue;
    claims_.push_back({.device = device,
                       .point = static_cast<std::uint16_t>(point - shared->points.begin()),
                       .expiry = now + old_claims_stand});
  }
  describe(*device);
  report(*device, DeviceState::online, "answers");
  schedule(device, now);
  client_.wake();
}

void Line::heard_i_am(const Address& from, const IAm& message, Instant now) {
  for (const DevicePtr& device : devices_) {
    if (device->config.url.instance != message.instance) continue;
    const Binding binding{.address = from, .limits = limits_in(message)};
    if (!device->binding) {
      if (device->busy || device->config.url.address()) continue;  // confirm() finds out
      bind(device, binding, now);
    } else if (device->binding->address == from) {
      if (device->busy) continue;
      // It has started anew, and forgot its subscribers.
      for (Device::Subscription& subscription : device->subscriptions)
        subscription = {};
    } else if (now - std::max(device->answered, device->bound) < moved_after) {
      device->rival = from;
      device->rival_heard = now;
    } else if (!device->busy && !device->config.url.address()) {
      bind(device, binding, now);
    }
    schedule(device, now);
  }
}

// The device went on answering after the other had claimed its instance.
void Line::rival_is_real(const DevicePtr& device, Instant asked) {
  if (!device->rival || device->duplicate || asked < device->rival_heard) return;
  device->duplicate = true;
  surroundings_.log.error(
      "{}: two devices have the instance {}: at {} and at {}; nothing is written until that is put right",
      device->config.name, *device->config.url.instance, to_string(device->binding->address),
      to_string(*device->rival));
  state_alarms(*device);
}

void Line::watch_rival(const DevicePtr& device, Instant now) {
  if (!device->rival) return;
  if (now - device->rival_heard >= rival_forgotten_after) {
    device->rival.reset();
    if (!std::exchange(device->duplicate, false)) return;
    surroundings_.log.info("{}: no other device has the instance {} any more", device->config.name,
                           *device->config.url.instance);
    return state_alarms(*device);
  }
  if (now - std::max(device->rival_heard, device->rival_asked) < ask_rival_every) return;
  device->rival_asked = now;
  say_who_is(*device->rival, *device->config.url.instance);
}

}  // namespace iw::bacnet
