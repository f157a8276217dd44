// What every driver promises, whatever it speaks.
#include "gateway/drivers.hpp"

#include <set>

#include <doctest/doctest.h>

#include "gateway/line_plan.hpp"
#include "io/task_group.hpp"
#include "io/testing/memory_files.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

struct Seen final : bus::Feed {
  void describe(model::DeviceDescription /*description*/) override {}
  void publish(model::SampleBatch& batch) override {
    for (const model::Quality quality : batch.quality)
      good += quality.good() ? 1 : 0;
  }
  void report(bus::DeviceEvent event) override { events.push_back(std::move(event)); }

  std::size_t good = 0;
  std::vector<bus::DeviceEvent> events;
};

// A device that is not there, as somebody would write it who has nothing but the example.
std::string configuration(const driver::DriverKind& kind) {
  const std::string_view example = kind.example.substr(0, kind.example.find(','));
  std::string url(example);
  for (const auto& [word, number] : {std::pair{"host", "gone"}, std::pair{":port", ""}}) {
    if (const auto at = url.find(word); at != std::string::npos)
      url.replace(at, std::string(word).size(), number);
  }
  return fmt::format("devices:\n  - name: a\n    connect: {}\n", url);
}

struct Started {
  explicit Started(const driver::DriverKind& kind) {
    config = load_config("interwatt.yaml", configuration(kind), files, findings);
    REQUIRE_MESSAGE(config, config::to_string(findings));
    plans = plan_lines(*config, ids);
  }

  io::testing::MemoryFiles files;
  config::Findings findings;
  std::unique_ptr<LoadedConfig> config;
  DeviceIds ids;
  std::vector<driver::LinePlanPtr> plans;
};

}  // namespace

TEST_CASE("every scheme belongs to one driver, and every example is one that its driver takes") {
  std::set<std::string_view> schemes;
  for (const driver::DriverKind& kind : drivers()) {
    CAPTURE(kind.name);
    for (const std::string_view scheme : kind.schemes)
      CHECK(schemes.insert(scheme).second);
    CHECK(driver_for(kind.example) == &kind);
    CHECK(Started(kind).plans.size() == 1);
  }
  CHECK(driver_for("http://h") == nullptr);
  CHECK(driver_for("") == nullptr);
}

TEST_CASE("a line starts with its device off, says why, gives no good value, and stops within a second") {
  for (const driver::DriverKind& kind : drivers()) {
    CAPTURE(kind.name);
    Started started(kind);
    io::world::World world(1);
    io::world::Node& node = world.add_node("gateway");
    Seen feed;
    NullLog log;
    io::TaskGroup tasks(node.executor());
    const auto line = started.plans[0]->start({.network = node.network(),
                                               .random = node.random(),
                                               .files = node.files(),
                                               .feed = feed,
                                               .log = log});
    tasks.spawn(line->run());
    world.run_for(30s);
    CHECK(feed.good == 0);
    REQUIRE_FALSE(feed.events.empty());
    CHECK(feed.events.back().state == bus::DeviceState::offline);
    CHECK_FALSE(feed.events.back().reason.empty());
    CHECK(line->status().devices == 1);

    line->end();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 1s));
    CHECK(feed.events.back().state == bus::DeviceState::removed);
  }
}

TEST_CASE("a line follows its own plan, whoever made it anew, and no plan of another road") {
  for (const driver::DriverKind& kind : drivers()) {
    CAPTURE(kind.name);
    Started first(kind);
    Started again(kind);
    io::world::World world(1);
    io::world::Node& node = world.add_node("gateway");
    Seen feed;
    NullLog log;
    const auto line = first.plans[0]->start({.network = node.network(),
                                             .random = node.random(),
                                             .files = node.files(),
                                             .feed = feed,
                                             .log = log});
    CHECK(line->follow(*again.plans[0]));
    CHECK(first.plans[0]->url() == again.plans[0]->url());
    CHECK(line->has(first.ids.of("a")));
    CHECK(feed.events.empty());
  }
}

TEST_CASE("a line lets go of what its plan has not before it takes what is new") {
  for (const driver::DriverKind& kind : drivers()) {
    CAPTURE(kind.name);
    Started first(kind);
    std::string renamed = configuration(kind);
    renamed.replace(renamed.find("name: a"), 7, "name: b");
    const auto config = load_config("interwatt.yaml", renamed, first.files, first.findings);
    REQUIRE(config);
    const auto plans = plan_lines(*config, first.ids);
    io::world::World world(1);
    io::world::Node& node = world.add_node("gateway");
    Seen feed;
    NullLog log;
    const auto line = first.plans[0]->start({.network = node.network(),
                                             .random = node.random(),
                                             .files = node.files(),
                                             .feed = feed,
                                             .log = log});
    CHECK(line->let_go(*plans[0]));
    CHECK_FALSE(line->has(first.ids.of("a")));
    CHECK_FALSE(line->has(first.ids.of("b")));
    REQUIRE_FALSE(feed.events.empty());
    CHECK(feed.events.back().state == bus::DeviceState::removed);
    CHECK(line->follow(*plans[0]));
    CHECK(line->has(first.ids.of("b")));
  }
}

TEST_CASE("a key of another protocol is told from a wrong one") {
  for (const driver::DriverKind& kind : drivers()) {
    for (const config::Shape& key : kind.device_keys.parts) {
      for (const driver::DriverKind& other : drivers()) {
        if (&other == &kind) continue;
        io::testing::MemoryFiles files;
        config::Findings findings;
        load_config("interwatt.yaml", configuration(other) + fmt::format("    {}: x\n", key.name), files,
                    findings);
        CHECK(config::to_string(findings).contains("means nothing to a"));
      }
    }
  }
}
