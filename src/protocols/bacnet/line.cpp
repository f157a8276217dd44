#include "protocols/bacnet/line.hpp"

#include <algorithm>
#include <array>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

using bus::DeviceState;

// An answer to Who-Is may take this long, through routers too.
constexpr Duration search_time = 5s;
constexpr Duration between_searches = 100ms;
// Two addresses answering for one instance within this time are two devices, not one that moved.
constexpr Duration moved_after = 30s;
constexpr Duration open_again_after = 5s;
// Error data: services, unknown-subscription.
constexpr std::array unknown_subscription{std::byte{0x91}, std::byte{0x05}, std::byte{0x91}, std::byte{0x4F}};

}  // namespace

Line::Line(const BacnetLinePlan& plan, const driver::Surroundings& surroundings)
    : settings_(plan.settings()),
      surroundings_(surroundings),
      executor_(surroundings.network.executor()),
      tasks_(executor_),
      client_(settings_.client, surroundings.network, *this) {
  for (const LineDevice& device : plan.devices())
    add(device);
}

Line::~Line() = default;

std::unique_ptr<driver::Line> BacnetLinePlan::start(const driver::Surroundings& surroundings) const {
  return std::make_unique<Line>(*this, surroundings);
}

// ---- Devices

void Line::add(const LineDevice& config) {
  auto device = std::make_shared<Device>();
  device->config = config;
  devices_.push_back(device);
  if (not_open_) report(*device, DeviceState::offline, not_open_->message, not_open_->remedy);
  schedule(device, executor_.now());
}

void Line::remove(const DevicePtr& device, std::string reason) {
  device->removed = true;
  if (running_) cancel_subscriptions(device);
  for (const Claim& claim : claims_)
    if (claim.device == device) release(claim);
  std::erase_if(claims_, [&](const Claim& claim) { return claim.device == device; });
  mark(*device, model::Quality(model::Validity::invalid)
                    .with(model::Detail::failure)
                    .with(model::Detail::no_connection));
  report(*device, DeviceState::removed, std::move(reason));
  std::erase(devices_, device);
}

Line::DevicePtr Line::find(model::DeviceId id) const {
  const auto found = std::ranges::find_if(devices_, [id](const DevicePtr& d) { return d->config.id == id; });
  return found != devices_.end() ? *found : nullptr;
}

bool Line::has(model::DeviceId device) const { return find(device) != nullptr; }

bool Line::follow(const driver::LinePlan& plan) {
  const auto* wanted = dynamic_cast<const BacnetLinePlan*>(&plan);
  if (wanted == nullptr || wanted->settings() != settings_) return false;
  for (const DevicePtr& device : std::vector(devices_)) {
    if (std::ranges::find(wanted->devices(), device->config) == wanted->devices().end())
      remove(device, "no longer configured, or configured anew");
  }
  for (const LineDevice& config : wanted->devices())
    if (!has(config.id)) add(config);
  client_.wake();
  return true;
}

driver::LineStatus Line::status() const {
  const SessionCounters& session = client_.session_counters();
  const ClientCounters& counters = client_.counters();
  std::uint64_t skipped = 0;
  for (const DevicePtr& device : devices_)
    skipped += device->plan ? device->plan->skipped() : 0;
  return {.url = settings_.name,
          .connected = running_ && !not_open_,
          .devices = devices_.size(),
          .requests = session.requests,
          .answers = session.requests - session.timeouts - client_.waiting(),
          .refusals = refusals_,
          .timeouts = session.timeouts,
          .spoiled = counters.malformed,
          .late = session.late,
          .connects = 0,
          .connect_failures = 0,
          .skipped = skipped};
}

// ---- Running

io::Task<void> Line::run() {
  while (!stopping_) {
    auto opened = client_.open();
    if (opened) break;
    not_open_ = opened.error();
    for (const DevicePtr& device : devices_)
      report(*device, DeviceState::offline, not_open_->message, not_open_->remedy);
    co_await client_.wait(executor_.now() + open_again_after);
  }
  not_open_.reset();
  if (!stopping_) {
    running_ = true;
    client_.network_layer().look_around();
    co_await client_.run();
    running_ = false;
  }
  co_await tasks_.join();
}

Instant Line::work(Instant now) {
  if (stopping_) {
    if (releasing_ == 0 || now >= stop_at_) client_.close();
    return stop_at_;
  }
  while (!due_.empty() && due_.top().at <= now) {
    const Due next = due_.top();
    due_.pop();
    if (next.device->due != next.at || next.device->removed) continue;  // it was put off, or is gone
    next.device->due = never;
    schedule(next.device, step(next.device, now));
  }
  const Instant release = release_expired(now);
  return due_.empty() ? release : std::min(release, due_.top().at);
}

void Line::schedule(const DevicePtr& device, Instant at) {
  if (at >= device->due) return;
  device->due = at;
  due_.push({.at = at, .device = device});
}

// Asks what is due of this device; returns when it wants to be looked at again.
Instant Line::step(const DevicePtr& device, Instant now) {
  if (device->busy) return never;
  if (device->back_off.state(now) == polling::BackOff::State::open) return device->back_off.retry_at();
  if (!device->binding) return look_for(device, now);
  if (!device->plan) {
    device->busy = true;
    tasks_.spawn(learn(device));
    return never;
  }
  if (const auto busy = client_.busy_until(device->binding->address.network)) return *busy;
  // One question decides about a device that was given up.
  const std::size_t window = device->back_off.given_up() ? 1 : settings_.in_flight;
  while (device->in_flight < window) {
    const auto request = device->plan->next(now);
    if (!request) break;
    const Pending pending{.device = device, .purpose = Purpose::poll, .which = request->block, .sent = now};
    if (!ask(pending, request->service, request->parameters, false)) break;
  }
  const Instant subscribe = subscribe_due(device, now);
  return device->in_flight < window ? std::min(subscribe, device->plan->next_due()) : subscribe;
}

bool Line::ask(const Pending& pending, ConfirmedService service, Bytes parameters, bool once) {
  const std::uint64_t tag = next_tag_++;
  pending_.emplace(tag, pending);
  ++pending.device->in_flight;
  const auto asked = client_.ask(*this, tag, *pending.device->binding, service, parameters, once);
  if (!asked) answered(tag, asked.error(), executor_.now());
  return asked.has_value();
}

void Line::answered(std::uint64_t tag, const Outcome& outcome, Instant now) {
  const auto found = pending_.find(tag);
  if (found == pending_.end()) return;
  const Pending pending = std::move(found->second);
  pending_.erase(found);
  --pending.device->in_flight;
  if (!std::holds_alternative<Acknowledged>(outcome) && !std::holds_alternative<NoAnswer>(outcome))
    ++refusals_;
  if (pending.purpose == Purpose::release) {
    releasing_ -= releasing_ > 0 ? 1 : 0;
    return;
  }
  if (pending.device->removed || stopping_ || !pending.device->plan) return;
  if (pending.purpose == Purpose::subscribe) {
    subscribe_answered(pending, outcome, now);
  } else {
    poll_answered(pending, outcome, now);
  }
  schedule(pending.device, now);
}

void Line::poll_answered(const Pending& pending, const Outcome& outcome, Instant now) {
  Device& device = *pending.device;
  const auto verdict = device.plan->answered(pending.which, outcome, now, batch_);
  if (verdict == PollPlan::Verdict::silent) {
    batch_.clear();
    return failed(pending.device, *error_of(outcome), now);
  }
  device.back_off.succeeded();
  device.answered = now;
  if (device.state != DeviceState::online) report(device, DeviceState::online, "answers");
  if (!batch_.empty()) publish(device, pending.sent, now);
}

// ---- Finding

Instant Line::look_for(const DevicePtr& device, Instant now) {
  if (const auto address = device->config.url.address()) {
    device->busy = true;
    tasks_.spawn(confirm(device));
    return never;
  }
  if (device->searched != Instant::min() && now - device->searched >= search_time) {
    device->searched = Instant::min();
    const std::string instance = std::to_string(*device->config.url.instance);
    failed(device,
           {ErrorKind::timeout, "no device " + instance + " answered to Who-Is",
            client_.complaint().empty()
                ? "is it on this network, or is a BBMD needed (lines: bbmd)? else give its address: "
                  "bacnet://address?device=" +
                      instance
                : client_.complaint()},
           now);
    return std::max(device->back_off.retry_at(), now + search_time);
  }
  if (device->searched != Instant::min()) return device->searched + search_time;
  if (now < search_not_before_) return search_not_before_;
  search_not_before_ = now + between_searches;
  device->searched = now;
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  const std::uint32_t instance = *device->config.url.instance;
  WhoIs{InstanceRange{.low = instance, .high = instance}}.encode(out);
  client_.tell(global_broadcast, UnconfirmedService::who_is, out.written());
  return now + search_time;
}

io::Task<void> Line::confirm(DevicePtr device) {
  const DeviceUrl& url = device->config.url;
  if (url.station && url.host) client_.network_layer().learn(url.station->network, to_mac(*url.host));
  const Address address = *url.address();
  auto limits = co_await confirm_device(client_, address, *url.instance);
  device->busy = false;
  if (device->removed || stopping_) co_return;
  const Instant now = executor_.now();
  if (limits) {
    bind(device, {.address = address, .limits = *limits}, now);
  } else {
    failed(device, std::move(limits).error(), now);
  }
  schedule(device, std::max(now, device->back_off.given_up() ? device->back_off.retry_at() : now));
  client_.wake();
}

void Line::bind(const DevicePtr& device, Binding binding, Instant now) {
  device->binding = binding;
  device->searched = Instant::min();
  device->back_off.succeeded();
  if (device->plan) device->plan->start_over(binding.limits, now);
  for (Device::Subscription& subscription : device->subscriptions)
    subscription = {};
}

io::Task<void> Line::learn(DevicePtr device) {
  auto map =
      co_await discover(client_, *device->binding, *device->config.url.instance, device->config.objects);
  device->busy = false;
  if (device->removed || stopping_) co_return;
  const Instant now = executor_.now();
  if (!map) {
    failed(device, std::move(map).error().in(device->config.name), now);
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
  device->back_off.succeeded();
  describe(*device);
  report(*device, DeviceState::online, "answers");
  schedule(device, now);
  client_.wake();
}

void Line::heard(const Address& from, const UnconfirmedRequest& request, Instant now) {
  if (request.service == UnconfirmedService::i_am) {
    if (const auto message = IAm::decode(request.data)) heard_i_am(from, *message, now);
  } else if (request.service == UnconfirmedService::unconfirmed_cov_notification) {
    if (const auto notification = CovNotification::decode(request.data)) notified(from, *notification, now);
  }
}

void Line::heard_i_am(const Address& from, const IAm& message, Instant now) {
  for (const DevicePtr& device : devices_) {
    if (device->config.url.instance != message.instance || device->busy) continue;
    const Binding binding{.address = from,
                          .limits = {.max_apdu = static_cast<std::uint16_t>(
                                         std::clamp<std::uint32_t>(message.max_apdu, min_apdu, max_apdu_ip)),
                                     .receives_segments = message.segmentation == Segmentation::both ||
                                                          message.segmentation == Segmentation::receive}};
    if (!device->binding) {
      if (device->config.url.address()) continue;  // confirm() finds out
      bind(device, binding, now);
    } else if (device->binding->address == from) {
      // It has started anew, and forgot its subscribers.
      for (Device::Subscription& subscription : device->subscriptions)
        subscription = {};
    } else if (device->answered != Instant::min() && now - device->answered < moved_after) {
      device->duplicate = true;
      surroundings_.log.error(
          "{}: two devices have the instance {}: at {} and at {}; nothing is written until "
          "that is put right",
          device->config.name, message.instance, to_string(device->binding->address), to_string(from));
    } else if (!device->config.url.address()) {
      bind(device, binding, now);
    }
    schedule(device, now);
  }
}

std::optional<Apdu> Line::asked(const Address& from, const ConfirmedRequest& request, Instant now) {
  if (request.service != ConfirmedService::confirmed_cov_notification || request.segment) return std::nullopt;
  const auto notification = CovNotification::decode(request.data);
  if (!notification) return RejectPdu{.invoke_id = request.invoke_id, .reason = notification.error()};
  // Who sends what we did not subscribe to drops it when told so.
  if (!notified(from, *notification, now))
    return ErrorPdu{.invoke_id = request.invoke_id, .service = request.service, .data = unknown_subscription};
  return SimpleAck{.invoke_id = request.invoke_id, .service = request.service};
}

}  // namespace iw::bacnet
