// ReactivePower of an inverter or battery: fixed, by a power factor, or by the voltage (IEEE 1547-2018 5.3:
// constant reactive power, constant power factor, voltage-reactive power; names and defaults of the curve
// from there).
//
// In our sign + is into the equipment: absorbing is positive, injecting (over-excited) negative. Active power
// goes first: what the rating leaves, sqrt(S^2 - P^2), bounds the reactive power.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/sighted.hpp"

namespace iw::control {

struct VoltVarPoint {
  double voltage_percent = 100;  // of the nominal voltage
  double injected_percent = 0;   // of the rating, + injects
};

enum class Excitation : std::uint8_t { injecting, absorbing };

struct ReactivePowerParameters {
  const config::Value* place = nullptr;
  std::string asset;
  double rated_va = 0;
  double max_var = 0;  // 0: 44 % of the rating
  // One of three.
  std::optional<double> fixed_var;
  std::optional<double> power_factor;
  Excitation excitation = Excitation::absorbing;
  std::optional<std::string> voltage;

  double nominal_v = 230;
  std::vector<VoltVarPoint> curve{{92, 44}, {98, 0}, {102, 0}, {108, -44}};  // category B
  Duration response_time = 5s;
  Duration oldest = 15s;
  Duration period = 1s;
};

const config::Record<ReactivePowerParameters>& reactive_power_record();
void check(const ReactivePowerParameters& parameters, config::Findings& findings);

// Linear between the points, level beyond them.
double injected_percent(const std::vector<VoltVarPoint>& curve, double voltage_percent);

class ReactivePower final : public Sighted {
 public:
  explicit ReactivePower(ReactivePowerParameters parameters);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;

 private:
  // Into the equipment, before the bounds.
  [[nodiscard]] double wanted(Inputs inputs, double active_w) const;

  ReactivePowerParameters parameters_;
  std::optional<double> reached_var_;
};

}  // namespace iw::control
