#include "control/controllers/soc_reserve.hpp"

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;

namespace {

SocReserveParameters parameters() {
  return {.batteries = {{.battery = "battery",
                         .reserve_percent = 30,
                         .full_percent = 90,
                         .charge_below_percent = 20,
                         .charge_w = 1500}}};
}

}  // namespace

TEST_CASE("above the reserve nothing is wished, below it the battery is not discharged, with a hysteresis") {
  SocReserve reserve(parameters());
  Trial trial(reserve);
  CHECK(trial.step({50}).wishes.empty());
  trial.step({30});
  CHECK(trial.wish()->demand == Demand::at_least);
  CHECK(trial.value() == 0);
  CHECK(trial.decision().words == "battery is at 30 %: not discharged below 30 %");
  CHECK(trial.step({31.9}).wishes.size() == 1);
  CHECK(trial.step({32}).wishes.empty());
  CHECK(trial.step({31}).wishes.empty());
}

TEST_CASE("far below, it is charged until the reserve is there") {
  SocReserve reserve(parameters());
  Trial trial(reserve);
  trial.step({20});
  CHECK(trial.wish()->demand == Demand::at_least);
  CHECK(trial.value() == 1500);
  trial.step({29});
  CHECK(trial.value() == 1500);
  trial.step({30});
  CHECK(trial.value() == 0);
  trial.step({25});
  CHECK(trial.value() == 0);
}

TEST_CASE("a full battery is not charged") {
  SocReserve reserve(parameters());
  Trial trial(reserve);
  trial.step({90});
  CHECK(trial.wish()->demand == Demand::at_most);
  CHECK(trial.value() == 0);
  trial.step({88.5});
  CHECK(trial.wish().has_value());
  CHECK(trial.step({88}).wishes.empty());
}

TEST_CASE("a battery that is not seen may be at its reserve, and the other is not concerned") {
  SocReserveParameters p = parameters();
  p.batteries.push_back({.battery = "second"});
  SocReserve reserve(p);
  Trial trial(reserve);
  trial.step({std::nullopt, 50});
  CHECK(trial.wish(0)->demand == Demand::at_least);
  CHECK(trial.value(0) == 0);
  CHECK_FALSE(trial.wish(1).has_value());
  CHECK(trial.decision().code == "blind_at_reserve");
}
