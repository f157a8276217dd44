#include "control/controllers/frequency_response.hpp"

#include <algorithm>
#include <cmath>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

Declaration declare(const FrequencyResponseParameters& parameters, Batteries& batteries) {
  Declaration out{.kind = "frequency_response",
                  .inputs = {{.path = parameters.frequency, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .at_once = true,
                  .when_blind = WhenBlind::hold};
  batteries.declare(out);
  return out;
}

FrequencyResponseParameters with_rating(FrequencyResponseParameters parameters) {
  if (parameters.rated_w > 0) return parameters;
  for (const BatteryParameters& battery : parameters.batteries)
    parameters.rated_w += std::max(battery.max_charge_w, battery.max_discharge_w);
  return parameters;
}

}  // namespace

const Record<FrequencyResponseParameters>& frequency_response_record() {
  using F = FrequencyResponseParameters;
  static const auto record =
      Record<F>()
          .required("frequency", &F::frequency, point_path(), "measured on the site")
          .required("batteries", &F::batteries, list_of<BatteryParameters>(battery_record()), "what answers")
          .optional("split", &F::split, one_of(split_words), "how a total is split over them")
          .optional("nominal_hz", &F::nominal_hz, number(45, 65), "of the grid")
          .optional("deadband_hz", &F::deadband_hz, number(0, 1), "dbOF, dbUF: no answer within")
          .optional("droop_percent", &F::droop_percent, number(0.1, 20),
                    "kOF, kUF: change of frequency, of nominal, that makes rated power")
          .optional("rated_w", &F::rated_w, number(0),
                    "rated power of the droop; 0: of all batteries together")
          .optional("oldest", &F::oldest, duration(20ms, 10s), "a frequency that is older is not seen")
          .optional("hold_for", &F::hold_for, duration(0s, 1min), "blind, it keeps so long what it wished")
          .optional("period", &F::period, duration(10ms, 10s),
                    "between two decisions when no new value comes")
          .place(&F::place);
  return record;
}

void check(const FrequencyResponseParameters& parameters, Findings& findings) {
  check(static_cast<const BatteriesParameters&>(parameters), findings);
}

double droop(double frequency_hz, const FrequencyResponseParameters& parameters) {
  const double off = frequency_hz - parameters.nominal_hz;
  const double beyond = std::max(0.0, std::abs(off) - parameters.deadband_hz);
  return std::copysign(parameters.rated_w * beyond / (parameters.nominal_hz * parameters.droop_percent / 100),
                       off);
}

FrequencyResponse::FrequencyResponse(FrequencyResponseParameters parameters)
    : FrequencyResponse(with_rating(parameters), Batteries(parameters)) {}

FrequencyResponse::FrequencyResponse(FrequencyResponseParameters parameters, Batteries batteries)
    : Sighted(declare(parameters, batteries), 1, parameters.hold_for),
      parameters_(std::move(parameters)),
      batteries_(std::move(batteries)) {}

void FrequencyResponse::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  const double frequency = inputs[0]->value();
  batteries_.see(inputs);
  if (!batteries_.any_seen()) return say(decision, "no_battery", "none of its batteries is seen");
  if (std::abs(frequency - parameters_.nominal_hz) <= parameters_.deadband_hz) {
    power_before_w_ = batteries_.power();
    return say(decision, "within_deadband", "{:.3f} Hz is within the deadband", frequency);
  }
  const double total = power_before_w_ + droop(frequency, parameters_);
  double given = 0;
  for (const auto& [output, power_w] : batteries_.shares(total)) {
    wish(decision, output, Demand::set, power_w);
    given += power_w;
  }
  say(decision, "responding", "{:.3f} Hz: {} wanted, {} possible", frequency, Power(total), Power(given));
}

}  // namespace iw::control
