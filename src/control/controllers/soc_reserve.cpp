#include "control/controllers/soc_reserve.hpp"

#include "base/append.hpp"
#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

const Record<ReserveParameters>& reserve_record() {
  using R = ReserveParameters;
  static const auto record =
      Record<R>()
          .required("battery", &R::battery, text(), "asset with StateOfCharge and ActivePowerSetpoint")
          .optional("reserve_percent", &R::reserve_percent, number(0, 100), "below, it is not discharged")
          .optional("full_percent", &R::full_percent, number(0, 100), "above, it is not charged")
          .optional("hysteresis_percent", &R::hysteresis_percent, number(0.1, 20),
                    "how far it must come back")
          .optional("charge_below_percent", &R::charge_below_percent, number(0, 100),
                    "below, it is charged up to the reserve; when left out, never")
          .optional("charge_w", &R::charge_w, number(0), "with at least so much")
          .place(&R::place);
  return record;
}

Declaration declare(const SocReserveParameters& parameters) {
  Declaration out{.kind = "soc_reserve", .period = parameters.period, .when_blind = WhenBlind::safe};
  for (const ReserveParameters& reserve : parameters.batteries) {
    out.inputs.push_back({.path = reserve.battery + "/StateOfCharge", .oldest = parameters.oldest});
    out.outputs.push_back({.path = reserve.battery + "/ActivePowerSetpoint"});
  }
  return out;
}

}  // namespace

const Record<SocReserveParameters>& soc_reserve_record() {
  using S = SocReserveParameters;
  static const auto record =
      Record<S>()
          .required("batteries", &S::batteries, list_of<ReserveParameters>(reserve_record()),
                    "each for itself")
          .optional("oldest", &S::oldest, duration(1s, 1h), "a state of charge that is older is not seen")
          .optional("period", &S::period, duration(100ms, 1min), "between two decisions")
          .place(&S::place);
  return record;
}

void check(const SocReserveParameters& parameters, Findings& findings) {
  check_count(parameters.place, "batteries", parameters.batteries.size(), findings);
  for (const ReserveParameters& reserve : parameters.batteries) {
    if (reserve.charge_below_percent && *reserve.charge_below_percent > reserve.reserve_percent)
      findings.error(place_of(reserve.place, "charge_below_percent"), "above the reserve");
    if (reserve.charge_below_percent && reserve.charge_w <= 0) {
      findings.error(place_of(reserve.place, "charge_w"), "charge_below_percent needs it",
                     "give the power to charge with");
    }
    if (reserve.full_percent <= reserve.reserve_percent)
      findings.error(place_of(reserve.place, "full_percent"), "not above the reserve");
  }
}

SocReserve::SocReserve(SocReserveParameters parameters)
    : Sighted(declare(parameters), 0),
      parameters_(std::move(parameters)),
      held_(parameters_.batteries.size()) {}

void SocReserve::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  std::string_view code = "above_reserve";
  const auto tell = [&](std::string_view its, const std::string& battery, std::string_view what) {
    if (decision.words.empty()) code = its;
    append(decision.words, "{}{} {}", decision.words.empty() ? "" : "; ", battery, what);
  };
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const ReserveParameters& reserve = parameters_.batteries[i];
    Held& held = held_[i];
    if (!inputs[i]) {
      wish(decision, i, Demand::at_least, 0);
      tell("blind_at_reserve", reserve.battery, "is not seen: not discharged");
      continue;
    }
    const double soc = inputs[i]->value();
    const double back = reserve.hysteresis_percent;
    held.low = soc <= reserve.reserve_percent || (held.low && soc < reserve.reserve_percent + back);
    held.full = soc >= reserve.full_percent || (held.full && soc > reserve.full_percent - back);
    held.charging =
        held.low && reserve.charge_below_percent &&
        (soc <= *reserve.charge_below_percent || (held.charging && soc < reserve.reserve_percent));
    if (held.charging) {
      wish(decision, i, Demand::at_least, reserve.charge_w);
      tell("charging_to_reserve", reserve.battery,
           fmt::format("is at {:.0f} %: charged up to {:.0f} %", soc, reserve.reserve_percent));
    } else if (held.low) {
      wish(decision, i, Demand::at_least, 0);
      tell("at_reserve", reserve.battery,
           fmt::format("is at {:.0f} %: not discharged below {:.0f} %", soc, reserve.reserve_percent));
    } else if (held.full) {
      wish(decision, i, Demand::at_most, 0);
      tell("full", reserve.battery,
           fmt::format("is at {:.0f} %: not charged above {:.0f} %", soc, reserve.full_percent));
    }
  }
  decision.code = code;
  if (decision.words.empty()) decision.words = "all batteries are above their reserve";
}

}  // namespace iw::control
