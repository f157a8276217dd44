// SelfConsumption: batteries take what the site has too much of, and give what it lacks, so that the grid
// connection shows a target, usually nothing.
#pragma once

#include <string>

#include "control/controllers/batteries.hpp"
#include "control/controllers/following.hpp"

namespace iw::control {

struct SelfConsumptionParameters : BatteriesParameters {
  std::string grid;
  double target_w = 0;
  double deadband_w = 50;
  Duration oldest = 5s;
  Duration period = 1s;
};

const config::Record<SelfConsumptionParameters>& self_consumption_record();
void check(const SelfConsumptionParameters& parameters, config::Findings& findings);

class SelfConsumption final : public Sighted {
 public:
  explicit SelfConsumption(SelfConsumptionParameters parameters);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  SelfConsumption(SelfConsumptionParameters parameters, Batteries batteries);

  SelfConsumptionParameters parameters_;
  Batteries batteries_;
  Following command_;
};

}  // namespace iw::control
