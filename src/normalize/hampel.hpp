// Hampel: is the newest sample an outlier? It is, when it is further from the median of the last seven
// (itself among them) than so many standard deviations, estimated as 1.4826 x the median distance from the
// median (MAD; R. Pearson's three-sigma edit rule in the causal form).
//
// A level that has really changed looks like an outlier at first. Three in a row on the same side and near
// each other are believed; the two that were rejected are then known to be real and can be had from
// rejected().
//
// Two things keep the MAD honest: it is never taken for less than `floor`, because a quantised flat signal
// has a MAD of 0, and nothing is judged before the window is full.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/time.hpp"

namespace iw::normalize {

class Hampel {
 public:
  enum class Verdict : std::uint8_t { accepted, rejected, level_changed };

  struct Sample {
    WallTime time;
    double value = 0;
  };

  Verdict judge(Sample sample, double sigmas, double floor);

  // What to put in the place of a rejected sample.
  [[nodiscard]] double median() const { return median_; }
  // After a change of level, until the next sample: those that were rejected before it, oldest first.
  [[nodiscard]] std::span<const Sample> rejected() const { return std::span(suspects_).first(believed_); }

 private:
  void add(double value);

  static constexpr std::size_t width = 7;       // k = 3 on each side of the centred form
  static constexpr std::size_t to_believe = 3;  // rejected in a row

  std::array<double, width> window_{};
  std::uint8_t next_ = 0;
  std::uint8_t filled_ = 0;
  std::array<Sample, to_believe> suspects_{};
  std::uint8_t in_a_row_ = 0;
  std::uint8_t believed_ = 0;
  double last_accepted_ = 0;
  double median_ = 0;
};

}  // namespace iw::normalize
