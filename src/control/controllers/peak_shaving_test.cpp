#include "control/controllers/peak_shaving.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using doctest::Approx;

namespace {

PeakShavingParameters parameters(double peak_w) {
  PeakShavingParameters out;
  out.batteries = {{.asset = "battery", .max_charge_w = 5000, .max_discharge_w = 5000}};
  out.grid = "grid/ActivePower";
  out.peak_w = peak_w;
  return out;
}

// A battery that follows within a second, and the meter's own averages of quarters of an hour.
struct Site {
  Trial& trial;
  double soc = 60;
  double capacity_wh = 1e9;
  double battery_w = 0;
  double energy_ws = 0;
  int second = 0;
  std::vector<double> quarters;

  void run(int seconds, auto load) {
    for (int i = 0; i < seconds; ++i) {
      const double grid = load(second) + battery_w;
      energy_ws += grid;
      if (++second % 900 == 0) {
        quarters.push_back(energy_ws / 900);
        energy_ws = 0;
      }
      trial.step({grid, battery_w, soc});
      const auto wish = trial.wish();
      double to = 0;
      if (wish && wish->demand == Demand::set) to = wish->value;
      if (wish && wish->demand == Demand::at_most) to = std::min(0.0, wish->value);
      if (soc <= 5) to = std::max(0.0, to);
      battery_w += (to - battery_w) * 0.8;
      soc += battery_w / 3600 / capacity_wh * 100;
    }
  }
};

}  // namespace

TEST_CASE("a constant load above the peak is shaved to the peak, to the watt") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  Site site{.trial = trial};
  site.run(3600, [](int) { return 13'000.0; });
  REQUIRE(site.quarters.size() == 4);
  for (const double quarter : site.quarters)
    CHECK(quarter <= 10'000 + 20);
  CHECK(site.quarters[2] == Approx(10'000).epsilon(0.001));
  CHECK(trial.decision().code == "shaving");
}

TEST_CASE(
    "a load in the second half of an interval may be as high as its average allows, and costs no charge") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  Site site{.trial = trial};
  double most = 0;
  site.run(900, [&](int second) {
    most = std::min(most, site.battery_w);
    return second < 600 ? 7000.0 : 14'000.0;  // on average 9,333
  });
  CHECK(site.quarters[0] == Approx(9333).epsilon(0.001));
  CHECK(most == 0);
  // Later it is too much: what is left of the interval is what counts.
  site.run(900, [](int second) { return second < 1500 ? 9500.0 : 14'000.0; });
  CHECK(site.quarters[1] <= 10'010);
  CHECK(site.quarters[1] > 9900);
}

TEST_CASE("a peak that the month already has is the new bound, until the next month") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  trial.wall = std::chrono::sys_days(std::chrono::year(2026) / 6 / 30) + 22h;
  Site site{.trial = trial, .soc = 5};  // empty: nothing to shave with
  site.run(900, [](int) { return 12'000.0; });
  site.soc = 60;
  site.run(1800, [](int) { return 14'000.0; });
  CHECK(site.quarters[0] == Approx(12'000));
  CHECK(site.quarters[1] == Approx(12'000).epsilon(0.002));
  CHECK(site.quarters[2] == Approx(12'000).epsilon(0.002));
  CHECK(trial.decision().words.find("peak 12.0 kW") != std::string::npos);
  site.run(5400, [](int) { return 14'000.0; });  // over midnight: July
  CHECK(site.quarters.back() == Approx(10'000).epsilon(0.002));
}

TEST_CASE("steps of its longest period are measured, though timers are never early") {
  PeakShavingParameters p = parameters(10'000);
  p.period = 10s;
  PeakShaving shaving(p);
  Trial trial(shaving);
  for (int i = 0; i < 180; ++i)
    trial.step({12'000, 0, 5}, 10s + 5ms);
  trial.step({14'000, 0, 60}, 10s);
  CHECK(trial.decision().words.find("peak 12.0 kW") != std::string::npos);
  SUBCASE("but not the time in which the gateway was away") {
    PeakShaving other(p);
    Trial away(other);
    for (int i = 0; i < 60; ++i)
      away.step({12'000, 0, 5}, 60s);
    CHECK(away.decision().words.find("peak 10.0 kW") != std::string::npos);
  }
}

TEST_CASE("the month is that of the site's clock, not of Greenwich") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  trial.zone = parse_posix_tz("CET-1CEST,M3.5.0,M10.5.0/3").value();
  trial.wall = std::chrono::sys_days(std::chrono::year(2026) / 6 / 30) + 21h + 30min;  // 23:30 there
  Site site{.trial = trial, .soc = 5};
  site.run(1800, [](int) { return 12'000.0; });
  site.soc = 60;
  site.run(900, [](int) { return 14'000.0; });
  CHECK(site.quarters.back() == Approx(10'000).epsilon(0.005));
}

TEST_CASE("a restart in the middle of an interval forgets neither the peak nor what was used") {
  std::string kept;
  double used = 0;
  {
    PeakShaving shaving(parameters(10'000));
    Trial trial(shaving);
    Site site{.trial = trial, .soc = 5};
    site.run(900 + 450, [](int) { return 12'000.0; });
    kept = shaving.state();
    used = site.energy_ws;
  }
  PeakShaving shaving(parameters(10'000));
  REQUIRE(shaving.restore(kept).has_value());
  CHECK(shaving.state() == kept);
  Trial trial(shaving);
  trial.wall += 1350s + 5s;  // 5 s away
  Site site{.trial = trial, .energy_ws = used + 5 * 12'000, .second = 1355};
  site.run(445, [](int) { return 15'000.0; });
  CHECK(site.quarters[0] == Approx(12'000).epsilon(0.002));
}

TEST_CASE("a state that is none is refused and changes nothing") {
  PeakShaving shaving(parameters(10'000));
  const std::string fresh = shaving.state();
  for (const char* wrong : {"", "x", "month=1", "month=1 peak_w=nan interval_s=0 energy_ws=0 measured_s=0"}) {
    CAPTURE(wrong);
    CHECK_FALSE(shaving.restore(wrong).has_value());
    CHECK(shaving.state() == fresh);
  }
}

TEST_CASE("charging by others is bounded by what the interval allows") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  trial.step({8000, 0, 50});
  CHECK(trial.wish()->demand == Demand::at_most);
  CHECK(trial.value() == Approx(2000).epsilon(0.01));
  CHECK(trial.decision().code == "near_peak");
  trial.step({1000, 0, 50});
  CHECK_FALSE(trial.wish().has_value());
}

TEST_CASE("batteries are made ready for the next peak while the grid gives little") {
  PeakShavingParameters p = parameters(10'000);
  p.recharge_below_w = 6000;
  PeakShaving shaving(p);
  Trial trial(shaving);
  Site site{.trial = trial, .soc = 79};
  site.run(60, [](int) { return 4000.0; });
  CHECK(trial.decision().code == "recharging");
  CHECK(trial.value() == Approx(2000).epsilon(0.01));
  site.soc = 81;
  site.run(1, [](int) { return 4000.0; });
  CHECK_FALSE(trial.wish().has_value());
}

TEST_CASE("without the time, the peak holds at every moment") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  trial.wall_trusted = false;
  for (int i = 0; i < 60; ++i)
    trial.step({i == 0 ? 12'000 : 12'000 + trial.value(), i == 0 ? 0 : trial.value(), 50});
  CHECK(trial.value() == Approx(-2000).epsilon(0.001));
}

TEST_CASE("blind, shaving goes on for a minute and is then let go") {
  PeakShaving shaving(parameters(10'000));
  Trial trial(shaving);
  trial.step({14'000, 0, 50});
  const double wished = trial.value();
  CHECK(wished < 0);
  for (int i = 0; i < 60; ++i)
    trial.step({std::nullopt, 0, 50});
  CHECK(trial.value() == wished);
  CHECK(trial.decision().code == "blind_holding");
  trial.step({std::nullopt, 0, 50});
  CHECK(trial.decision().wishes.empty());
  CHECK(trial.decision().words == "blind (grid/ActivePower: not for control: too old), wishes nothing");
}
