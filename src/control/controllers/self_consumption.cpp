#include "control/controllers/self_consumption.hpp"

#include <algorithm>
#include <cmath>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

Declaration declare(const SelfConsumptionParameters& parameters, Batteries& batteries) {
  Declaration out{.kind = "self_consumption",
                  .inputs = {{.path = parameters.grid, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .when_blind = WhenBlind::release};
  batteries.declare(out);
  return out;
}

}  // namespace

const Record<SelfConsumptionParameters>& self_consumption_record() {
  using S = SelfConsumptionParameters;
  static const auto record =
      Record<S>()
          .required("grid", &S::grid, point_path(), "power at the grid connection, + is import")
          .required("batteries", &S::batteries, list_of<BatteryParameters>(battery_record()), "what stores")
          .optional("split", &S::split, one_of(split_words), "how a total is split over them")
          .optional("target_w", &S::target_w, number(), "wanted at the grid connection")
          .optional("deadband_w", &S::deadband_w, number(0), "a smaller difference is let be")
          .optional("oldest", &S::oldest, duration(100ms, 10min),
                    "a value of the meter that is older is not seen")
          .optional("period", &S::period, duration(50ms, 1min), "between two decisions")
          .place(&S::place);
  return record;
}

void check(const SelfConsumptionParameters& parameters, Findings& findings) {
  check(static_cast<const BatteriesParameters&>(parameters), findings);
}

SelfConsumption::SelfConsumption(SelfConsumptionParameters parameters)
    : SelfConsumption(parameters, Batteries(parameters)) {}

SelfConsumption::SelfConsumption(SelfConsumptionParameters parameters, Batteries batteries)
    : Sighted(declare(parameters, batteries), 1),
      parameters_(std::move(parameters)),
      batteries_(std::move(batteries)) {}

void SelfConsumption::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  const double grid = inputs[0]->value();
  batteries_.see(inputs);
  if (!batteries_.any_seen()) {
    command_.stop();
    return say(decision, "no_battery", "none of its batteries is seen");
  }
  const double measured = batteries_.power();
  const double off = parameters_.target_w - grid;
  const double wanted = std::clamp(std::abs(off) <= parameters_.deadband_w ? measured : measured + off,
                                   -batteries_.can_discharge(), batteries_.can_charge());
  const double total = command_.toward(wanted, measured);
  for (const auto& [output, power_w] : batteries_.shares(total))
    wish(decision, output, Demand::set, power_w);
  if (total > 0) return say(decision, "storing", "{} at the grid: storing {}", Power(grid), Power(total));
  if (total < 0) return say(decision, "giving", "{} at the grid: giving {}", Power(grid), Power(-total));
  say(decision, "idle", "{} at the grid: nothing to store or to give", Power(grid));
}

}  // namespace iw::control
