#include "commissioning/trial.hpp"

#include <doctest/doctest.h>

#include "commissioning/survey.hpp"
#include "commissioning/testing/bench.hpp"
#include "sim/huawei_sun2000.hpp"
#include "sim/profile_device.hpp"
#include "sim/sunspec_device.hpp"

using namespace iw;
using namespace iw::commissioning;
using modbus::UnitId;
using enum modbus::Table;

namespace {

const modbus::Catalogue& catalogue() {
  static const modbus::Catalogue all = modbus::Catalogue::built_in();
  return all;
}

Trial trial_of(testing::Bench& bench, std::uint8_t unit = 1, const modbus::Profile* profile = nullptr) {
  Link link(bench.network, bench.files, bench.target(unit));
  std::optional<Trial> trial;
  const auto test = [](Link& on, const modbus::Profile* with, std::optional<Trial>& into) -> io::Task<void> {
    into = co_await run_trial(on, {.catalogue = catalogue(), .profile = with, .on_stage = {}, .on_wait = {}});
  };
  bench.run(test(link, profile, trial));
  REQUIRE(trial);
  return *trial;
}

std::string stages(const Trial& trial) {
  std::string text;
  for (const Stage& stage : trial.stages) {
    const char* mark = stage.state == StageState::passed    ? "+"
                       : stage.state == StageState::nothing ? "?"
                                                            : "-";
    text += (text.empty() ? "" : " ") + std::string(mark) + std::string(stage.name);
  }
  return text;
}

}  // namespace

TEST_CASE("a SunSpec device passes all stages, and its values are read without a profile") {
  testing::Bench bench;
  sim::SitePhysics site({.start_at = 12h}, 1);
  site.step(bench.executor.clock().wall_now(), 1s);
  sim::SunSpecInverter inverter(site, 0);
  bench.add(1, inverter);
  const Trial trial = trial_of(bench);
  CHECK(stages(trial) == "+route +port +session +identity +values");
  CHECK(trial.ok());
  CHECK(trial.profile == nullptr);
  CHECK(trial.stages[3].detail.contains("SunSpec at 40000: 1 "));
  REQUIRE(trial.readings);
  const auto frequency = std::ranges::find(trial.readings->points, "Frequency", &Reading::name);
  REQUIRE(frequency != trial.readings->points.end());
  CHECK(frequency->value == doctest::Approx(50).epsilon(0.01));
}

TEST_CASE("a device without SunSpec is recognised by its profile, and read with it") {
  testing::Bench bench;
  sim::SitePhysics site({.start_at = 12h}, 1);
  site.step(bench.executor.clock().wall_now(), 1s);
  sim::HuaweiSun2000 inverter(site, 0);
  bench.add(1, inverter);
  const Trial trial = trial_of(bench);
  CHECK(trial.ok());
  REQUIRE(trial.profile != nullptr);
  CHECK(trial.profile->id == "huawei/sun2000");
  CHECK(trial.stages[3].detail.contains("looks like huawei/sun2000"));
  CHECK(trial.readings->good() > 10);
}

TEST_CASE("a device that nobody knows is no failure: it is said what to do next") {
  testing::Bench bench;
  sim::Device device;
  device.bank.add(holding_registers, 0, 10);
  bench.add(1, device);
  const Trial trial = trial_of(bench);
  CHECK(stages(trial) == "+route +port +session ?identity ?values");
  CHECK(trial.ok());
  CHECK(trial.stages.back().remedy.contains("interwatt scan --registers"));
}

TEST_CASE("a port where nobody listens: the route is well, the port is not") {
  testing::Bench bench;
  bench.server.stop();
  bench.executor.run();
  const Trial trial = trial_of(bench);
  CHECK(stages(trial) == "+route -port");
  CHECK_FALSE(trial.ok());
  CHECK(trial.stages.back().detail.contains("refuses connections"));
  CHECK(trial.stages.back().remedy.contains("502"));
}

TEST_CASE("a silent unit fails the session, after three questions, and names the unit that answers") {
  testing::Bench bench;
  sim::Device silent;
  silent.faults.silent = true;
  sim::Device other;
  other.bank.add(holding_registers, 0, 1);
  bench.add(1, other);
  bench.add(7, silent);
  const Trial trial = trial_of(bench, 7);
  CHECK(stages(trial) == "+route +port -session");
  CHECK(silent.counters.requests == 3);
  CHECK(trial.stages.back().detail.contains("unit 7 does not answer"));
  CHECK(trial.stages.back().remedy.contains("unit=1"));
}

TEST_CASE("behind a gateway a missing unit is told apart from a missing gateway") {
  testing::Bench bench;
  sim::Device there;
  there.bank.add(holding_registers, 0, 1);
  bench.add(2, there);
  const Trial trial = trial_of(bench, 9);
  CHECK(stages(trial) == "+route +port -session");
  CHECK(trial.stages.back().detail.contains("the gateway answers, unit 9 behind it does not"));
  CHECK(trial.stages.back().detail.contains("MODBUS_EXC_GATEWAY_TARGET_FAILED_TO_RESPOND"));
}

TEST_CASE("any exception proves the session, and is named as the standard names it") {
  testing::Bench bench;
  sim::Device empty;
  bench.add(1, empty);
  const Trial trial = trial_of(bench);
  REQUIRE(trial.stages.size() > 2);
  CHECK(trial.stages[2].state == StageState::passed);
  CHECK(trial.stages[2].detail.contains("MODBUS_EXC_ILLEGAL_DATA_ADDRESS"));
}

TEST_CASE("a device that hangs up on the first question is not called silent") {
  testing::Bench bench;
  sim::Device device;
  device.faults.reset_every = 1;
  bench.add(1, device);
  const Trial trial = trial_of(bench);
  CHECK(stages(trial) == "+route +port -session");
  CHECK(trial.stages.back().remedy.contains("hung up"));
}

TEST_CASE("the wrong profile fails the values, not the stages before") {
  testing::Bench bench;
  sim::Device device;
  device.bank.add(holding_registers, 0, 10);
  bench.add(1, device);
  const auto profile = catalogue().find("huawei/sun2000");
  REQUIRE(profile);
  const Trial trial = trial_of(bench, 1, *profile);
  CHECK(stages(trial) == "+route +port +session ?identity -values");
  CHECK(trial.stages.back().remedy.contains("right profile"));
}

TEST_CASE("values of which some could not be read are not called good, and it is said why") {
  testing::Bench bench;
  sim::SitePhysics site({.start_at = 12h}, 1);
  site.step(bench.executor.clock().wall_now(), 1s);
  sim::HuaweiSun2000 inverter(site, 0);
  inverter.faults.reset_every = 5;
  bench.add(1, inverter);
  const auto profile = catalogue().find("huawei/sun2000");
  REQUIRE(profile);
  const Trial trial = trial_of(bench, 1, *profile);
  CHECK_FALSE(trial.ok());
  CHECK(trial.stages.back().name == "values");
  CHECK(trial.stages.back().detail.contains("points are good, read with huawei/sun2000; a read failed: "));
  CHECK(trial.readings->good() > 0);
}

TEST_CASE("a survey finds the units that answer and says who they are") {
  testing::Bench bench;
  sim::Device meter;
  meter.identity = sim::basic_identity("Schneider Electric", "iEM3155", "1.0");
  sim::Device silent;
  silent.faults.silent = true;
  bench.add(2, meter);
  bench.add(4, silent);
  Link link(bench.network, bench.files, bench.target(1));
  std::optional<Survey> found;
  const auto look = [](Link& on, std::optional<Survey>& into) -> io::Task<void> {
    std::vector<UnitId> units{UnitId(1), UnitId(2), UnitId(4)};
    into = co_await survey(on, std::move(units), catalogue(), [](const std::string&) {});
  };
  bench.run(look(link, found));
  REQUIRE(found);
  CHECK(found->silent == std::vector{UnitId(1), UnitId(4)});
  REQUIRE(found->found.size() == 1);
  CHECK(found->found[0].unit == UnitId(2));
  CHECK(describe(found->found[0].identification.identity()) == "Schneider Electric iEM3155, version 1.0");
  REQUIRE_FALSE(found->found[0].identification.profiles.empty());
  CHECK(found->found[0].identification.profiles[0]->id == "schneider/iem3000");
}

TEST_CASE("a profile is found by the name that the device gives itself") {
  testing::Bench bench;
  sim::Device meter;
  meter.identity = sim::basic_identity("Eastron", "SDM630", "1.0");
  bench.add(1, meter);
  const Trial trial = trial_of(bench);
  REQUIRE_FALSE(trial.identification.profiles.empty());
  CHECK(trial.identification.profiles[0]->id == "eastron/sdm630");
}

TEST_CASE("all points of the models of a chain are read, mapped or not") {
  testing::Bench bench;
  sim::SitePhysics site({.start_at = 12h}, 1);
  site.step(bench.executor.clock().wall_now(), 1s);
  sim::SunSpecInverter inverter(site, 0);
  bench.add(1, inverter);
  Link link(bench.network, bench.files, bench.target(1));
  std::vector<SurveyedModel> models;
  const auto look = [](Link& on, std::vector<SurveyedModel>& into) -> io::Task<void> {
    LinkUnit unit(on, UnitId(1));
    const Identification who = co_await identify(unit, catalogue());
    if (who.chain) into = co_await read_models(unit, *who.chain);
  };
  bench.run(look(link, models));
  REQUIRE(models.size() == 5);
  CHECK(models[0].block.id == 1);
  const auto& common = models[0].points;
  const auto serial = std::ranges::find(common, "SN", &sunspec::DecodedPoint::name);
  REQUIRE(serial != common.end());
  CHECK(serial->raw.contains("SIM"));
}
