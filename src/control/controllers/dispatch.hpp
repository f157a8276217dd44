// Dispatch: batteries follow a setpoint that somebody orders (an aggregator, a utility), with a ramp from
// where they are, and with a ramp back when the order ends or is not seen any more.
#pragma once

#include <optional>
#include <string>

#include "control/controllers/batteries.hpp"

namespace iw::control {

struct DispatchParameters : BatteriesParameters {
  std::string setpoint;
  double ramp_w_per_s = 1000;
  Duration oldest = 10s;
  Duration hold_for = 1min;
  Duration period = 1s;
};

const config::Record<DispatchParameters>& dispatch_record();
void check(const DispatchParameters& parameters, config::Findings& findings);

class Dispatch final : public Sighted {
 public:
  explicit Dispatch(DispatchParameters parameters);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  Dispatch(DispatchParameters parameters, Batteries batteries);

  DispatchParameters parameters_;
  Batteries batteries_;
  std::optional<double> ordered_w_;
  std::optional<double> command_w_;
  double unseen_s_ = 0;
};

}  // namespace iw::control
