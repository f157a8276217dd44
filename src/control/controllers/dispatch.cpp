#include "control/controllers/dispatch.hpp"

#include <algorithm>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

Declaration declare(const DispatchParameters& parameters, Batteries& batteries) {
  Declaration out{.kind = "dispatch",
                  .inputs = {{.path = parameters.setpoint, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .when_blind = WhenBlind::hold};
  batteries.declare(out);
  return out;
}

}  // namespace

const Record<DispatchParameters>& dispatch_record() {
  using D = DispatchParameters;
  static const auto record =
      Record<D>()
          .required("setpoint", &D::setpoint, point_path(),
                    "the power that is ordered of all together, + charges")
          .required("batteries", &D::batteries, list_of<BatteryParameters>(battery_record()),
                    "what follows it")
          .optional("split", &D::split, one_of(split_words), "how a total is split over them")
          .optional("ramp_w_per_s", &D::ramp_w_per_s, number(1), "of all together, both ways")
          .optional("oldest", &D::oldest, duration(100ms, 10min), "an order that is older is not seen")
          .optional("hold_for", &D::hold_for, duration(0s, 24h),
                    "the order stands so long when it is not seen")
          .optional("period", &D::period, duration(50ms, 1min), "between two decisions")
          .place(&D::place);
  return record;
}

void check(const DispatchParameters& parameters, Findings& findings) {
  check(static_cast<const BatteriesParameters&>(parameters), findings);
}

Dispatch::Dispatch(DispatchParameters parameters) : Dispatch(parameters, Batteries(parameters)) {}

Dispatch::Dispatch(DispatchParameters parameters, Batteries batteries)
    : Sighted(declare(parameters, batteries), 0),
      parameters_(std::move(parameters)),
      batteries_(std::move(batteries)) {}

void Dispatch::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  batteries_.see(inputs);
  unseen_s_ = inputs[0] ? 0 : unseen_s_ + elapsed();
  if (inputs[0]) ordered_w_ = inputs[0]->value();
  const bool held = !inputs[0] && ordered_w_ && unseen_s_ <= in_seconds(parameters_.hold_for);
  if (!inputs[0] && !held) ordered_w_.reset();
  if (!batteries_.any_seen()) {
    command_w_.reset();
    return say(decision, "no_battery", "none of its batteries is seen");
  }
  if (!ordered_w_ && !command_w_) return say(decision, "blind", "no order is seen, wishes nothing");

  const double wanted =
      std::clamp(ordered_w_.value_or(0), -batteries_.can_discharge(), batteries_.can_charge());
  const double from = command_w_.value_or(batteries_.power());
  const double reach = parameters_.ramp_w_per_s * elapsed();
  command_w_ = std::clamp(wanted, from - reach, from + reach);
  for (const auto& [output, power_w] : batteries_.shares(*command_w_))
    wish(decision, output, Demand::set, power_w);
  if (ordered_w_) {
    return say(decision, held ? "blind_holding" : "dispatched", "{} ordered{}, {} possible: {} now",
               Power(*ordered_w_), held ? " (not seen any more, kept)" : "", Power(wanted),
               Power(*command_w_));
  }
  say(decision, "recovering", "no order any more: {} on the way to 0 W", Power(*command_w_));
  if (*command_w_ == 0) command_w_.reset();
}

}  // namespace iw::control
