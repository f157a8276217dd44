#include "control/controllers/demand_response.hpp"

#include <algorithm>
#include <array>

#include "control/controllers/points.hpp"
#include "control/controllers/state_line.hpp"
#include "control/controllers/words.hpp"

namespace iw::control {

using namespace config;  // the table below reads better without it at every word

namespace {

const Record<ReducedPoint>& reduced_point_record() {
  using R = ReducedPoint;
  static const auto record =
      Record<R>()
          .required("point", &R::point, point_path(), "what is lowered")
          .required("normal_w", &R::normal_w, number(0), "what it may take without an event")
          .place(&R::place);
  return record;
}

const Record<LevelParameters>& level_record() {
  using L = LevelParameters;
  static const auto record =
      Record<L>()
          .required("level", &L::level, number(), "from this level on, up to the next in the list")
          .required("percent", &L::percent, number(0, 100), "of normal_w that is allowed");
  return record;
}

Declaration declare(const DemandResponseParameters& parameters) {
  Declaration out{.kind = "demand_response",
                  .inputs = {{.path = parameters.level, .oldest = parameters.oldest}},
                  .outputs = {},
                  .period = parameters.period,
                  .when_blind = WhenBlind::hold};
  for (const ReducedPoint& moved : parameters.moves)
    out.outputs.push_back({.path = moved.point});
  return out;
}

}  // namespace

const Record<DemandResponseParameters>& demand_response_record() {
  using D = DemandResponseParameters;
  static const auto record =
      Record<D>()
          .required("level", &D::level, point_path(), "the level that is ordered, 0: none")
          .required("levels", &D::levels, list_of<LevelParameters>(level_record()),
                    "what each level allows, in rising order")
          .required("moves", &D::moves, list_of<ReducedPoint>(reduced_point_record()), "what is lowered")
          .optional("ramp", &D::ramp, duration(0s, 1h), "from everything to nothing")
          .optional("recovery_delay", &D::recovery_delay, duration(0s, 24h),
                    "between the end of an event and the recovery")
          .optional("recovery", &D::recovery, duration(0s, 24h), "from nothing to everything")
          .optional("oldest", &D::oldest, duration(1s, 1h), "a level that is older is not seen")
          .optional("hold_for", &D::hold_for, duration(0s, 24h),
                    "the level stands so long when it is not seen")
          .optional("period", &D::period, duration(50ms, 1min), "between two decisions")
          .place(&D::place);
  return record;
}

void check(const DemandResponseParameters& parameters, Findings& findings) {
  check_count(parameters.place, "moves", parameters.moves.size(), findings);
  const auto not_rising = [](const LevelParameters& a, const LevelParameters& b) {
    return a.level >= b.level || a.percent < b.percent;
  };
  if (parameters.levels.empty() || parameters.levels.front().level <= 0 ||
      std::ranges::adjacent_find(parameters.levels, not_rising) != parameters.levels.end()) {
    findings.error(place_of(parameters.place, "levels"),
                   "not in rising order above 0, each allowing no more than the one before");
  }
}

DemandResponse::DemandResponse(DemandResponseParameters parameters)
    : Sighted(declare(parameters), 0), parameters_(std::move(parameters)) {}

void DemandResponse::decide(Inputs inputs, const Now& /*now*/, Decision& decision) {
  unseen_s_ = inputs[0] ? 0 : unseen_s_ + elapsed();
  const bool kept = !inputs[0] && unseen_s_ <= in_seconds(parameters_.hold_for);
  if (!kept) level_ = inputs[0] ? inputs[0]->value() : 0;
  const double target = percent_of(level_);
  move_toward(target);

  if (percent_ >= 100) {
    return say(decision, inputs[0] ? "normal" : "blind", "{}",
               inputs[0] ? "no event" : "blind (the level is not seen), wishes nothing");
  }
  for (std::size_t i = 0; i < parameters_.moves.size(); ++i)
    wish(decision, i, Demand::at_most, parameters_.moves[i].normal_w * percent_ / 100);
  if (target > percent_)
    return say(decision, "recovering", "level {:g}: back at {:.0f} % of normal", level_, percent_);
  say(decision, kept ? "blind_holding" : "reducing", "level {:g}{}: {:.0f} % of normal, {:.0f} % wanted",
      level_, kept ? " (not seen any more, kept)" : "", percent_, target);
}

double DemandResponse::percent_of(double level) const {
  double percent = 100;
  for (const LevelParameters& step : parameters_.levels) {
    if (level >= step.level) percent = step.percent;
  }
  return percent;
}

void DemandResponse::move_toward(double target) {
  const auto reach = [&](Duration whole) { return whole > 0s ? elapsed() * 100 / in_seconds(whole) : 100; };
  if (target <= percent_) {
    waited_s_ = 0;
    percent_ = std::max(target, percent_ - reach(parameters_.ramp));
    return;
  }
  waited_s_ += elapsed();
  if (waited_s_ > in_seconds(parameters_.recovery_delay))
    percent_ = std::min(target, percent_ + reach(parameters_.recovery));
}

std::string DemandResponse::state() const {
  double level = level_;
  double percent = percent_;
  return write_state(std::array<StateField, 2>{{{"level", &level}, {"percent", &percent}}});
}

Result<void> DemandResponse::restore(std::string_view state) {
  return read_state(state, std::array<StateField, 2>{{{"level", &level_}, {"percent", &percent_}}});
}

}  // namespace iw::control
