// FreshValue: the only form in which control, protection and alarms take a measurement. There is no way to
// make one but from(), which refuses whatever is not the process itself, now: invalid, questionable, old,
// substituted, interpolated.
//
// Freshness is judged by the monotonic clock, so that a step of the wall clock neither freshens nor ages a
// value. Ask again at each decision: a FreshValue that was put aside does not know that time went by.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/quality.hpp"

namespace iw::model {

class FreshValue {
 public:
  struct Reading {
    double value = 0;
    Quality quality;
    Instant received;
  };
  static Result<FreshValue> from(const Reading& reading, Instant now, Duration oldest);

  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] Instant received() const { return received_; }

 private:
  FreshValue(double value, Instant received) : value_(value), received_(received) {}

  double value_;
  Instant received_;
};

}  // namespace iw::model
