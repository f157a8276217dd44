#include "control/controllers/reactive_power.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using doctest::Approx;

namespace {

ReactivePowerParameters parameters() { return {.asset = "roof", .rated_va = 10'000, .response_time = 0s}; }

}  // namespace

TEST_CASE("the default curve is that of category B, linear between its points") {
  const auto curve = parameters().curve;
  CHECK(injected_percent(curve, 80) == 44);
  CHECK(injected_percent(curve, 92) == 44);
  CHECK(injected_percent(curve, 95) == Approx(22));
  CHECK(injected_percent(curve, 98) == 0);
  CHECK(injected_percent(curve, 100) == 0);
  CHECK(injected_percent(curve, 105) == Approx(-22));
  CHECK(injected_percent(curve, 120) == -44);
}

TEST_CASE("a high voltage is answered by absorbing, which is positive, a low one by injecting") {
  ReactivePowerParameters p = parameters();
  p.voltage = "grid/Voltage.LN";
  ReactivePower control(p);
  Trial trial(control);
  trial.step({-5000, 230 * 1.05});
  CHECK(trial.value() == Approx(2200));
  CHECK(trial.decision().words == "241.5 V, 105.0 % of nominal: absorbs 2.2 kVAr");
  trial.step({-5000, 230 * 0.95});
  CHECK(trial.value() == Approx(-2200));
}

TEST_CASE("active power goes first: the rating bounds what is left") {
  ReactivePowerParameters p = parameters();
  p.fixed_var = 4000;
  ReactivePower control(p);
  Trial trial(control);
  trial.step({-5000});
  CHECK(trial.value() == Approx(4000));
  trial.step({-9800});
  CHECK(trial.value() == Approx(std::sqrt(1e8 - 9800.0 * 9800.0)));
  CHECK(trial.decision().words == "absorbs 2.0 kVAr");
  trial.step({-10'500});
  CHECK(trial.value() == 0);
}

TEST_CASE("a power factor makes reactive power in proportion to active power") {
  ReactivePowerParameters p = parameters();
  p.power_factor = 0.95;
  ReactivePower absorbing(p);
  Trial trial(absorbing);
  trial.step({-8000});
  CHECK(trial.value() == Approx(8000 * std::tan(std::acos(0.95))));
  trial.step({0});
  CHECK(trial.value() == 0);
  p.excitation = Excitation::injecting;
  ReactivePower injecting(p);
  Trial other(injecting);
  other.step({-8000});
  CHECK(other.value() == Approx(-2629.5).epsilon(0.001));
}

TEST_CASE("90 % of a step is there within the response time, and no more") {
  ReactivePowerParameters p = parameters();
  p.fixed_var = 1000;
  p.response_time = 5s;
  ReactivePower control(p);
  Trial trial(control);
  trial.step({0}, 100ms);
  for (int i = 0; i < 50; ++i)
    trial.step({0}, 100ms);
  CHECK(trial.value() == Approx(900));
}

TEST_CASE("blind to the voltage it lets go") {
  ReactivePowerParameters p = parameters();
  p.voltage = "grid/Voltage.LN";
  ReactivePower control(p);
  Trial trial(control);
  trial.step({-5000, std::nullopt});
  CHECK(trial.decision().wishes.empty());
  CHECK(trial.decision().code == "blind");
}
