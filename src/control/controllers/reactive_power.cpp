#include "control/controllers/reactive_power.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "control/controllers/points.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

// 1547-2018 table 7, category B, both directions.
constexpr double capability = 0.44;

constexpr std::array excitations{Word<Excitation>{"injecting", Excitation::injecting},
                                 Word<Excitation>{"absorbing", Excitation::absorbing}};

const Record<VoltVarPoint>& volt_var_record() {
  using V = VoltVarPoint;
  static const auto record =
      Record<V>()
          .required("voltage_percent", &V::voltage_percent, number(50, 150), "of nominal_v")
          .required("injected_percent", &V::injected_percent, number(-100, 100),
                    "of rated_va, + injects, - absorbs");
  return record;
}

Declaration declare(const ReactivePowerParameters& parameters) {
  Declaration out{.kind = "reactive_power",
                  .inputs = {{.path = parameters.asset + "/ActivePower", .oldest = parameters.oldest}},
                  .outputs = {{.path = parameters.asset + "/ReactivePowerSetpoint"}},
                  .period = parameters.period,
                  .when_blind = WhenBlind::release};
  if (parameters.voltage) out.inputs.push_back({.path = *parameters.voltage, .oldest = parameters.oldest});
  return out;
}

}  // namespace

const Record<ReactivePowerParameters>& reactive_power_record() {
  using R = ReactivePowerParameters;
  static const auto record =
      Record<R>()
          .required("asset", &R::asset, text(), "has ActivePower and ReactivePowerSetpoint")
          .required("rated_va", &R::rated_va, number(1), "its rated apparent power")
          .optional("max_var", &R::max_var, number(0), "not more, either way; 0: 44 % of the rating")
          .optional("fixed_var", &R::fixed_var, number(), "constant reactive power, + absorbs")
          .optional("power_factor", &R::power_factor, number(0.5, 1), "or constant power factor")
          .optional("excitation", &R::excitation, one_of(excitations), "of the power factor")
          .optional("voltage", &R::voltage, point_path(), "or by this voltage and the curve")
          .optional("nominal_v", &R::nominal_v, number(50), "of that voltage")
          .optional(
              "curve", &R::curve, list_of<VoltVarPoint>(volt_var_record()),
              "rising voltage; when left out, the default of category B: 92 % 44, 98 % 0, 102 % 0, 108 % -44")
          .optional("response_time", &R::response_time, duration(0s, 90s), "open loop, to 90 % of a step")
          .optional("oldest", &R::oldest, duration(100ms, 10min), "a value that is older is not seen")
          .optional("period", &R::period, duration(50ms, 1min), "between two decisions")
          .place(&R::place);
  return record;
}

void check(const ReactivePowerParameters& parameters, Findings& findings) {
  const int given = int{parameters.fixed_var.has_value()} + int{parameters.power_factor.has_value()} +
                    int{parameters.voltage.has_value()};
  if (given != 1) {
    findings.error(parameters.place->place(),
                   fmt::format("{} of fixed_var, power_factor and voltage are given", given),
                   "give exactly one");
  }
  const auto not_rising = [](const VoltVarPoint& a, const VoltVarPoint& b) {
    return a.voltage_percent >= b.voltage_percent || a.injected_percent < b.injected_percent;
  };
  if (parameters.curve.size() < 2 ||
      std::ranges::adjacent_find(parameters.curve, not_rising) != parameters.curve.end()) {
    findings.error(place_of(parameters.place, "curve"),
                   "not two points or more of rising voltage, each injecting no more than the one before");
  }
}

double injected_percent(const std::vector<VoltVarPoint>& curve, double voltage_percent) {
  const auto above = std::ranges::upper_bound(curve, voltage_percent, {}, &VoltVarPoint::voltage_percent);
  if (above == curve.begin()) return curve.front().injected_percent;
  if (above == curve.end()) return curve.back().injected_percent;
  const VoltVarPoint& below = *std::prev(above);
  const double part =
      (voltage_percent - below.voltage_percent) / (above->voltage_percent - below.voltage_percent);
  return std::lerp(below.injected_percent, above->injected_percent, part);
}

ReactivePower::ReactivePower(ReactivePowerParameters parameters)
    : Sighted(declare(parameters), parameters.voltage ? 2 : 1), parameters_(std::move(parameters)) {
  if (parameters_.max_var <= 0) parameters_.max_var = capability * parameters_.rated_va;
}

void ReactivePower::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  const double active = inputs[0]->value();
  const double left = std::sqrt(std::max(0.0, parameters_.rated_va * parameters_.rated_va - active * active));
  const double bound = std::min(parameters_.max_var, left);
  const double target = std::clamp(wanted(inputs, active), -bound, bound);
  // 90 % of a step within the response time: a first-order lag of so much / ln 10.
  const double lag_s = in_seconds(parameters_.response_time) / std::numbers::ln10;
  const double part = lag_s > 0 ? 1 - std::exp(-elapsed() / lag_s) : 1;
  const double from = reached_var_.value_or(0);
  reached_var_ =
      std::clamp(reached_var_ || lag_s > 0 ? from + part * (target - from) : target, -bound, bound);
  wish(decision, 0, Demand::set, *reached_var_);

  const std::string_view verb = target > 0 ? "absorbs" : "injects";
  const Power amount{.value = std::abs(target), .unit = "VAr"};
  if (parameters_.fixed_var) return say(decision, "fixed", "{} {}", verb, amount);
  if (parameters_.power_factor) {
    return say(decision, "power_factor", "{} at power factor {:.2f}: {} {}", Power(active),
               *parameters_.power_factor, verb, amount);
  }
  say(decision, "volt_var", "{:.1f} V, {:.1f} % of nominal: {} {}", inputs[1]->value(),
      inputs[1]->value() / parameters_.nominal_v * 100, verb, amount);
}

double ReactivePower::wanted(Inputs inputs, double active_w) const {
  if (parameters_.fixed_var) return *parameters_.fixed_var;
  if (parameters_.power_factor) {
    const double amount = std::abs(active_w) * std::tan(std::acos(*parameters_.power_factor));
    return parameters_.excitation == Excitation::absorbing ? amount : -amount;
  }
  const double voltage_percent = inputs[1]->value() / parameters_.nominal_v * 100;
  return -injected_percent(parameters_.curve, voltage_percent) / 100 * parameters_.rated_va;
}

}  // namespace iw::control
