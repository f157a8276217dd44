// Rule: what a user writes: when conditions on points have held for a while, wishes; as data, not as a
// program.
//
// A condition is a point above or below a bound, with a hysteresis; all of them, or any, make the rule true.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "control/controllers/wish_parameters.hpp"

namespace iw::control {

struct Condition {
  const config::Value* place = nullptr;
  std::string point;
  std::optional<double> above, below;
  double hysteresis = 0;
  Duration oldest = 1min;
};

struct RuleParameters {
  const config::Value* place = nullptr;
  std::vector<Condition> all, any;
  Duration after = 0s;
  Duration at_least_for = 0s;
  std::vector<WishParameters> then;
  Duration period = 1s;
};

const config::Record<RuleParameters>& rule_record();
void check(const RuleParameters& parameters, config::Findings& findings);

class Rule final : public Sighted {
 public:
  explicit Rule(RuleParameters parameters);

 protected:
  void decide(Inputs inputs, const Now& now, Decision& decision) override;
  void lose_sight() override { true_since_.reset(); }

 private:
  void see(Inputs inputs);
  [[nodiscard]] bool holds() const;

  RuleParameters parameters_;
  std::vector<bool> met_;  // of `all`, then of `any`
  std::optional<Instant> true_since_;
  std::optional<Instant> on_since_;
};

}  // namespace iw::control
