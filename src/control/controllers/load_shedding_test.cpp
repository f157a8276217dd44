#include "control/controllers/load_shedding.hpp"

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;

namespace {

LoadSheddingParameters parameters() {
  return {
      .measured = "grid/ActivePower",
      .above_w = 10'000,
      .margin_w = 500,
      .loads = {{.point = "boiler/ConnectCommand", .power_w = 2000, .minimum_off = 100s, .minimum_on = 50s},
                {.point = "cooler/ConnectCommand", .power_w = 3000, .minimum_off = 100s, .minimum_on = 50s}},
      .shed_delay = 10s,
      .restore_delay = 20s,
      .hold_for = 30s};
}

void run(Trial& trial, int seconds, std::optional<double> measured) {
  for (int i = 0; i < seconds; ++i)
    trial.step({measured});
}

bool off(const Trial& trial, std::size_t load) {
  const auto wish = trial.wish(load);
  return wish && wish->demand == Demand::off;
}

}  // namespace

TEST_CASE("loads go one after the other, the least important first, each after the delay") {
  LoadShedding shedding(parameters());
  Trial trial(shedding);
  run(trial, 10, 12'000);
  CHECK(trial.decision().wishes.empty());
  run(trial, 1, 12'000);
  CHECK(off(trial, 0));
  CHECK_FALSE(off(trial, 1));
  run(trial, 10, 11'000);
  CHECK(off(trial, 1));
  CHECK(trial.decision().words == "11.0 kW of 10.0 kW allowed: 2 of 2 loads are off");
}

TEST_CASE("a short excess sheds nothing") {
  LoadShedding shedding(parameters());
  Trial trial(shedding);
  for (int i = 0; i < 20; ++i) {
    run(trial, 9, 12'000);
    run(trial, 1, 9000);
  }
  CHECK(trial.decision().code == "all_on");
}

TEST_CASE("time in which nothing is seen does not count as excess, nor as room") {
  LoadShedding shedding(parameters());
  Trial trial(shedding);
  run(trial, 2, 12'000);
  run(trial, 15, std::nullopt);
  run(trial, 9, 12'000);
  CHECK_FALSE(off(trial, 0));
  run(trial, 2, 12'000);
  CHECK(off(trial, 0));
  run(trial, 100, 12'000);
  run(trial, 2, 1000);
  run(trial, 25, std::nullopt);
  run(trial, 1, 1000);
  CHECK(off(trial, 1));
}

TEST_CASE("after a restart the loads that were off stay off, for their minimum time at least") {
  LoadShedding before(parameters());
  Trial trial(before);
  run(trial, 11, 12'000);
  REQUIRE(before.state() == "off=0");
  LoadShedding after(parameters());
  REQUIRE(after.restore(before.state()));
  Trial later(after);
  run(later, 99, 1000);
  CHECK(off(later, 0));
  run(later, 40, 1000);
  CHECK_FALSE(off(later, 0));
  for (const std::string_view none : {"", "off=", "off=2", "off=x", "on=1", "off=0;1"}) {
    CAPTURE(none);
    CHECK_FALSE(after.restore(none));
  }
}

TEST_CASE("the last to go is the first back, when it has room and its minimum time off is over") {
  LoadShedding shedding(parameters());
  Trial trial(shedding);
  run(trial, 21, 14'000);
  CHECK(off(trial, 1));
  run(trial, 80, 6400);  // room for the cooler, but it went 80 s ago
  CHECK(off(trial, 1));
  run(trial, 40, 6400);
  CHECK_FALSE(off(trial, 1));
  CHECK(off(trial, 0));
  run(trial, 200, 7600);  // 2 kW of the boiler and the margin do not fit
  CHECK(off(trial, 0));
  run(trial, 41, 7400);
  CHECK_FALSE(off(trial, 0));
}

TEST_CASE("a load that just came back stays on for its minimum time, and the next one goes instead") {
  LoadSheddingParameters p = parameters();
  p.loads[0].minimum_off = 0s;
  LoadShedding shedding(p);
  Trial trial(shedding);
  run(trial, 11, 12'000);
  run(trial, 25, 7000);
  CHECK_FALSE(off(trial, 0));
  run(trial, 12, 12'000);
  CHECK_FALSE(off(trial, 0));
  CHECK(off(trial, 1));
}

TEST_CASE("blind, loads stay off for a while and then come back") {
  LoadShedding shedding(parameters());
  Trial trial(shedding);
  run(trial, 11, 12'000);
  run(trial, 30, std::nullopt);
  CHECK(off(trial, 0));
  run(trial, 1, std::nullopt);
  CHECK(trial.decision().wishes.empty());
}
