#include "control/controllers/rule.hpp"

#include <algorithm>
#include <set>

#include "control/controllers/words.hpp"

namespace iw::control {

namespace {

const config::Record<Condition>& condition_record() {
  using C = Condition;
  static const auto record =
      config::Record<C>()
          .required("point", &C::point, point_path(), "what is compared")
          .optional("above", &C::above, config::number(), "true when it is above")
          .optional("below", &C::below, config::number(), "or below")
          .optional("hysteresis", &C::hysteresis, config::number(0),
                    "how far it must come back to be false again")
          .optional("oldest", &C::oldest, config::duration(100ms, 1h), "a value that is older is not seen")
          .place(&C::place);
  return record;
}

const config::Record<WishParameters>& then_record() {
  static const auto record = with_wish(config::Record<WishParameters>());
  return record;
}

Declaration declare(const RuleParameters& parameters) {
  Declaration out{.kind = "rule", .period = parameters.period, .when_blind = WhenBlind::release};
  for (const std::vector<Condition>* conditions : {&parameters.all, &parameters.any}) {
    for (const Condition& condition : *conditions)
      out.inputs.push_back({.path = condition.point, .oldest = condition.oldest});
  }
  for (const WishParameters& then : parameters.then)
    out.outputs.push_back({.path = then.point});
  return out;
}

}  // namespace

const config::Record<RuleParameters>& rule_record() {
  using R = RuleParameters;
  static const auto record =
      config::Record<R>()
          .optional("all", &R::all, config::list_of<Condition>(condition_record()),
                    "conditions that must hold together")
          .optional("any", &R::any, config::list_of<Condition>(condition_record()),
                    "conditions of which one must hold")
          .optional("after", &R::after, config::duration(0s, 24h), "they must have held for so long")
          .optional("at_least_for", &R::at_least_for, config::duration(0s, 24h),
                    "what is wished is wished so long at least")
          .required("then", &R::then, config::list_of<WishParameters>(then_record()), "what is wished")
          .optional("period", &R::period, config::duration(50ms, 1min), "between two decisions")
          .place(&R::place);
  return record;
}

void check(const RuleParameters& parameters, config::Findings& findings) {
  check_count(parameters.place, "then", parameters.then.size(), findings);
  if (parameters.all.empty() && parameters.any.empty())
    findings.error(parameters.place->place(), "a rule without a condition", "give some under all: or any:");
  for (const std::vector<Condition>* conditions : {&parameters.all, &parameters.any}) {
    for (const Condition& condition : *conditions) {
      if (condition.above.has_value() == condition.below.has_value())
        findings.error(condition.place->place(), "a condition has either above or below");
    }
  }
  std::set<std::string_view> moved;
  for (const WishParameters& then : parameters.then) {
    check(then, findings);
    if (!moved.insert(then.point).second)
      findings.error(place_of(then.place, "point"), fmt::format("{} is wished twice", then.point));
  }
}

Rule::Rule(RuleParameters parameters)
    : Sighted(declare(parameters), parameters.all.size() + parameters.any.size()),
      parameters_(std::move(parameters)),
      met_(parameters_.all.size() + parameters_.any.size()) {}

void Rule::decide(Inputs inputs, const Now& now, Decision& decision) {
  see(inputs);
  if (!holds()) {
    true_since_.reset();
  } else if (!true_since_) {
    true_since_ = now.instant;
  }
  const bool due = true_since_ && now.instant - *true_since_ >= parameters_.after;
  const bool kept = on_since_ && now.instant - *on_since_ < parameters_.at_least_for;
  if (!due && !kept) {
    on_since_.reset();
    return true_since_ ? say(decision, "waiting", "its conditions hold, but not yet for long enough")
                       : say(decision, "not_met", "its conditions do not hold");
  }
  if (!on_since_) on_since_ = now.instant;
  for (std::size_t i = 0; i < parameters_.then.size(); ++i) {
    const auto [demand, value] = parameters_.then[i].demand();
    wish(decision, i, demand, value);
  }
  say(decision, due ? "met" : "kept", "{}: {}{}", due ? "its conditions hold" : "kept for its minimum time",
      to_string(parameters_.then.front()), parameters_.then.size() > 1 ? ", and others" : "");
}

void Rule::see(Inputs inputs) {
  std::size_t i = 0;
  for (const std::vector<Condition>* conditions : {&parameters_.all, &parameters_.any}) {
    for (const Condition& condition : *conditions) {
      const double value = inputs[i]->value();
      const double slack = met_[i] ? condition.hysteresis : 0;
      met_[i] = condition.above ? value > *condition.above - slack : value < *condition.below + slack;
      ++i;
    }
  }
}

bool Rule::holds() const {
  const auto all_end = met_.begin() + static_cast<std::ptrdiff_t>(parameters_.all.size());
  const bool all = std::all_of(met_.begin(), all_end, [](bool met) { return met; });
  const bool any = parameters_.any.empty() || std::any_of(all_end, met_.end(), [](bool met) { return met; });
  return all && any;
}

}  // namespace iw::control
