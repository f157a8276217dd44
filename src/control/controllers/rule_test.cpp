#include "control/controllers/rule.hpp"

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;

namespace {

RuleParameters parameters() {
  WishParameters off;
  off.point = "charger/ConnectCommand";
  off.off = true;
  return {.all = {{.point = "battery/StateOfCharge", .below = 20, .hysteresis = 5},
                  {.point = "grid/ActivePower", .above = 1000, .hysteresis = 200}},
          .any = {},
          .then = {off}};
}

}  // namespace

TEST_CASE("all conditions must hold, and each comes back by its hysteresis") {
  Rule rule(parameters());
  Trial trial(rule);
  CHECK(trial.step({19, 900}).code == "not_met");
  CHECK(trial.step({19, 1001}).code == "met");
  CHECK(trial.wish()->demand == Demand::off);
  CHECK(trial.decision().words == "its conditions hold: charger/ConnectCommand off");
  CHECK(trial.step({24, 850}).code == "met");
  CHECK(trial.step({25, 850}).code == "not_met");
  CHECK(trial.step({24, 850}).code == "not_met");
}

TEST_CASE("one of any is enough") {
  RuleParameters p = parameters();
  std::swap(p.all, p.any);
  Rule rule(p);
  Trial trial(rule);
  CHECK(trial.step({50, 900}).code == "not_met");
  CHECK(trial.step({50, 1100}).code == "met");
  CHECK(trial.step({10, 0}).code == "met");
}

TEST_CASE("conditions must hold for as long as the rule says, without a break") {
  RuleParameters p = parameters();
  p.after = 10s;
  Rule rule(p);
  Trial trial(rule);
  for (int i = 0; i < 10; ++i)
    CHECK(trial.step({10, 2000}).code == "waiting");
  CHECK(trial.step({10, 2000}).code == "met");
  CHECK(trial.step({50, 2000}).code == "not_met");
  CHECK(trial.step({10, 2000}).code == "waiting");
  // What it did not see has not held.
  for (int i = 0; i < 20; ++i)
    CHECK(trial.step({std::nullopt, 2000}).code == "blind");
  CHECK(trial.step({10, 2000}).code == "waiting");
}

TEST_CASE("what is wished is wished for its minimum time") {
  RuleParameters p = parameters();
  p.at_least_for = 10s;
  Rule rule(p);
  Trial trial(rule);
  trial.step({10, 2000});
  for (int i = 0; i < 9; ++i)
    CHECK(trial.step({50, 0}).code == "kept");
  CHECK(trial.step({50, 0}).code == "not_met");
}

TEST_CASE("a rule that can not see one of its points wishes nothing") {
  Rule rule(parameters());
  Trial trial(rule);
  trial.step({10, 2000});
  trial.step({std::nullopt, 2000});
  CHECK(trial.decision().wishes.empty());
  CHECK(trial.decision().code == "blind");
}
