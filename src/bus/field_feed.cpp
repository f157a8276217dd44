#include "bus/field_feed.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace iw::bus {

FieldFeed::FieldFeed(io::Executor& core, Receiver receiver, std::size_t capacity)
    : receiver_(std::move(receiver)), batches_(capacity, core, [this] { drain(); }) {}

void FieldFeed::put(Notice notice) {
  {
    const std::scoped_lock lock(mutex_);
    notices_.push_back({.after = pushed_, .notice = std::move(notice)});
    noticed_.store(true, std::memory_order_release);
  }
  // An empty batch carries the wake-up. When the queue is full the core is awake anyway and takes the notice
  // behind the batches that are there.
  model::SampleBatch wake_up;
  publish(wake_up);
}

void FieldFeed::drain() {
  batches_.drain([this](model::SampleBatch& batch) {
    take_notices();
    if (!batch.empty()) receiver_.on_batch(batch);
    batch.clear();
    ++drained_;
  });
  take_notices();
}

// Those whose turn it is.
void FieldFeed::take_notices() {
  if (!noticed_.load(std::memory_order_acquire)) return;
  {
    const std::scoped_lock lock(mutex_);
    const auto later = std::ranges::find_if(notices_, [this](const Placed& p) { return p.after > drained_; });
    due_.assign(std::make_move_iterator(notices_.begin()), std::make_move_iterator(later));
    notices_.erase(notices_.begin(), later);
    noticed_.store(!notices_.empty(), std::memory_order_relaxed);
  }
  for (Placed& placed : due_)
    receiver_.on_notice(placed.notice);
  due_.clear();
}

}  // namespace iw::bus
