// FrequencyResponse: active power against a deviation of the grid's frequency, in proportion beyond a
// deadband (droop; IEEE 1547-2018 6.5.2.7.1, with its words db and k):
//
//   low:  P = P_pre - rated x ((f_nominal - db) - f) / (f_nominal x k)
//   high: P = P_pre + rated x (f - (f_nominal + db)) / (f_nominal x k)
//
// in our sign, + charges; P_pre is the power when the frequency left the deadband. Within the deadband it
// wishes nothing. A step without a missing input allocates nothing.
#pragma once

#include <string>

#include "control/controllers/batteries.hpp"

namespace iw::control {

struct FrequencyResponseParameters : BatteriesParameters {
  std::string frequency;
  double nominal_hz = 50;
  double deadband_hz = 0.036;
  double droop_percent = 5;
  double rated_w = 0;  // 0: of all batteries together
  Duration oldest = 3s;
  Duration hold_for = 1s;
  Duration period = 200ms;
};

const config::Record<FrequencyResponseParameters>& frequency_response_record();
void check(const FrequencyResponseParameters& parameters, config::Findings& findings);

// The answer to a frequency beside P_pre, + charges.
double droop(double frequency_hz, const FrequencyResponseParameters& parameters);

class FrequencyResponse final : public Sighted {
 public:
  explicit FrequencyResponse(FrequencyResponseParameters parameters);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  FrequencyResponse(FrequencyResponseParameters parameters, Batteries batteries);

  FrequencyResponseParameters parameters_;
  Batteries batteries_;
  double power_before_w_ = 0;
};

}  // namespace iw::control
