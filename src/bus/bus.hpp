// Bus: publish and subscribe inside the process, on the core executor.
//
// A subscriber has a bounded queue and says what happens when it is slow. A watcher is called at once for
// every batch, on the publisher's stack, and must be quick: the live state is one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bus/feed.hpp"
#include "io/signal.hpp"
#include "model/batch.hpp"

namespace iw::bus {

enum class WhenFull : std::uint8_t {
  drop_oldest,  // the newest matter: dashboards
  drop_newest,  // order and beginning matter: recorders that report the gap
};

struct SubscriptionSettings {
  std::size_t capacity = 256;  // batches
  WhenFull when_full = WhenFull::drop_oldest;
};

class Bus;

// One subscriber's queue. It may outlive the bus's interest: destroying it ends the subscription.
class Subscription {
 public:
  Subscription(Bus& bus, io::Executor& executor, SubscriptionSettings settings);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

  // Takes the next batch by swapping it with `batch`; false when there is none.
  bool take(model::SampleBatch& batch);
  // Wakes when there is something to take.
  [[nodiscard]] io::Signal& ready() { return ready_; }

  [[nodiscard]] std::size_t waiting() const { return count_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  friend class Bus;
  void offer(const model::SampleBatch& batch);

  Bus& bus_;
  WhenFull when_full_;
  io::Signal ready_;
  std::vector<model::SampleBatch> ring_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
};

class Bus {
 public:
  explicit Bus(io::Executor& executor) : executor_(executor) {}
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscriptionSettings settings);
  void watch(std::function<void(const model::SampleBatch&)> on_batch) {
    watchers_.push_back(std::move(on_batch));
  }

  void publish(const model::SampleBatch& batch);

  [[nodiscard]] std::uint64_t batches() const { return batches_; }
  [[nodiscard]] std::uint64_t samples() const { return samples_; }

 private:
  friend class Subscription;

  io::Executor& executor_;
  std::vector<std::function<void(const model::SampleBatch&)>> watchers_;
  std::vector<Subscription*> subscriptions_;
  std::uint64_t batches_ = 0;
  std::uint64_t samples_ = 0;
};

}  // namespace iw::bus
