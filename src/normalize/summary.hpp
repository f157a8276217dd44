// Summary: what a point did in one minute, exactly: least, greatest, average weighted by time, and how many
// samples. Report by exception loses none of it: it is made from every sample, before any filter.
//
// A value counts from its time to the next sample's, and not longer than one window. So a window begins with
// the value of the one before, which belongs to its least and greatest too: least <= average <= greatest.
// Windows are aligned to UTC.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/time.hpp"

namespace iw::normalize {

constexpr Duration window = 1min;

struct Summary {
  std::uint16_t index = 0;
  WallTime begin;
  double minimum = 0;
  double maximum = 0;
  double average = 0;
  Duration covered{};         // of the window, in which the value was known
  std::uint32_t samples = 0;  // may be 0: the value of the window before still counted

  friend bool operator==(const Summary&, const Summary&) = default;
};

// Of one point. Windows that are over are appended to `done`.
class Summarizer {
 public:
  void add(std::uint16_t index, WallTime time, double value, std::vector<Summary>& done) {
    if (time >= end_ || time < since_) [[unlikely]]
      turn_over(index, time, done);
    integrate(time);
    held_ = value;
    held_until_ = time + window;
    include(value);
    ++samples_;
  }
  // Time has come so far without a sample.
  void advance(std::uint16_t index, WallTime time, std::vector<Summary>& done) {
    if (time >= end_) turn_over(index, time, done);
  }

 private:
  void turn_over(std::uint16_t index, WallTime time, std::vector<Summary>& done);
  void close(std::uint16_t index, std::vector<Summary>& done);
  void begin(WallTime time);

  void integrate(WallTime until) {
    const WallTime held = std::min(until, held_until_);
    if (held > since_) {
      integral_ += held_ * static_cast<double>((held - since_).count());
      covered_ += held - since_;
    }
    since_ = until;
  }
  void include(double value) {
    minimum_ = std::min(minimum_, value);
    maximum_ = std::max(maximum_, value);
  }

  double held_ = 0;
  WallTime held_until_ = WallTime::min();
  WallTime since_ = WallTime::min();  // integrated as far as here
  WallTime end_ = WallTime::min();    // of the window
  double minimum_ = 0;
  double maximum_ = 0;
  double integral_ = 0;  // value x ns
  Duration covered_{};
  std::uint32_t samples_ = 0;
};

}  // namespace iw::normalize
