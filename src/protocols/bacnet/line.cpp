#include "protocols/bacnet/line.hpp"

#include <algorithm>
#include <array>

#include "protocols/bacnet/line_device.hpp"

namespace iw::bacnet {
namespace {

using bus::DeviceState;

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
  if (!surroundings_.memory.empty()) {
    kept_ = surroundings_.files.read(memory_path()).value_or("");
    memory_ = parse_memory(kept_);
  }
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
  recollect(device);
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
  device->alarms.clear();
  device->duplicate = false;
  device->mute = false;
  state_alarms(*device);
  mark(*device, model::Quality(model::Validity::invalid)
                    .with(model::Detail::failure)
                    .with(model::Detail::no_connection));
  report(*device, DeviceState::removed, std::move(reason));
  requests_.forget(device->config.id);
  std::erase(devices_, device);
}

Line::DevicePtr Line::find(model::DeviceId id) const {
  const auto found = std::ranges::find_if(devices_, [id](const DevicePtr& d) { return d->config.id == id; });
  return found != devices_.end() ? *found : nullptr;
}

bool Line::has(model::DeviceId device) const { return find(device) != nullptr; }

bool Line::let_go(const driver::LinePlan& plan) {
  const auto* wanted = dynamic_cast<const BacnetLinePlan*>(&plan);
  if (wanted == nullptr || wanted->settings() != settings_) return false;
  for (const DevicePtr& device : std::vector(devices_)) {
    if (std::ranges::find(wanted->devices(), device->config) == wanted->devices().end())
      remove(device, "no longer configured, or configured anew");
  }
  client_.wake();
  return true;
}

bool Line::follow(const driver::LinePlan& plan) {
  if (!let_go(plan)) return false;
  for (const LineDevice& config : dynamic_cast<const BacnetLinePlan&>(plan).devices())
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
          .skipped = skipped,
          .latency = requests_.latency()};
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
    keep_at_ = executor_.now();
    keep(keep_at_);
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
  const Instant next = std::min(release_expired(now), keep(now));
  return due_.empty() ? next : std::min(next, due_.top().at);
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
  const Instant others = std::min(subscribe_due(device, now), look_after(device, now));
  return device->in_flight < window ? std::min(others, device->plan->next_due()) : others;
}

bool Line::ask(const Pending& pending, ConfirmedService service, Bytes parameters, bool once) {
  const std::uint64_t tag = next_tag_++;
  pending_.emplace(tag, pending);
  ++pending.device->in_flight;
  asking_ = pending.device->config.id;
  const auto asked = client_.ask(*this, tag, *pending.device->binding, service, parameters, once);
  asking_.reset();
  if (!asked) answered(tag, asked.error(), executor_.now());
  return asked.has_value();
}

// Polls, which are many, say whose they are; of others it is looked up.
void Line::request_begun(Ticket ticket, const Address& to, ConfirmedService service, Instant now) {
  const auto at = [&](const DevicePtr& d) { return d->binding && d->binding->address == to; };
  const auto found = asking_ ? devices_.end() : std::ranges::find_if(devices_, at);
  const model::DeviceId whose = found != devices_.end() ? (*found)->config.id : RequestBook::nobody;
  requests_.asked(ticket, asking_.value_or(whose), to, service, now);
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
    if (std::holds_alternative<Acknowledged>(outcome)) forget_claim(*pending.device, pending.which);
    return;
  }
  if (pending.purpose == Purpose::release_many) return released_many(pending, outcome);
  if (pending.purpose == Purpose::acknowledge) return;
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
  rival_is_real(pending.device, pending.sent);
  if (device.state != DeviceState::online) report(device, DeviceState::online, "answers");
  if (!batch_.empty()) publish(device, pending.sent, now);
}

// ---- What others say

void Line::heard(const Address& from, const UnconfirmedRequest& request, Instant now) {
  if (request.service == UnconfirmedService::i_am) {
    if (const auto message = IAm::decode(request.data)) heard_i_am(from, *message, now);
  } else if (request.service == UnconfirmedService::unconfirmed_cov_notification) {
    if (const auto notification = CovNotification::decode(request.data)) notified(from, *notification, now);
  } else if (request.service == UnconfirmedService::unconfirmed_event_notification) {
    if (const auto event = EventNotification::decode(request.data)) event_notified(from, *event, now);
  }
}

std::optional<Apdu> Line::asked(const Address& from, const ConfirmedRequest& request, Instant now) {
  if (request.segment) return std::nullopt;
  if (request.service == ConfirmedService::confirmed_event_notification) {
    const auto event = EventNotification::decode(request.data);
    if (!event) return RejectPdu{.invoke_id = request.invoke_id, .reason = event.error()};
    event_notified(from, *event, now);  // a device that is not ours need not ask again either
    return SimpleAck{.invoke_id = request.invoke_id, .service = request.service};
  }
  if (request.service != ConfirmedService::confirmed_cov_notification) return std::nullopt;
  const auto notification = CovNotification::decode(request.data);
  if (!notification) return RejectPdu{.invoke_id = request.invoke_id, .reason = notification.error()};
  // Who sends what we did not subscribe to drops it when told so.
  if (!notified(from, *notification, now))
    return ErrorPdu{.invoke_id = request.invoke_id, .service = request.service, .data = unknown_subscription};
  return SimpleAck{.invoke_id = request.invoke_id, .service = request.service};
}

}  // namespace iw::bacnet
