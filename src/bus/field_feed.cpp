#include "bus/field_feed.hpp"

#include <utility>

namespace iw::bus {

FieldFeed::FieldFeed(io::Executor& core, Receiver receiver, std::size_t capacity)
    : receiver_(std::move(receiver)), batches_(capacity, core, [this] { drain(); }) {}

void FieldFeed::put(Notice notice) {
  {
    const std::scoped_lock lock(mutex_);
    notices_.push_back(std::move(notice));
  }
  noticed_.store(true, std::memory_order_release);
  // An empty batch carries the wake-up, so that notices and batches keep their order. When the queue is full
  // the core is awake anyway and takes the notice with the next batch.
  model::SampleBatch wake_up;
  batches_.push(wake_up);
}

void FieldFeed::drain() {
  batches_.drain([this](model::SampleBatch& batch) {
    if (noticed_.exchange(false, std::memory_order_acquire)) take_notices();
    if (!batch.empty()) receiver_.on_batch(batch);
    batch.clear();
  });
}

void FieldFeed::take_notices() {
  {
    const std::scoped_lock lock(mutex_);
    std::swap(notices_, taken_);
  }
  for (Notice& notice : taken_)
    receiver_.on_notice(notice);
  taken_.clear();
}

}  // namespace iw::bus
