#include "control/controllers/demand_response.hpp"

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using doctest::Approx;

namespace {

DemandResponseParameters parameters() {
  return {.level = "utility/LoadShedLevel",
          .levels = {{1, 70}, {2, 40}, {3, 0}},
          .moves = {{.point = "charger/ActivePowerLimit", .normal_w = 11'000}},
          .ramp = 100s,
          .recovery_delay = 60s,
          .recovery = 1000s};
}

}  // namespace

TEST_CASE("a level lowers what may be taken along the ramp, to the second") {
  DemandResponse response(parameters());
  Trial trial(response);
  CHECK(trial.step({0}).wishes.empty());
  for (int second = 1; second <= 60; ++second) {
    trial.step({2});
    CHECK(trial.value() == Approx(11'000 * (100.0 - second) / 100));
  }
  trial.step({2});
  CHECK(trial.value() == Approx(4400));
  CHECK(trial.wish()->demand == Demand::at_most);
  CHECK(trial.decision().words == "level 2: 40 % of normal, 40 % wanted");
}

TEST_CASE("after the event it waits, comes back along the recovery, and then lets go") {
  DemandResponse response(parameters());
  Trial trial(response);
  for (int second = 0; second < 101; ++second)
    trial.step({3});
  CHECK(trial.value() == 0);
  for (int second = 0; second < 60; ++second)
    trial.step({0});
  CHECK(trial.value() == 0);
  double last = 0;
  int seconds = 0;
  while (!trial.step({0}).wishes.empty()) {
    CHECK(trial.value() - last <= 11.0 + 1e-6);
    last = trial.value();
    CHECK(trial.decision().code == "recovering");
    REQUIRE(++seconds < 2000);
  }
  CHECK(seconds == Approx(1000).epsilon(0.01));
}

TEST_CASE("a level between two is the lower one, one beyond all is the strictest") {
  DemandResponseParameters p = parameters();
  p.ramp = 0s;
  DemandResponse response(p);
  Trial trial(response);
  trial.step({0});
  trial.step({1.5});
  CHECK(trial.value() == Approx(7700));
  trial.step({9});
  CHECK(trial.value() == 0);
}

TEST_CASE("an order that is not seen any more is kept, and then ends with a recovery, not with a jump") {
  DemandResponse response(parameters());
  Trial trial(response);
  for (int second = 0; second < 102; ++second)
    trial.step({3});
  for (int second = 0; second < 15 * 60; ++second) {
    trial.step({std::nullopt});
    REQUIRE(trial.value() == 0);
  }
  CHECK(trial.decision().code == "blind_holding");
  for (int second = 0; second < 60 + 500; ++second)
    trial.step({std::nullopt});
  CHECK(trial.value() == Approx(5500).epsilon(0.01));
}

TEST_CASE("a restart in the middle of an event is no recovery") {
  DemandResponse before(parameters());
  Trial first(before);
  for (int second = 0; second < 102; ++second)
    first.step({3});
  DemandResponse after(parameters());
  REQUIRE(after.restore(before.state()).has_value());
  Trial second(after);
  second.step({std::nullopt});
  CHECK(second.value() == 0);
}
