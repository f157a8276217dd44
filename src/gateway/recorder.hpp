// Recorder: from the gateway to its history. The core gathers what was normalised and hands it over four
// times a second; the historian lives on the storage executor, where the disk may be slow: when too much
// waits for it, what comes is dropped and counted, and nobody else notices.
//
// All methods on the core executor. stop() before the storage executor ends; destroyed after that.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/log.hpp"
#include "bus/feed.hpp"
#include "gateway/normalizer.hpp"
#include "historian/historian.hpp"
#include "io/executor.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

class Recorder final : private io::Timer {
 public:
  struct Executors {
    io::Executor& core;
    io::Executor& storage;
  };
  Recorder(Executors executors, historian::Historian historian, Log& log);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder() override;

  // What the counters had reached when the history ended: before the first device is described.
  void restore_counters(Normalizer& normalizer) const;

  void describe(const model::SiteModel::Device& device);
  // The numbers of the raw batch are kept beside those that normalisation has changed.
  void record(const model::SampleBatch& raw, const normalize::Normalized& clean,
              const Normalizer& normalizer);

  // Of earlier times, as the device had kept them.
  void record_past(const bus::PastValues& past, const Normalizer& normalizer);

  // Everything so far is on the disk; then calls `stopped`.
  void stop(std::move_only_function<void()> stopped);

  // Of the history, as it is a quarter of a second ago at the earliest; `done` is called with it.
  void excerpt(historian::Excerpt::Wanted wanted,
               std::move_only_function<void(historian::Excerpt)> done) const;

  // Not more than a second old.
  [[nodiscard]] const historian::Status& status() const { return status_; }
  // Samples for which there was no room.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  // What crosses to the storage executor.
  struct Columns {
    std::vector<model::PointId> point;  // of each sample
    historian::Samples samples;
  };
  struct Gathered {
    Columns clean;
    Columns measured;  // where it has another number
    [[nodiscard]] std::size_t size() const { return clean.point.size() + measured.point.size(); }
    std::vector<std::pair<model::PointId, normalize::CounterState>> counters;
  };
  // What was last noted of a counter: its state is worth a note when its base has moved, or has grown old.
  struct Noted {
    double base = 0;
    Instant at = Instant::min();
  };
  class Store;

  void on_timer() override;
  void add(Columns& to, model::PointId point, WallTime time, double value, model::Quality quality);
  void note_counter(model::PointId point, const Normalizer& normalizer);
  void hand_over();

  io::Executor& core_;
  io::Executor& storage_;
  std::unique_ptr<Store> store_;  // used on the storage executor only
  std::map<model::PointId, Noted> noted_;
  Gathered gathered_;
  std::atomic<std::size_t> waiting_{0};  // samples handed over and not yet recorded
  std::uint64_t dropped_ = 0;
  historian::Status status_;
};

}  // namespace iw::gateway
