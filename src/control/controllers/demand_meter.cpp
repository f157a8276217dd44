#include "control/controllers/demand_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "control/controllers/state_line.hpp"

namespace iw::control {

namespace {

double month_of(LocalTime at) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

auto fields(auto& month, auto& peak, auto& begin, auto& energy, auto& measured) {
  return std::array<StateField, 5>{{{"month", &month},
                                    {"peak_w", &peak},
                                    {"interval_s", &begin},
                                    {"energy_ws", &energy},
                                    {"measured_s", &measured}}};
}

}  // namespace

void DemandMeter::add(LocalTime at, double seconds, double power_w) {
  at_s_ = static_cast<double>(at.time_since_epoch().count());
  const double begin = std::floor(at_s_ / interval_s_) * interval_s_;
  if (begin != begin_s_) {
    // What lies before belongs to the interval that ends.
    const double before = seconds - (at_s_ - begin);
    if (begin == begin_s_ + interval_s_ && before > 0) count(before, power_w);
    close();
    begin_s_ = begin;
    if (const double month = month_of(at); month != month_) {
      month_ = month;
      peak_w_ = 0;
    }
  }
  count(std::min(seconds, at_s_ - begin_s_), power_w);
}

void DemandMeter::count(double seconds, double power_w) {
  energy_ws_ += power_w * seconds;
  measured_s_ += seconds;
}

void DemandMeter::close() {
  if (measured_s_ >= 0.9 * interval_s_) peak_w_ = std::max(peak_w_, energy_ws_ / measured_s_);
  energy_ws_ = measured_s_ = 0;
}

double DemandMeter::allowed(double target_w) const {
  const double left = begin_s_ + interval_s_ - at_s_;
  const double missing = std::max(0.0, at_s_ - begin_s_ - measured_s_);
  if (begin_s_ < 0 || left <= 0) return target_w;
  return (target_w * (interval_s_ - missing) - energy_ws_) / left;
}

std::string DemandMeter::state() const {
  DemandMeter copy = *this;
  return write_state(fields(copy.month_, copy.peak_w_, copy.begin_s_, copy.energy_ws_, copy.measured_s_));
}

Result<void> DemandMeter::restore(std::string_view state) {
  return read_state(state, fields(month_, peak_w_, begin_s_, energy_ws_, measured_s_));
}

}  // namespace iw::control
