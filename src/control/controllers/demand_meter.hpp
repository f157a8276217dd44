// DemandMeter: the average power of each interval of the clock, usually a quarter of an hour, and the highest
// of the calendar month: what a tariff bills. Local time of the site; time that nobody measured is not
// guessed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace iw::control {

class DemandMeter {
 public:
  explicit DemandMeter(Duration interval) : interval_s_(std::chrono::duration<double>(interval).count()) {}

  // The power of the last seconds, until the local clock shows `at`; 0 seconds: that time was not measured.
  void add(LocalTime at, double seconds, double power_w);

  // The highest average of an interval of this month that was measured at nine tenths or more; 0: none yet.
  [[nodiscard]] double month_peak() const { return peak_w_; }

  // What the power may be until the end of the interval, at the local time of the last add(), for its average
  // not to exceed `target`. What was not measured is taken to be the target.
  [[nodiscard]] double allowed(double target_w) const;

  [[nodiscard]] std::string state() const;
  Result<void> restore(std::string_view state);

 private:
  void count(double seconds, double power_w);
  void close();

  double interval_s_;
  double month_ = 0;  // since year 0
  double peak_w_ = 0;
  double begin_s_ = -1;  // of the interval, on the local clock; -1: none
  double at_s_ = 0;
  double energy_ws_ = 0;
  double measured_s_ = 0;
};

}  // namespace iw::control
