#include "bus/bus.hpp"

#include <algorithm>
#include <utility>

namespace iw::bus {

std::string_view to_string(DeviceState state) {
  switch (state) {
    case DeviceState::starting: return "starting";
    case DeviceState::online: return "online";
    case DeviceState::offline: return "offline";
    case DeviceState::removed: return "removed";
  }
  return "unknown";
}

Subscription::Subscription(Bus& bus, io::Executor& executor, SubscriptionSettings settings)
    : bus_(bus),
      when_full_(settings.when_full),
      ready_(executor),
      ring_(std::max<std::size_t>(settings.capacity, 1)) {
  bus_.subscriptions_.push_back(this);
}

Subscription::~Subscription() { std::erase(bus_.subscriptions_, this); }

void Subscription::offer(const model::SampleBatch& batch) {
  if (count_ == ring_.size()) {
    ++dropped_;
    if (when_full_ == WhenFull::drop_newest) return;
    head_ = (head_ + 1) % ring_.size();
    --count_;
  }
  ring_[(head_ + count_) % ring_.size()] = batch;  // copies into the slot's storage
  ++count_;
}

bool Subscription::take(model::SampleBatch& batch) {
  if (count_ == 0) return false;
  swap(batch, ring_[head_]);
  --count_;
  // An empty queue starts over, in storage that is still warm.
  head_ = count_ == 0 ? 0 : (head_ + 1) % ring_.size();
  return true;
}

std::unique_ptr<Subscription> Bus::subscribe(SubscriptionSettings settings) {
  return std::make_unique<Subscription>(*this, executor_, settings);
}

void Bus::publish(const model::SampleBatch& batch) {
  ++batches_;
  samples_ += batch.size() + batch.texts.size();
  for (const auto& watcher : watchers_)
    watcher(batch);
  // Queued first and woken afterwards: a subscriber that runs at once may end any subscription, its own
  // included.
  for (Subscription* subscription : subscriptions_)
    subscription->offer(batch);
  for (std::size_t i = 0; i < subscriptions_.size(); ++i)
    subscriptions_[i]->ready_.set();
}

}  // namespace iw::bus
