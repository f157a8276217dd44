#include "control/controllers/self_consumption.hpp"

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

SelfConsumptionParameters parameters() {
  SelfConsumptionParameters out;
  out.batteries = {{.asset = "battery", .max_charge_w = 5000, .max_discharge_w = 4000}};
  out.grid = "grid/ActivePower";
  return out;
}

}  // namespace

TEST_CASE("the battery takes what is too much and gives what is lacking, until the grid shows the target") {
  SelfConsumption control(parameters());
  Trial trial(control);
  double battery = 0;
  for (const double rest : {-3000.0, 2500.0}) {
    for (int i = 0; i < 30; ++i) {
      trial.step({rest + battery, battery, 50});
      battery = trial.value();
    }
    CHECK(rest + battery == Approx(0).epsilon(0.02).scale(2500));
  }
  CHECK(trial.decision().code == "giving");
}

TEST_CASE("the loop does not swing with a grid meter that is up to three steps late") {
  for (const std::size_t late : {0U, 1U, 2U, 3U}) {
    CAPTURE(late);
    SelfConsumption control(parameters());
    Trial trial(control);
    double battery = 0;
    std::deque<double> grid(late + 1, 0.0);
    double last_swing = 0;
    for (int i = 0; i < 400; ++i) {
      grid.push_back(3000 + battery);
      grid.pop_front();
      trial.step({grid.front(), battery, 50});
      if (i >= 350) last_swing = std::max(last_swing, std::abs(trial.value() - battery));
      battery = trial.value();
    }
    CHECK(last_swing < 1);
    CHECK(std::abs(3000 + battery) <= 50 + 1);
  }
}

TEST_CASE("a battery that is empty gives nothing, and works again when it has one percent more") {
  SelfConsumption control(parameters());
  Trial trial(control);
  trial.step({2000, 0, 5});
  CHECK(trial.value() == 0);
  trial.step({2000, 0, 5.5});
  CHECK(trial.value() == 0);
  trial.step({2000, 0, 6});
  CHECK(trial.value() == Approx(-800));
}

TEST_CASE("two batteries share the surplus by what they can take") {
  SelfConsumptionParameters p = parameters();
  p.batteries.push_back({.asset = "second", .max_charge_w = 2500, .max_discharge_w = 4000});
  SelfConsumption control(p);
  Trial trial(control);
  trial.step({-6000, 0, 50, 0, 50});
  CHECK(trial.value(0) == Approx(1600));
  CHECK(trial.value(1) == Approx(800));
  trial.step({-6000, 0, 50, std::nullopt, 50});  // one is not seen
  CHECK(trial.wish(0).has_value());
  CHECK_FALSE(trial.wish(1).has_value());
}

TEST_CASE("blind, it lets go at once") {
  SelfConsumption control(parameters());
  Trial trial(control);
  trial.step({-2000, 0, 50});
  trial.step({std::nullopt, 800, 50});
  CHECK(trial.decision().wishes.empty());
  CHECK(trial.decision().code == "blind");
  trial.step({-2000, std::nullopt, std::nullopt});
  CHECK(trial.decision().code == "no_battery");
}

TEST_CASE("on the simulated site the grid sees a fraction of what it would see without the battery") {
  const auto energy_at_grid = [](bool controlled) {
    sim::SitePhysics site({.day_of_year = 172, .start_at = 10h, .pv = {{}}}, 3);
    SelfConsumptionParameters p = parameters();
    p.batteries = {{.asset = "battery", .max_charge_w = 8000, .max_discharge_w = 8000}};
    SelfConsumption control(p);
    Trial trial(control);
    site.command_battery(0.0);
    WallTime at = trial.wall;
    double sum = 0;
    for (int second = 0; second < 3600; ++second) {
      for (int quarter = 0; quarter < 4; ++quarter)
        site.step(at += 250ms, 250ms);
      const auto& state = site.state();
      sum += std::abs(state.grid.total_power()) / 3600;
      trial.step({state.grid.total_power(), state.battery.ac.total_power(), state.battery.soc});
      if (controlled) site.command_battery(trial.value());
    }
    return sum;
  };
  CHECK(energy_at_grid(true) < 0.05 * energy_at_grid(false));
}
