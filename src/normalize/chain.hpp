// Chain: the normalisation of one device's samples, a batch at a time. What goes in stays as it is, the raw
// values; what comes out stands beside it, sample for sample, together with what shall be reported, what
// became known of earlier times, and the minutes that are over. README.md has the steps and their order.
//
// Time comes in with the batch. Intervals are measured by `received`, which never steps. The same batches
// give the same output bit for bit; a batch that comes again changes nothing and gives the same values again.
//
// One thread at a time. Nothing is allocated once the output has grown to its size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "model/batch.hpp"
#include "normalize/counter.hpp"
#include "normalize/hampel.hpp"
#include "normalize/low_pass.hpp"
#include "normalize/settings.hpp"
#include "normalize/skew.hpp"
#include "normalize/summary.hpp"

namespace iw::normalize {

// A sample of an earlier time: interpolated into a gap, or rejected at its time and known to be real now. It
// replaces what a history has for that time.
struct LateSample {
  std::uint16_t index = 0;
  WallTime time;
  double value = 0;
  model::Quality quality;

  friend bool operator==(const LateSample&, const LateSample&) = default;
};

// Texts are not touched: they are in the raw batch.
struct Normalized {
  model::SampleBatch values;   // sample i belongs to sample i of the raw batch
  model::SampleBatch reports;  // those of them that are an exception (deadband, quality, heartbeat)
  std::vector<LateSample> late;
  std::vector<Summary> summaries;
};

struct PointSettings {
  model::Quantity quantity{};
  Settings settings;
};

class Chain {
 public:
  // Point i of the device has points[i], which check() (settings.hpp) has seen.
  explicit Chain(std::span<const PointSettings> points);

  // Overwrites `out`.
  void apply(const model::SampleBatch& raw, Normalized& out);
  // Time has come so far without a sample: appends the minutes that are over.
  void advance(WallTime time, std::vector<Summary>& over);

  // The device's own clock, where it tells. While it is off, samples are marked.
  [[nodiscard]] ClockSkew& clock() { return clock_; }

  // To be stored with the samples, and given back before the first batch of another life; null if the point
  // is no counter.
  [[nodiscard]] CounterState* counter(std::uint16_t index);
  [[nodiscard]] const CounterState* counter(std::uint16_t index) const;

 private:
  // Settings are shared by the points that have the same: few differ.
  struct Rule {
    Settings settings;
    Kind kind{};
    LowPass low_pass;
  };
  // What a sample leaves behind for the next one. All of it is touched by every sample, so it stands
  // together; what few points need has a slot elsewhere. Speed is memory: keep it small.
  struct Point {
    std::uint32_t rule = 0;
    std::uint32_t slot = 0;          // of its summary or its counter
    std::uint32_t outlier_slot = 0;  // where its rule has these
    std::uint32_t stuck_slot = 0;
    Instant seen = Instant::min();  // received, of the newest sample
    double value = 0;               // what came out of it
    model::Quality quality;
    model::Quality reported_quality;
    double reported = 0;
    Instant reported_at = Instant::min();
    double measured = 0;  // of the newest that could be used: what was measured, and what came out
    double used = 0;
    Instant used_at = Instant::min();
  };
  struct Rest {
    double value = 0;
    Instant since;
    std::uint32_t samples = 0;
  };
  struct Sample;

  void normalize(Sample& sample, Normalized& out);
  void check_range(Sample& sample) const;
  void check_rate(Sample& sample) const;
  void check_stuck(Sample& sample);
  void count_on(Sample& sample);
  void reject_outlier(Sample& sample, Normalized& out);
  void summarize(Sample& sample, Normalized& out);
  void low_pass(Sample& sample);
  void fill_gap(Sample& sample, Normalized& out) const;
  void report_exception(Sample& sample, Normalized& out) const;

  std::vector<Rule> rules_;
  std::vector<Point> points_;
  std::vector<Summarizer> summarizers_;
  std::vector<Hampel> outliers_;
  std::vector<Rest> rests_;
  std::vector<CounterState> counters_;
  ClockSkew clock_;
};

}  // namespace iw::normalize
