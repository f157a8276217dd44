// PeakShaving: the average power of each interval that is billed stays below a peak. A peak that the month
// already has is not worth shaving: it takes the place of the configured one until the month ends.
//
// Batteries give what is above the power that the interval still allows. Below it, they may be charged by
// others up to what it allows, and are charged for the next peak where that is configured.
#pragma once

#include <optional>
#include <string>

#include "control/controllers/batteries.hpp"
#include "control/controllers/demand_meter.hpp"
#include "control/controllers/following.hpp"

namespace iw::control {

struct PeakShavingParameters : BatteriesParameters {
  std::string grid;
  double peak_w = 0;
  Duration interval = 15min;
  std::optional<double> recharge_below_w;
  double ready_soc_percent = 80;
  Duration oldest = 5s;
  Duration period = 1s;
  Duration hold_for = 1min;
};

const config::Record<PeakShavingParameters>& peak_shaving_record();
void check(const PeakShavingParameters& parameters, config::Findings& findings);

class PeakShaving final : public Sighted {
 public:
  explicit PeakShaving(PeakShavingParameters parameters);

  [[nodiscard]] std::string state() const override { return meter_.state(); }
  Result<void> restore(std::string_view state) override { return meter_.restore(state); }

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  PeakShaving(PeakShavingParameters parameters, Batteries batteries);
  bool recharges(double rest_w);
  void set_all(double total_w, Demand demand, Decision& decision);

  PeakShavingParameters parameters_;
  Batteries batteries_;
  DemandMeter meter_;
  Following command_;
  bool ready_ = false;
};

}  // namespace iw::control
