#include "gateway/controller_runner.hpp"

#include <list>
#include <map>

#include <doctest/doctest.h>

#include "config/document.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"

using namespace iw;
using namespace iw::gateway;
using control::ClaimId;
using control::Demand;

namespace {

constexpr model::DeviceId meter{1};
constexpr model::DeviceId battery{2};

model::Point point(std::string_view name) { return {.name = model::parse_point_name(name).value()}; }

// A gateway's core around the runner; claims are only kept in a list.
struct Core {
  Core() {
    REQUIRE(site.add_device(meter, "meter").has_value());
    REQUIRE(site.add_device(battery, "battery").has_value());
    REQUIRE(site.describe({.device = meter,
                           .name = "meter",
                           .identity = {},
                           .points = {point("ActivePower"), point("Frequency")}})
                .has_value());
    REQUIRE(site.describe(
                    {.device = battery,
                     .name = "battery",
                     .identity = {},
                     .points = {point("ActivePower"), point("StateOfCharge"), point("ActivePowerSetpoint")}})
                .has_value());
    live.reset(meter, 2);
    live.reset(battery, 3);
  }

  void configure(std::string_view text) {
    config::Findings findings;
    const config::Document& document =
        documents.emplace_back(*config::Document::parse("interwatt.yaml", text, findings));
    sections.emplace_back();
    const config::Rule<std::vector<control::ControllerSection>> rule =
        config::list_of<control::ControllerSection>(control::controller_record());
    rule.read(document.root(), sections.back(), findings);
    control::check(sections.back(), findings);
    REQUIRE(findings.ok());
    runner.configure(sections.back(), zone,
                     [](const control::ControllerSection& section) { return section.mode; });
  }

  void say(model::DeviceId device, std::vector<double> values, model::Quality quality = {}) {
    model::SampleBatch batch;
    batch.device = device;
    batch.received = executor.now();
    for (std::uint16_t i = 0; i < values.size(); ++i)
      batch.add(i, values[i], quality);
    live.apply(batch);
    runner.take(batch);
  }

  struct Standing {
    control::ClaimRequest request;
    int renewals = 0;
    bool over = false;
  };
  [[nodiscard]] std::vector<const Standing*> standing() const {
    std::vector<const Standing*> all;
    for (const auto& [id, one] : claims)
      if (!one.over) all.push_back(&one);
    return all;
  }

  io::testing::CaptureLog log;
  io::testing::ManualExecutor executor;
  model::SiteModel site{model::Mrid{}};
  bus::LiveState live;
  Utc zone;
  std::map<std::uint64_t, Standing> claims;
  bool refuse = false;
  std::string kept;
  std::list<config::Document> documents;
  std::list<std::vector<control::ControllerSection>> sections;  // of all configurations
  int decisions = 0;
  ControllerRunner runner{
      {.core = executor,
       .site = site,
       .live = live,
       .log = log,
       .claims = {.claim = [this](const control::ClaimRequest& request) -> Result<ClaimId> {
                    if (refuse) return fail(ErrorKind::denied, "not under control", "declare it");
                    claims[claims.size() + 1] = {.request = request};
                    return ClaimId(claims.size());
                  },
                  .renew =
                      [this](std::string_view, ClaimId id, double value, Duration, std::string_view reason) {
                        Standing& one = claims.at(id.value());
                        if (one.over) return false;
                        one.request.value = value;
                        one.request.reason = reason;
                        ++one.renewals;
                        return true;
                      },
                  .release = [this](ClaimId id) { claims.at(id.value()).over = true; },
                  .decide = [this] { ++decisions; }},
       .keep = [this](std::string states) { kept = std::move(states); }}};
};

constexpr std::string_view own_sun = R"(
- name: own sun
  mode: act
  self_consumption:
    grid: meter/ActivePower
    batteries: [{asset: battery, max_charge_w: 5000, max_discharge_w: 5000}]
)";

}  // namespace

TEST_CASE("what a controller wishes is a claim of its name and level, renewed with each step") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  core.configure(own_sun);
  REQUIRE(core.standing().size() == 1);
  const auto& first = *core.standing()[0];
  CHECK(first.request.path == "battery/ActivePowerSetpoint");
  CHECK(first.request.owner == "own sun");
  CHECK(first.request.level == control::Level::optimisation);
  CHECK(first.request.value == doctest::Approx(800));
  CHECK(first.request.life == 3s);
  CHECK(first.request.reason == "-2.0 kW at the grid: storing 800 W");
  core.executor.advance(3s);
  CHECK(core.claims.size() == 1);
  CHECK(first.renewals == 3);
  CHECK(first.request.value > 1500);
  CHECK(first.request.reason == "-2.0 kW at the grid: storing 1.7 kW");
  CHECK(core.decisions >= 4);
}

TEST_CASE("a controller that does not see what it needs lets go, and takes up again when it does") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  core.configure(own_sun);
  core.executor.advance(7s);  // nothing new for longer than 5 s
  CHECK(core.standing().empty());
  CHECK(core.log.has("controller own sun (blind): blind (meter/ActivePower: not for control: too old)"));
  core.say(meter, {-2000, 50}, model::Quality(model::Validity::questionable));
  core.say(battery, {0, 50, 0});
  core.executor.advance(1s);
  CHECK(core.standing().empty());
  core.say(meter, {-2000, 50});
  core.executor.advance(1s);
  CHECK(core.standing().size() == 1);
}

TEST_CASE("one that observes decides and claims nothing; one that is off does neither") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  std::string text(own_sun);
  core.configure(text.replace(text.find("act"), 3, "observe"));
  CHECK(core.claims.empty());
  REQUIRE(core.runner.view().size() == 1);
  CHECK(core.runner.view()[0].decision.code == "storing");
  CHECK(core.runner.view()[0].decision.wishes.size() == 1);
  core.configure(text.replace(text.find("observe"), 7, "off"));
  REQUIRE(core.runner.view().size() == 1);
  CHECK(core.runner.view()[0].mode == control::Mode::off);
  CHECK(core.runner.view()[0].decision.code.empty());
}

TEST_CASE("a controller is switched while it runs: its claims end with its acting, and come back with it") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  core.configure(own_sun);
  CHECK(core.standing().size() == 1);
  CHECK(core.runner.set_mode("own sun", control::Mode::observe));
  CHECK(core.standing().empty());
  CHECK(core.runner.view()[0].decision.code == "storing");
  CHECK(core.runner.view()[0].configured == control::Mode::act);
  CHECK(core.runner.set_mode("own sun", control::Mode::off));
  core.executor.advance(3s);
  CHECK(core.runner.view()[0].decision.code.empty());
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  CHECK(core.runner.set_mode("own sun", control::Mode::act));
  CHECK(core.standing().size() == 1);
  CHECK_FALSE(core.runner.set_mode("nobody", control::Mode::act));
}

TEST_CASE("what a controller sees and moves is told, with the reason why an input is not for control") {
  Core core;
  core.say(meter, {-2000, 50});
  core.configure(own_sun);
  const auto view = core.runner.view()[0];
  REQUIRE(view.inputs.size() == 3);
  CHECK(view.inputs[0].value->value == -2000);
  CHECK(view.inputs[0].trouble.empty());
  CHECK_FALSE(view.inputs[1].value);
  CHECK(view.inputs[1].trouble == "no value came yet");
  REQUIRE(view.outputs.size() == 1);
  CHECK(view.outputs[0].path == "battery/ActivePowerSetpoint");
  CHECK(view.outputs[0].claim == ClaimId());
}

TEST_CASE("a configuration that is read anew leaves no moment without the claims that it makes again") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  core.configure(own_sun);
  std::string other(own_sun);
  core.configure(other.replace(other.find("5000"), 4, "4000"));
  REQUIRE(core.claims.size() == 2);
  CHECK(core.claims.at(1).over);
  CHECK_FALSE(core.claims.at(2).over);
}

TEST_CASE("a new frequency is answered at once, another value is not waited for") {
  Core core;
  core.say(meter, {0, 50});
  core.say(battery, {0, 50, 0});
  core.configure(R"(
- name: droop
  mode: act
  frequency_response:
    frequency: meter/Frequency
    period: 10s
    batteries: [{asset: battery, max_charge_w: 10000, max_discharge_w: 10000}]
)");
  CHECK(core.standing().empty());
  core.executor.advance(10ms);
  core.say(meter, {0, 49.9});
  REQUIRE(core.standing().size() == 1);
  CHECK(core.standing()[0]->request.value == doctest::Approx(-256));
}

TEST_CASE("a wish of another kind is another claim, and the old one ends after it began") {
  Core core;
  core.say(battery, {0, 95, 0});
  core.configure(R"(
- name: reserve
  mode: act
  soc_reserve: {period: 1s, batteries: [{battery: battery, full_percent: 90}]}
)");
  REQUIRE(core.standing().size() == 1);
  CHECK(core.standing()[0]->request.demand == Demand::at_most);
  core.say(battery, {0, 15, 0});
  core.executor.advance(1s);
  REQUIRE(core.standing().size() == 1);
  CHECK(core.standing()[0]->request.demand == Demand::at_least);
  CHECK(core.claims.size() == 2);
}

TEST_CASE("a claim that is refused is said once, and tried again") {
  Core core;
  core.refuse = true;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  core.configure(own_sun);
  core.executor.advance(3s);
  CHECK(core.log.count(
            "controller own sun can not move battery/ActivePowerSetpoint: not under control; declare it") ==
        1);
  core.refuse = false;
  core.executor.advance(1s);
  CHECK(core.standing().size() == 1);
}

TEST_CASE(
    "another configuration ends the claims of controllers that are gone, and keeps the state of the others") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  const std::string peak = R"(
- name: peak
  mode: act
  peak_shaving:
    grid: meter/ActivePower
    peak_w: 1000
    batteries: [{asset: battery, max_charge_w: 5000, max_discharge_w: 5000}]
)";
  core.configure(std::string(own_sun) + peak);
  core.executor.advance(3s);
  core.configure(peak);
  const std::string states = core.kept;
  CHECK(states.starts_with("peak\tmonth="));
  for (const auto* one : core.standing())
    CHECK(one->request.owner == "peak");
  core.runner.stop();
  CHECK(core.kept == states);

  Core next;
  next.runner.restore(states + "nonsense\npeak of old\tmonth=1\n");
  next.configure(peak);
  CHECK(next.log.has("'nonsense' is no state of a controller"));
  next.runner.stop();
  CHECK(next.kept == states);
}

constexpr std::string_view loads_go = R"(
- name: loads
  mode: act
  load_shedding:
    measured: meter/ActivePower
    above_w: 10000
    shed_delay: 0s
    loads: [{point: boiler/LoadShedLevel, power_w: 3000}, {point: cooler/LoadShedLevel, power_w: 2000}]
)";

TEST_CASE(
    "a controller whose section is as before goes on as it is: no load comes back by a change elsewhere") {
  Core core;
  core.say(meter, {12000, 50});
  core.configure(loads_go);
  core.executor.advance(1s);
  REQUIRE(core.standing().size() == 2);
  core.say(meter, {7500, 50});
  core.say(battery, {0, 50, 0});
  core.configure(std::string(loads_go) + std::string(own_sun).substr(1));
  const auto off = [&] {
    return std::ranges::count(core.standing(), "loads", [](const auto* one) { return one->request.owner; });
  };
  CHECK(off() == 2);
  CHECK(core.claims.size() == 3);  // the same two, and one of its new neighbour
  SUBCASE("nor by a restart") {
    core.runner.stop();
    CHECK(core.kept.starts_with("loads\toff=0,1\n"));
    Core next;
    next.runner.restore(core.kept);
    next.say(meter, {7500, 50});
    next.configure(loads_go);
    CHECK(next.standing().size() == 2);
  }
  SUBCASE("one whose section has changed begins where that one stood") {
    std::string other(loads_go);
    core.configure(other.replace(other.find("10000"), 5, "11000"));
    CHECK(off() == 2);
  }
}

TEST_CASE("what one has done while it observed is not taken along when it acts") {
  Core core;
  core.say(meter, {12000, 50});
  std::string observing(loads_go);
  core.configure(observing.replace(observing.find("act"), 3, "observe"));
  core.executor.advance(1s);
  core.say(meter, {7500, 50});
  core.executor.advance(1s);
  CHECK(core.runner.view()[0].decision.code == "shedding");
  SUBCASE("by a switch") { CHECK(core.runner.set_mode("loads", control::Mode::act)); }
  SUBCASE("by another configuration") { core.configure(loads_go); }
  SUBCASE("by a restart") {
    core.runner.stop();
    CHECK(core.kept.empty());
    return;
  }
  core.say(meter, {7500, 50});
  core.executor.advance(1s);
  CHECK(core.runner.view()[0].decision.code == "all_on");
  CHECK(core.standing().empty());
}

TEST_CASE("what must survive a restart is kept once a minute") {
  Core core;
  core.configure("[{name: night, schedule: {windows: [{point: battery/ActivePowerSetpoint, set: 1}]}}]");
  const std::string first = core.kept;
  CHECK(first.starts_with("night\tclock_s="));
  core.executor.advance(59s);
  CHECK(core.kept == first);
  core.executor.advance(2s);
  CHECK(core.kept != first);
}

TEST_CASE("a point that is not there yet is found when its device is described") {
  Core core;
  core.site.remove_device(battery);
  core.say(meter, {-2000, 50});
  core.configure(own_sun);
  CHECK(core.standing().empty());
  REQUIRE(core.site.add_device(battery, "battery").has_value());
  REQUIRE(
      core.site
          .describe({.device = battery,
                     .name = "battery",
                     .identity = {},
                     .points = {point("ActivePower"), point("StateOfCharge"), point("ActivePowerSetpoint")}})
          .has_value());
  core.runner.described(battery);
  core.say(battery, {0, 50, 0});
  core.executor.advance(1s);
  CHECK(core.standing().size() == 1);
  core.site.remove_device(battery);
  core.runner.described(battery);
  CHECK(core.runner.view().front().inputs.back().trouble == "there is no such point");
}

TEST_CASE("at the end every claim is released") {
  Core core;
  core.say(meter, {-2000, 50});
  core.say(battery, {0, 50, 0});
  core.configure(own_sun);
  core.runner.stop();
  CHECK(core.standing().empty());
  core.executor.advance(5s);
  CHECK(core.claims.size() == 1);
}
