#include "control/controllers/peak_shaving.hpp"

#include <algorithm>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

// A battery that was ready for a peak is charged again when so many percent are gone.
constexpr double ready_hysteresis = 3;

Declaration declare(const PeakShavingParameters& parameters, Batteries& batteries) {
  Declaration out{.kind = "peak_shaving",
                  .inputs = {{.path = parameters.grid, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .when_blind = WhenBlind::hold};
  batteries.declare(out);
  return out;
}

}  // namespace

const Record<PeakShavingParameters>& peak_shaving_record() {
  using P = PeakShavingParameters;
  static const auto record =
      Record<P>()
          .required("grid", &P::grid, point_path(), "power at the grid connection, + is import")
          .required("peak_w", &P::peak_w, number(0), "average of an interval that is not exceeded")
          .required("batteries", &P::batteries, list_of<BatteryParameters>(battery_record()), "what shaves")
          .optional("split", &P::split, one_of(split_words), "how a total is split over them")
          .optional("interval", &P::interval, duration(1min, 1h), "what the tariff averages over")
          .optional("recharge_below_w", &P::recharge_below_w, number(),
                    "they are charged while the grid gives less; when left out, never")
          .optional("ready_soc_percent", &P::ready_soc_percent, number(0, 100), "until they are so full")
          .optional("oldest", &P::oldest, duration(100ms, 10min),
                    "a value of the meter that is older is not seen")
          .optional("period", &P::period, duration(50ms, 10s), "between two decisions")
          .optional("hold_for", &P::hold_for, duration(0s, 1h), "blind, it keeps so long what it wished")
          .place(&P::place);
  return record;
}

void check(const PeakShavingParameters& parameters, Findings& findings) {
  check(static_cast<const BatteriesParameters&>(parameters), findings);
  if (parameters.recharge_below_w && *parameters.recharge_below_w > parameters.peak_w) {
    findings.error(place_of(parameters.place, "recharge_below_w"),
                   "above peak_w: charging would make the peak");
  }
}

PeakShaving::PeakShaving(PeakShavingParameters parameters) : PeakShaving(parameters, Batteries(parameters)) {}

PeakShaving::PeakShaving(PeakShavingParameters parameters, Batteries batteries)
    : Sighted(declare(parameters, batteries), 1, parameters.hold_for),
      parameters_(std::move(parameters)),
      batteries_(std::move(batteries)),
      meter_(parameters_.interval) {}

void PeakShaving::decide(Inputs inputs, const Now& now, Decision& decision) {
  const double grid = inputs[0]->value();
  batteries_.see(inputs);
  // After a longer time the gateway was away.
  const bool is_step = elapsed() <= in_seconds(std::max(now.longest_step, 3 * parameters_.period));
  if (now.wall_trusted) meter_.add(now.zone.local(now.wall), is_step ? elapsed() : 0, grid);
  if (!batteries_.any_seen()) {
    command_.stop();
    return say(decision, "no_battery", "none of its batteries is seen");
  }

  const double peak = std::max(parameters_.peak_w, meter_.month_peak());
  // Without the time there is no interval: the peak holds at every moment.
  const double allowed = now.wall_trusted ? meter_.allowed(peak) : peak;
  const double rest = grid - batteries_.power();
  const double headroom = allowed - rest;
  if (headroom < 0) {
    const double total = command_.toward(std::max(headroom, -batteries_.can_discharge()), batteries_.power());
    set_all(total, Demand::set, decision);
    return say(decision, "shaving",
               "{} without the batteries, {} allowed until the interval ends (peak {}): {} wanted of them",
               Power(rest), Power(allowed), Power(peak), Power(-headroom));
  }
  if (recharges(rest)) {
    const double wanted = std::min({*parameters_.recharge_below_w - rest, headroom, batteries_.can_charge()});
    const double total = command_.toward(wanted, batteries_.power());
    set_all(total, Demand::set, decision);
    return say(decision, "recharging", "charging with {} for the next peak: {:.0f} % of {:.0f} %",
               Power(total), batteries_.soc(), parameters_.ready_soc_percent);
  }
  command_.stop();
  if (headroom < batteries_.can_charge()) {
    set_all(headroom, Demand::at_most, decision);
    return say(decision, "near_peak",
               "{} without the batteries, {} allowed until the interval ends: charging at most {}",
               Power(rest), Power(allowed), Power(headroom));
  }
  say(decision, "below_peak",
      "{} without the batteries, {} allowed until the interval ends: nothing to shave", Power(rest),
      Power(allowed));
}

bool PeakShaving::recharges(double rest_w) {
  const double ready = parameters_.ready_soc_percent;
  ready_ = batteries_.soc() >= ready || (ready_ && batteries_.soc() > ready - ready_hysteresis);
  return !ready_ && parameters_.recharge_below_w && rest_w < *parameters_.recharge_below_w &&
         batteries_.can_charge() > 0;
}

void PeakShaving::set_all(double total_w, Demand demand, Decision& decision) {
  for (const auto& [output, power_w] : batteries_.shares(total_w))
    wish(decision, output, demand, power_w);
}

}  // namespace iw::control
