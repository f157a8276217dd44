// Several controllers on one simulated site, between them the rule of the arbiter: what each is for holds
// while the others are at work.

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "config/document.hpp"
#include "control/arbiter.hpp"
#include "control/controllers/registry.hpp"
#include "sim/site_physics.hpp"

using namespace iw;
using namespace iw::control;
using doctest::Approx;

namespace {

constexpr std::string_view configuration = R"(
- name: feed-in limit
  mode: act
  export_limit:
    grid: grid/ActivePower
    limit_w: 3000
    moves:
      - {point: roof/ActivePowerLimit, max_w: 8000}
      - {point: carport/ActivePowerLimit, max_w: 5000}
- name: peak
  mode: act
  peak_shaving:
    grid: grid/ActivePower
    peak_w: 2500
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000}]
- name: own sun
  mode: act
  self_consumption:
    grid: grid/ActivePower
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000, min_soc_percent: 50}]
- name: droop
  mode: act
  frequency_response:
    frequency: grid/Frequency
    batteries: [{asset: battery, max_charge_w: 8000, max_discharge_w: 8000}]
- name: reserve
  mode: act
  soc_reserve:
    batteries: [{battery: battery, reserve_percent: 20}]
)";

class Site {
 public:
  explicit Site(sim::SiteSettings settings) : physics_(std::move(settings), 11) {
    config::Findings findings;
    const auto document = config::Document::parse("site", configuration, findings);
    std::vector<ControllerSection> sections;
    const config::Rule<std::vector<ControllerSection>> rule =
        config::list_of<ControllerSection>(controller_record());
    rule.read(document->root(), sections, findings);
    check(sections, findings);
    REQUIRE(findings.ok());
    for (const ControllerSection& section : sections)
      controllers_.push_back(make_controller(section));
  }

  double frequency = 50;  // the simulated grid is stiff
  [[nodiscard]] const sim::SiteState& state() const { return physics_.state(); }
  [[nodiscard]] const std::string& winner(const std::string& path) const { return winners_.at(path); }

  void second() {
    for (int quarter = 0; quarter < 4; ++quarter)
      physics_.step(wall_ += 250ms, 250ms);
    now_ += 1s;
    measure();
    std::map<std::string, std::vector<Claim>> claims;
    for (const ConfiguredController& one : controllers_)
      claim(one, claims);
    physics_.command_battery(ruled("battery/ActivePowerSetpoint", {-8000, 8000, 0, 0}, claims));
    physics_.limit_pv(0, ruled("roof/ActivePowerLimit", {0, 8000, 0, 0, Among::least}, claims));
    physics_.limit_pv(1, ruled("carport/ActivePowerLimit", {0, 5000, 0, 0, Among::least}, claims));
  }

 private:
  void measure() {
    const sim::SiteState& s = physics_.state();
    values_["grid/ActivePower"] = s.grid.total_power();
    values_["grid/Frequency"] = frequency;
    values_["roof/ActivePower"] = s.pv[0].ac.total_power();
    values_["carport/ActivePower"] = s.pv[1].ac.total_power();
    values_["battery/ActivePower"] = s.battery.ac.total_power();
    values_["battery/StateOfCharge"] = s.battery.soc;
  }

  void claim(const ConfiguredController& one, std::map<std::string, std::vector<Claim>>& claims) {
    std::vector<Result<model::FreshValue>> inputs;
    for (const Input& input : one.controller->declaration().inputs)
      inputs.push_back(
          model::FreshValue::from({.value = values_.at(input.path), .received = now_}, now_, input.oldest));
    Decision decision;
    one.controller->step(inputs, {.instant = now_, .wall = wall_, .zone = zone_}, decision);
    REQUIRE_FALSE(decision.code.empty());
    REQUIRE_FALSE(decision.words.empty());
    for (const Wish& wish : decision.wishes) {
      claims[one.controller->declaration().outputs[wish.output].path].push_back({.id = ClaimId(++last_id_),
                                                                                 .level = one.level,
                                                                                 .demand = wish.demand,
                                                                                 .value = wish.value,
                                                                                 .start = now_,
                                                                                 .expiry = now_ + wish.holds,
                                                                                 .owner = one.name,
                                                                                 .reason = decision.words});
    }
  }

  // A limit that nobody sets is as wide as its claims allow.
  double ruled(const std::string& path, Rules rules, std::map<std::string, std::vector<Claim>>& claims) {
    if (rules.among == Among::least) rules.fallback = rules.maximum;
    const Ruling ruling = decide(rules, claims[path], now_);
    winners_[path] = ruling.winner ? claims[path][*ruling.winner].owner : "";
    return ruling.value;
  }

  sim::SitePhysics physics_;
  std::vector<ConfiguredController> controllers_;
  std::map<std::string, double> values_;
  std::map<std::string, std::string> winners_;
  Instant now_{1000s};
  WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 6 / 21)};
  Utc zone_;
  std::uint64_t last_id_ = 0;
};

}  // namespace

TEST_CASE("at noon the battery stores first, and what is left stays within the feed-in limit") {
  Site site({.day_of_year = 172, .start_at = 11h, .load_peak_w = 2000, .battery = {.initial_soc = 85}});
  double over_s = 0;
  double stored_w = 0;
  double throttled_s = 0;
  for (int second = 0; second < 2 * 3600; ++second) {
    site.second();
    if (second > 30 && -site.state().grid.total_power() > 3300) over_s += 1;
    stored_w = std::max(stored_w, site.state().battery.ac.total_power());
    for (const sim::PvState& pv : site.state().pv)
      throttled_s += pv.status == sim::PvStatus::throttled ? 1 : 0;
  }
  CHECK(over_s <= 60);
  CHECK(stored_w > 2000);
  CHECK(throttled_s > 600);  // once the battery is full
}

TEST_CASE("in the evening own sun is kept for the peak, and the peak is shaved") {
  Site site({.day_of_year = 350, .start_at = 17h, .load_peak_w = 6000, .battery = {.initial_soc = 45}});
  double energy_ws = 0;
  double load_ws = 0;
  for (int second = 0; second < 2 * 3600; ++second) {
    site.second();
    energy_ws += site.state().grid.total_power();
    load_ws += site.state().load.total_power();
    if ((second + 1) % 900 != 0) continue;
    CHECK(energy_ws / 900 <= 2500 + 30);
    energy_ws = 0;
  }
  CHECK(load_ws / 7200 > 3000);
  CHECK(site.winner("battery/ActivePowerSetpoint") == "peak");
}

TEST_CASE("a frequency that falls goes before own sun and the peak, and they go on afterwards") {
  Site site({.day_of_year = 350, .start_at = 17h, .load_peak_w = 6000, .battery = {.initial_soc = 60}});
  for (int second = 0; second < 120; ++second)
    site.second();
  const std::string before = site.winner("battery/ActivePowerSetpoint");
  CHECK(before != "droop");
  const double power_before = site.state().battery.ac.total_power();
  site.frequency = 49.5;
  for (int second = 0; second < 10; ++second)
    site.second();
  CHECK(site.winner("battery/ActivePowerSetpoint") == "droop");
  CHECK(site.state().battery.ac.total_power() ==
        Approx(std::max(-8000.0, power_before - 8000 * (0.5 - 0.036) / 2.5)).epsilon(0.05));
  site.frequency = 50;
  for (int second = 0; second < 10; ++second)
    site.second();
  CHECK(site.winner("battery/ActivePowerSetpoint") == before);
}

TEST_CASE("at its reserve the battery shaves no peak") {
  Site site({.day_of_year = 350, .start_at = 18h, .load_peak_w = 6000, .battery = {.initial_soc = 20}});
  for (int second = 0; second < 600; ++second) {
    site.second();
    // Until the first command is there, the battery does as it likes.
    if (second > 10) REQUIRE(site.state().battery.ac.total_power() > -100);
  }
  CHECK(site.state().load.total_power() > 3000);
}
