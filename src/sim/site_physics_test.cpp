#include "sim/site_physics.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::sim;

namespace {

constexpr WallTime midsummer{std::chrono::sys_days{std::chrono::year{2026} / 6 / 21}};

// Steps over `length`, telling `see` each state.
template <class See>
void run(SitePhysics& site, WallTime from, Duration length, Duration dt, See see) {
  for (Duration t = dt; t <= length; t += dt) {
    site.step(from + t, dt);
    see(site.state());
  }
}

void run(SitePhysics& site, WallTime from, Duration length, Duration dt) {
  run(site, from, length, dt, [](const SiteState&) {});
}

}  // namespace

TEST_CASE("at every step and on every phase, the grid is load + battery + PV") {
  SitePhysics site({}, 1);
  run(site, midsummer, 24h, 10s, [](const SiteState& s) {
    for (std::size_t p = 0; p < 3; ++p) {
      double sum = s.load.power[p] + s.battery.ac.power[p];
      for (const PvState& pv : s.pv)
        sum += pv.ac.power[p];
      REQUIRE(s.grid.power[p] == sum);
    }
  });
}

TEST_CASE("the energies of a day balance to a billionth and every register only grows") {
  SitePhysics site({}, 7);
  const SiteState first = site.state();
  EnergyRegisters last = first.grid.energy;
  run(site, midsummer, 24h, 1s, [&](const SiteState& s) {
    REQUIRE(s.grid.energy.imported >= last.imported);
    REQUIRE(s.grid.energy.exported >= last.exported);
    last = s.grid.energy;
  });
  const SiteState& end = site.state();
  const auto gained = [](const Branch& now, const Branch& before) {
    return (now.energy.imported - before.energy.imported) - (now.energy.exported - before.energy.exported);
  };
  double parts = gained(end.load, first.load) + gained(end.battery.ac, first.battery.ac);
  double produced = 0;
  for (std::size_t i = 0; i < end.pv.size(); ++i) {
    parts += gained(end.pv[i].ac, first.pv[i].ac);
    produced -= gained(end.pv[i].ac, first.pv[i].ac);
  }
  CHECK(std::abs(gained(end.grid, first.grid) - parts) < 1e-9 * produced);
  CHECK(produced > 20'000);  // a summer day was not dark
  CHECK(gained(end.load, first.load) > 10'000);
}

TEST_CASE("the battery stores what goes in, less its losses, and stays within its limits") {
  SiteSettings settings;
  SitePhysics site(settings, 3);
  const double before = site.state().battery.soc;
  double stored = 0;
  run(site, midsummer, 24h, 2s, [&](const SiteState& s) {
    stored += s.battery.dc_power * 2 / 3600;
    REQUIRE(s.battery.soc >= settings.battery.min_soc - 1e-9);
    REQUIRE(s.battery.soc <= 100);
    REQUIRE(std::abs(s.battery.ac.total_power()) <= settings.battery.max_charge_w + 1e-6);
  });
  const double gained = (site.state().battery.soc - before) / 100 * settings.battery.capacity_wh;
  CHECK(gained == doctest::Approx(stored).epsilon(1e-9));
}

TEST_CASE("a full battery tapers and an empty one stops, whatever is commanded") {
  SitePhysics site({}, 3);
  site.command_battery(8'000);
  run(site, midsummer, 6h, 5s);
  CHECK(site.state().battery.soc > 99);
  CHECK(site.state().battery.can_charge_w < 800);
  site.command_battery(-8'000);
  run(site, midsummer + 6h, 6h, 5s);
  CHECK(site.state().battery.soc < 6);
  CHECK(site.state().battery.ac.total_power() > -1'000);
}

TEST_CASE("self-consumption brings the grid to zero; a setpoint is followed within seconds") {
  SitePhysics site({}, 5);
  run(site, midsummer + 8h, 1min, 250ms);
  CHECK(std::abs(site.state().grid.total_power()) < 200);
  site.command_battery(3'000);
  run(site, midsummer + 8h + 1min, 5s, 250ms);
  CHECK(site.state().battery.ac.total_power() == doctest::Approx(3'000).epsilon(0.001));
  site.limit_battery(1'000, 1'000);
  run(site, midsummer + 8h + 2min, 5s, 250ms);
  CHECK(site.state().battery.ac.total_power() == doctest::Approx(1'000).epsilon(0.001));
}

TEST_CASE("an inverter obeys its limit, says that it throttles, and comes back") {
  SitePhysics site({}, 2);
  run(site, midsummer + 11h, 1min, 250ms);
  const double free = -site.state().pv[0].ac.total_power();
  REQUIRE(free > 3'000);
  CHECK(site.state().pv[0].status == PvStatus::running);

  site.limit_pv(0, 1'000);
  run(site, midsummer + 11h + 1min, 8s, 250ms);
  CHECK(-site.state().pv[0].ac.total_power() == doctest::Approx(1'000).epsilon(0.001));
  CHECK(site.state().pv[0].status == PvStatus::throttled);

  site.connect_pv(0, false);
  run(site, midsummer + 11h + 2min, 15s, 250ms);
  CHECK(-site.state().pv[0].ac.total_power() < 1);
  CHECK(site.state().pv[0].status == PvStatus::off);

  site.connect_pv(0, true);
  site.limit_pv(0, 1e9);
  run(site, midsummer + 11h + 3min, 8s, 250ms);
  CHECK(-site.state().pv[0].ac.total_power() > 2'000);
}

TEST_CASE("nights are dark, DC is more than AC, and the meter's values fit together") {
  SitePhysics site({}, 9);
  run(site, midsummer, 24h, 30s, [](const SiteState& s) {
    for (const PvState& pv : s.pv) {
      if (s.hour < 2 || s.hour > 22) REQUIRE(pv.ac.total_power() > -50);
      REQUIRE(pv.dc_power() >= -pv.ac.total_power());
      REQUIRE(-pv.ac.total_power() <= pv.rated_w + 1e-9);
    }
    for (std::size_t p = 0; p < 3; ++p) {
      REQUIRE(s.grid.voltage[p] == doctest::Approx(230).epsilon(0.05));
      REQUIRE(s.grid.current[p] * s.grid.voltage[p] == doctest::Approx(s.grid.apparent(p)));
      REQUIRE(s.grid.line_voltage(p) == doctest::Approx(398).epsilon(0.05));
    }
    REQUIRE(s.grid.frequency == doctest::Approx(50).epsilon(0.005));
    REQUIRE(s.load.power_factor() == doctest::Approx(0.97).epsilon(0.01));
  });
}

TEST_CASE("the same seed gives the same site, another seed another") {
  const auto after_an_hour = [](std::uint64_t seed) {
    SitePhysics site({}, seed);
    run(site, midsummer + 10h, 1h, 1s);
    return site.state();
  };
  const SiteState a = after_an_hour(42);
  const SiteState b = after_an_hour(42);
  const SiteState c = after_an_hour(43);
  CHECK(a.grid.power == b.grid.power);
  CHECK(a.grid.energy.imported == b.grid.energy.imported);
  CHECK(a.battery.soc == b.battery.soc);
  CHECK(a.grid.power != c.grid.power);
}

TEST_CASE("a day can be made to pass in ten minutes, and can start in the morning") {
  SitePhysics site({.day_length = 10min, .start_at = 9h}, 4);
  double most = 0;
  double hour = 0;
  run(site, midsummer, 5min, 250ms, [&](const SiteState& s) {
    most = std::max(most, -s.pv[0].ac.total_power());
    hour = s.hour;
  });
  CHECK(hour == doctest::Approx(21).epsilon(0.01));
  CHECK(most > 4'000);
  CHECK(site.state().pv[0].today_wh > 10'000);
  CHECK(site.state().pv[0].today_wh < 100'000);
}
