// FieldFeed: the road from a field thread to the core thread. Drivers publish on their executor; the core
// takes batches and notices off on its own, in the order in which they were published.
//
// Batches go through a bounded queue and are dropped (and counted) when the core is stalled; descriptions and
// events are few and are never dropped.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <variant>
#include <vector>

#include "bus/feed.hpp"
#include "io/handover.hpp"

namespace iw::bus {

using Notice = std::variant<model::DeviceDescription, DeviceEvent, DeviceAlarms, PastValues, DriverMemory>;

class FieldFeed final : public Feed {
 public:
  struct Receiver {
    std::function<void(Notice&)> on_notice;
    std::function<void(const model::SampleBatch&)> on_batch;
  };

  FieldFeed(io::Executor& core, Receiver receiver, std::size_t capacity = 1024);

  void describe(model::DeviceDescription description) override { put(std::move(description)); }
  void report(DeviceEvent event) override { put(std::move(event)); }
  void state(DeviceAlarms alarms) override { put(std::move(alarms)); }
  void recall(PastValues values) override { put(std::move(values)); }
  void remember(DriverMemory memory) override { put(std::move(memory)); }
  void publish(model::SampleBatch& batch) override { pushed_ += batches_.push(batch) ? 1 : 0; }

  [[nodiscard]] std::uint64_t dropped() const { return batches_.dropped(); }

 private:
  struct Placed {
    std::uint64_t after = 0;  // so many batches
    Notice notice;
  };

  void put(Notice notice);
  void drain();
  void take_notices();

  Receiver receiver_;
  std::mutex mutex_;  // of notices_
  std::vector<Placed> notices_;
  std::vector<Placed> due_;
  std::atomic<bool> noticed_{false};
  std::uint64_t pushed_ = 0;   // batches; the driver's
  std::uint64_t drained_ = 0;  // the core's
  io::Handover<model::SampleBatch> batches_;
};

}  // namespace iw::bus
