// Slots and claims, on a manual clock and the real desk.
#include "bms/commander.hpp"

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using namespace iw::bms;
using control::Level;
using gateway::ControlDesk;
using gateway::ControlKeeper;

namespace {

constexpr auto setpoint = "battery/ActivePowerSetpoint";
constexpr model::DeviceId battery{1};

struct Bench {
  Bench() {
    REQUIRE(files.make_folder("data"));
    REQUIRE(model.add_device(battery, "battery"));
    const model::Point point{.name = {.quantity = model::Quantity::ActivePowerSetpoint}, .writable = true};
    REQUIRE(model.describe({.device = battery, .name = "battery", .identity = {}, .points = {point}}));
    section.points[setpoint] = {.minimum = -5000, .maximum = 5000, .fallback = 100};
    section.rights = {{.owner = "bacnet", .highest = Level::people, .points = {"*"}},
                      {.owner = "anna", .highest = Level::people, .points = {"*"}}};
    start();
  }
  void start() {
    auto keeper =
        ControlKeeper::open({.core = executor, .storage = executor}, files, "data", 400, log).value();
    desk = std::make_unique<ControlDesk>(ControlDesk::Surroundings{.core = executor,
                                                                   .site = model,
                                                                   .live = live,
                                                                   .log = log,
                                                                   .write = [](const auto&, const auto&) {}},
                                         std::move(keeper));
    desk->begin(section);
    executor.run();
    commander = std::make_unique<Commander>(Commander::Around{.core = executor,
                                                              .desk = *desk,
                                                              .log = log,
                                                              .changed =
                                                                  [this] {
                                                                    ++changes;
                                                                    kept = commander->text();
                                                                  }},
                                            Commander::Settings{.owner = "bacnet", .life = 24h});
    commander->restore(kept);
    executor.run();
  }
  void restart() {
    commander.reset();
    desk.reset();
    start();
  }

  Result<void> command(std::uint8_t priority, std::optional<double> value) {
    std::optional<Result<void>> result;
    commander->command({.path = setpoint, .priority = priority, .value = value, .by = "10.0.0.9:47808"},
                       [&](Result<void> done) { result = std::move(done); });
    executor.run();
    REQUIRE(result.has_value());
    return *result;
  }
  [[nodiscard]] double value() const { return desk->view().front().point.ruling.value; }
  [[nodiscard]] std::size_t claims() const { return desk->view().front().point.claims.size(); }

  io::testing::ManualExecutor executor;
  io::testing::MemoryFiles files;
  NullLog log;
  model::SiteModel model{model::Mrid{}};
  bus::LiveState live;
  gateway::ControlSection section{.enabled = true, .settle = 1s};
  std::string kept;
  std::size_t changes = 0;
  std::unique_ptr<ControlDesk> desk;
  std::unique_ptr<Commander> commander;
};

}  // namespace

TEST_CASE("priorities have levels, and a more important one never a lower level") {
  CHECK(level_of(8) == Level::people);
  CHECK(level_of(16) == Level::optimisation);
  CHECK_FALSE(level_of(6).has_value());
  Level before = Level::protection;
  for (std::uint8_t priority = 1; priority <= 16; ++priority) {
    const auto level = level_of(priority);
    if (!level) continue;
    CHECK(*level <= before);
    before = *level;
  }
}

TEST_CASE("a slot is a claim, and Null gives it back") {
  Bench b;
  CHECK(b.command(8, 3000));
  CHECK(b.value() == 3000);
  CHECK(b.desk->view().front().point.claims.front().reason == "BACnet priority 8 from 10.0.0.9:47808");
  CHECK(b.commander->slots() == std::vector<Slot>{{.path = setpoint, .priority = 8, .value = 3000}});
  CHECK(b.command(8, {}));
  CHECK(b.value() == 100);
  CHECK(b.claims() == 0);
  CHECK(b.command(8, {}));  // once more is no mistake
}

TEST_CASE("among the slots of one level the order is that of the priorities, whatever came last") {
  Bench b;
  CHECK(b.command(9, 900));
  CHECK(b.command(12, 1200));
  CHECK(b.value() == 900);
  CHECK(b.claims() == 1);
  CHECK(b.command(9, {}));
  CHECK(b.value() == 1200);
  CHECK(b.command(16, 1600));
  CHECK(b.value() == 1200);
  CHECK(b.command(12, {}));
  CHECK(b.value() == 1600);
}

TEST_CASE("what control refuses leaves the slot as it was") {
  Bench b;
  CHECK(b.command(8, 3000));
  CHECK(b.command(1, 4000).error().kind == ErrorKind::denied);  // protection is not granted
  CHECK(b.command(8, 9000).error().kind == ErrorKind::invalid_argument);
  CHECK(b.value() == 3000);
  CHECK(b.commander->slots().size() == 1);
  CHECK(b.command(6, 1).error().kind == ErrorKind::denied);
}

TEST_CASE("a claim that ends empties its slots") {
  Bench b;
  CHECK(b.command(8, 3000));
  CHECK(b.command(9, 2000));
  b.desk->release(b.desk->view().front().point.claims.back().id, "anna", [](const auto&) {});
  b.executor.advance(2s);
  CHECK(b.commander->slots().size() == 1);
  b.executor.advance(25h);
  CHECK(b.commander->slots().empty());
  CHECK(b.kept.empty());
}

TEST_CASE("slots stand over a restart as long as their claims, and claims without a slot do not") {
  Bench b;
  CHECK(b.command(8, 3000));
  CHECK(b.command(16, 500));
  b.restart();
  CHECK(b.value() == 3000);
  CHECK(b.commander->slots().size() == 2);
  CHECK(b.command(8, {}));
  CHECK(b.value() == 500);

  b.kept.clear();  // the file is lost
  b.restart();
  CHECK(b.commander->slots().empty());
  CHECK(b.claims() == 0);
}
