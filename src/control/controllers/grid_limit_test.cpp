#include "control/controllers/grid_limit.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"
#include "sim/site_physics.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using doctest::Approx;

namespace {

GridLimitParameters export_limit(double limit_w) {
  return {.grid = "grid/ActivePower",
          .limit_w = limit_w,
          .moves = {{.point = "roof/ActivePowerLimit", .max_w = 8000},
                    {.point = "carport/ActivePowerLimit", .max_w = 5000}}};
}

// An inverter behind a cap, with a delay and a lag, beside a load.
struct Plant {
  double sun_w = 10'000;
  double load_w = 1000;
  double lag_s = 0.8;
  std::deque<double> caps;  // on their way, one each step
  double power_w = 0;

  [[nodiscard]] double exported() const { return power_w - load_w; }
  void step(double cap_w, double dt_s, std::size_t delay) {
    caps.push_back(cap_w);
    const double in_force = caps.size() > delay ? caps.front() : sun_w;
    if (caps.size() > delay) caps.pop_front();
    power_w += (std::min(sun_w, in_force) - power_w) * (1 - std::exp(-dt_s / lag_s));
  }
};

}  // namespace

TEST_CASE("what is allowed is the limit and what the site itself takes") {
  GridLimit limit(export_limit(5000), GridDirection::to_grid);
  Trial trial(limit);
  // 8 kW and 4 kW, of which 2 kW are used by the site.
  trial.step({-10'000, -8000, -4000});
  CHECK(trial.wish(0)->demand == Demand::at_most);
  CHECK(trial.value(0) + trial.value(1) == Approx(7000));
  CHECK(trial.value(0) / trial.value(1) == Approx((8000 + 240) / (4000 + 150.0)));
  CHECK(trial.decision().code == "limiting");
  CHECK(trial.decision().words ==
        "the site exports 10.0 kW of 5.0 kW allowed: at most 7.0 kW for what it moves");
  trial.step({3000, -1000, -500});
  CHECK(trial.decision().words.starts_with("the site exports 0 W of 5.0 kW allowed: "));
}

TEST_CASE("a limit closes at once and opens within its time") {
  GridLimit limit(export_limit(5000), GridDirection::to_grid);
  Trial trial(limit);
  trial.step({-5000, -6000, 0});
  const double before = trial.value(0) + trial.value(1);
  CHECK(before == Approx(6000));
  trial.step({-5000, -8000, 0});  // the site takes 2 kW more
  CHECK(trial.value(0) + trial.value(1) <= before + 13'000 / 60.0 + 1e-6);
  CHECK(trial.value(0) + trial.value(1) > before);
  trial.step({-8000, -8000, 0});  // and nothing any more
  CHECK(trial.value(0) + trial.value(1) == Approx(5000));
}

TEST_CASE("without its meter a limit is at the limit: closed to what can not break it, and nothing opens") {
  GridLimit limit(export_limit(5000), GridDirection::to_grid);
  Trial trial(limit);
  trial.step({-5000, -8000, -3000});  // 6 kW are used, 11 kW are allowed
  CHECK(trial.value(0) + trial.value(1) == Approx(11'000));
  for (int i = 0; i < 100; ++i) {
    trial.step({std::nullopt, -8000, -3000});
    CHECK(trial.value(0) + trial.value(1) <= 5000 + 1e-9);
  }
  CHECK(trial.decision().code == "blind_at_limit");
  CHECK(trial.decision().words.starts_with("blind (grid/ActivePower: not for control: too old)"));
  CHECK(trial.wish(0)->holds >= 2s);
}

TEST_CASE("a limit that never saw its meter begins closed") {
  GridLimitParameters parameters = export_limit(5000);
  parameters.blind_w = 1300;
  GridLimit limit(parameters, GridDirection::to_grid);
  Trial trial(limit);
  trial.step({std::nullopt, std::nullopt, std::nullopt});
  CHECK(trial.value(0) == Approx(800));
  CHECK(trial.value(1) == Approx(500));
}

TEST_CASE("an inverter that is not seen keeps its cap, and the others make room for what the meter shows") {
  GridLimit limit(export_limit(5000), GridDirection::to_grid);
  Trial trial(limit);
  trial.step({-10'000, -6000, -4000});
  const double carport = trial.value(1);
  trial.step({-9000, -6000, std::nullopt});  // 3 kW beside the roof are exported
  CHECK(trial.value(1) == carport);
  CHECK(trial.value(0) == Approx(2000));
}

TEST_CASE("an inverter in the shade leaves its part to the other, and gets it back when the sun does") {
  GridLimit limit(export_limit(5000), GridDirection::to_grid);
  Trial trial(limit);
  double roof = 0;
  double carport = 0;
  double roof_sun = 8000;
  double carport_sun = 300;
  const auto run = [&](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      trial.step({-(roof + carport), -roof, -carport});
      roof = std::min(roof_sun, trial.value(0));
      carport = std::min(carport_sun, trial.value(1));
    }
  };
  run(120);
  CHECK(roof + carport > 4700);
  CHECK(roof + carport < 5001);
  carport_sun = 5000;
  run(300);
  CHECK(carport == Approx(5000 * 5.0 / 13).epsilon(0.05));
  CHECK(roof + carport == Approx(5000).epsilon(0.005));
}

TEST_CASE("an import limit lowers charging, and makes a battery help when that is allowed") {
  GridLimitParameters parameters{
      .grid = "grid/ActivePower",
      .limit_w = 10'000,
      .moves = {{.point = "battery/ActivePowerSetpoint", .max_w = 5000, .reverse_w = 4000}}};
  GridLimit limit(parameters, GridDirection::from_grid);
  Trial trial(limit);
  trial.step({12'000, 5000});
  CHECK(trial.wish()->demand == Demand::at_most);
  CHECK(trial.value() == Approx(3000));
  trial.step({17'000, 3000});
  CHECK(trial.value() == Approx(-4000));
  trial.step({std::nullopt, -4000});
  CHECK(trial.value() == Approx(-4000));
}

TEST_CASE("an export limit is a lower bound for a battery's setpoint") {
  GridLimitParameters parameters{
      .grid = "grid/ActivePower",
      .limit_w = 1000,
      .moves = {{.point = "battery/ActivePowerSetpoint", .max_w = 5000, .reverse_w = 5000}}};
  GridLimit limit(parameters, GridDirection::to_grid);
  Trial trial(limit);
  trial.step({-4000, 0});  // 3 kW too many from elsewhere
  CHECK(trial.wish()->demand == Demand::at_least);
  CHECK(trial.value() == Approx(3000));
}

TEST_CASE("a battery that charges of its own accord leaves its part to the sun") {
  GridLimitParameters p = export_limit(5000);
  p.moves[1] = {.point = "battery/ActivePowerSetpoint", .max_w = 5000};
  GridLimit limit(p, GridDirection::to_grid);
  Trial trial(limit);
  trial.step({-4000, -8000, 3000});  // 8 kW of sun, 3 kW into the battery, 1 kW used
  CHECK(trial.value(0) + -trial.value(1) == Approx(9000).epsilon(0.12));
  CHECK(trial.value(0) == 8000);
  trial.step({-7000, -8000, 0});
  CHECK(trial.value(0) + -trial.value(1) == Approx(6000));
}

TEST_CASE("a battery that is made to charge keeps the limit without letting go of it by turns") {
  GridLimitParameters p = export_limit(1000);
  p.moves = {{.point = "battery/ActivePowerSetpoint", .max_w = 5000, .reverse_w = 5000}};
  GridLimit limit(p, GridDirection::to_grid);
  Trial trial(limit);
  double battery = 0;
  for (int second = 0; second < 60; ++second) {
    trial.step({-4000 + battery, battery});
    battery = trial.value();
    REQUIRE(battery == Approx(3000));
  }
}

TEST_CASE("a limit that is ordered lowers the own one, stands for its time, and falls back to a safe one") {
  GridLimitParameters p = export_limit(5000);
  p.moves.pop_back();
  p.ordered = "utility/ActivePowerLimit";
  p.fallback_w = 1500;
  p.hold_for = 60s;
  GridLimit limit(p, GridDirection::to_grid);
  Trial trial(limit);
  trial.step({-8000, -8000, std::nullopt});  // no order yet
  CHECK(trial.value() == Approx(1500));
  for (int i = 0; i < 120; ++i)
    trial.step({-8000, -8000, 3000});
  CHECK(trial.value() == Approx(3000).epsilon(0.001));
  trial.step({-8000, -8000, 0});
  CHECK(trial.value() == 0);
  for (int i = 0; i < 240; ++i)
    trial.step({-8000, -8000, 9000});
  CHECK(trial.value() == Approx(5000).epsilon(0.001));
  for (int i = 0; i < 60; ++i)
    trial.step({-8000, -8000, std::nullopt});
  CHECK(trial.value() == Approx(5000).epsilon(0.001));
  trial.step({-8000, -8000, std::nullopt});
  CHECK(trial.value() == Approx(1500));
  trial.step({std::nullopt, -8000, 700});  // blind as well
  CHECK(trial.value() == Approx(700));
}

TEST_CASE("the limit is exceeded by no more than the change of the rest within the time of reaction") {
  // The load falls by 200 W/s. Meter of 1 s, period of 1 s, device with 1 s of delay and a lag of 0.8 s:
  // within 5 s all of a command is there.
  constexpr double rate = 200;
  constexpr double reaction_s = 5;
  GridLimitParameters parameters = export_limit(5000);
  parameters.moves = {{.point = "roof/ActivePowerLimit", .max_w = 10'000}};
  GridLimit limit(parameters, GridDirection::to_grid);
  Trial trial(limit);
  Plant plant{.load_w = 6000};
  double cap = 10'000;
  double most = 0;
  for (int second = 0; second < 120; ++second) {
    const double metered = -plant.exported();
    const double of_inverter = -plant.power_w;
    for (int tenth = 0; tenth < 10; ++tenth) {
      plant.load_w = std::max(0.0, plant.load_w - (second >= 20 ? rate / 10 : 0));
      plant.step(cap, 0.1, 10);
      most = std::max(most, plant.exported() - 5000);
    }
    trial.step({metered, of_inverter});
    cap = trial.value();
  }
  CHECK(most > 0);
  CHECK(most <= rate * reaction_s);
  CHECK(plant.exported() == Approx(5000).epsilon(0.001));
}

TEST_CASE("after a jump of the load the limit holds again, without hunting, though meters are read apart") {
  GridLimitParameters parameters = export_limit(5000);
  parameters.moves = {{.point = "roof/ActivePowerLimit", .max_w = 10'000}};
  for (const std::size_t skew : {0U, 1U, 2U, 3U}) {
    CAPTURE(skew);
    GridLimit limit(parameters, GridDirection::to_grid);
    Trial trial(limit);
    Plant plant{.load_w = 5000};
    std::deque<double> meter(skew + 1, -plant.exported());
    double cap = 10'000;
    double after_s = 0;
    double lowest = 1e9;
    double highest = 0;
    for (int second = 0; second < 300; ++second) {
      if (second == 30) plant.load_w = 1000;
      meter.push_back(-plant.exported());
      meter.pop_front();
      trial.step({meter.front(), -plant.power_w});
      cap = trial.value();
      for (int tenth = 0; tenth < 10; ++tenth) {
        plant.step(cap, 0.1, 10);
        if (second >= 30 && plant.exported() > 5050) after_s = second + tenth / 10.0 - 30;
      }
      if (second >= 240) {
        lowest = std::min(lowest, plant.exported());
        highest = std::max(highest, plant.exported());
      }
    }
    CHECK(after_s <= 6.0 + static_cast<double>(skew));
    CHECK(highest <= 5001);
    CHECK(lowest >= 4999);
  }
}

TEST_CASE("on the simulated site a day's export stays within its limit") {
  sim::SitePhysics site({.day_of_year = 172, .start_at = 9h, .load_peak_w = 3000}, 5);
  GridLimitParameters parameters = export_limit(4000);
  GridLimit limit(parameters, GridDirection::to_grid);
  Trial trial(limit);
  site.command_battery(0.0);
  WallTime at = trial.wall;
  double over_s = 0;
  double exported_wh = 0;
  for (int second = 0; second < 6 * 3600; ++second) {
    for (int quarter = 0; quarter < 4; ++quarter)
      site.step(at += 250ms, 250ms);
    const auto& state = site.state();
    if (second > 60 && -state.grid.total_power() > 4400) over_s += 1;
    exported_wh -= state.grid.total_power() / 3600;
    trial.step({state.grid.total_power(), state.pv[0].ac.total_power(), state.pv[1].ac.total_power()});
    site.limit_pv(0, trial.value(0));
    site.limit_pv(1, trial.value(1));
  }
  // A kettle that is switched off is 2 kW at once: seconds, a few times an hour.
  CHECK(over_s < 6 * 60);
  CHECK(exported_wh > 6 * 3000);
}
