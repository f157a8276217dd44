#include "control/controllers/dispatch.hpp"

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using doctest::Approx;

namespace {

DispatchParameters parameters() {
  DispatchParameters out;
  out.batteries = {{.asset = "a", .max_charge_w = 5000, .max_discharge_w = 5000},
                   {.asset = "b", .max_charge_w = 3000, .max_discharge_w = 3000}};
  out.setpoint = "utility/ActivePowerSetpoint";
  out.ramp_w_per_s = 500;
  return out;
}

double total(const Trial& trial) { return trial.value(0) + trial.value(1); }

}  // namespace

TEST_CASE("the batteries go from where they are to the order, along the ramp") {
  Dispatch dispatch(parameters());
  Trial trial(dispatch);
  trial.step({-4000, 600, 50, 400, 50});
  CHECK(total(trial) == Approx(1000));
  for (int second = 1; second <= 10; ++second) {
    trial.step({-4000, 600, 50, 400, 50});
    CHECK(total(trial) == Approx(1000 - 500 * second));
  }
  trial.step({-4000, 600, 50, 400, 50});
  CHECK(total(trial) == Approx(-4000));
  CHECK(trial.value(0) == Approx(-2500));
}

TEST_CASE("an order beyond what the batteries can do is done as far as they can, and said") {
  Dispatch dispatch(parameters());
  Trial trial(dispatch);
  for (int second = 0; second < 30; ++second)
    trial.step({-20'000, 0, 50, 0, 50});
  CHECK(total(trial) == Approx(-8000));
  CHECK(trial.decision().words == "-20.0 kW ordered, -8.0 kW possible: -8.0 kW now");
}

TEST_CASE("an order that is not seen any more is kept for a minute, ramped back, and let go") {
  Dispatch dispatch(parameters());
  Trial trial(dispatch);
  for (int second = 0; second < 10; ++second)
    trial.step({-2000, 0, 50, 0, 50});
  for (int second = 0; second < 60; ++second)
    trial.step({std::nullopt, 0, 50, 0, 50});
  CHECK(total(trial) == Approx(-2000));
  trial.step({std::nullopt, 0, 50, 0, 50});
  CHECK(total(trial) == Approx(-1500));
  CHECK(trial.decision().code == "recovering");
  for (int second = 0; second < 4; ++second)
    trial.step({std::nullopt, 0, 50, 0, 50});
  CHECK(trial.decision().wishes.empty());
}
