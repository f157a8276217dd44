#include "gateway/field.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "gateway/line_plan.hpp"
#include "io/testing/memory_files.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

// What is said of one device.
struct Told final : bus::Feed {
  void describe(model::DeviceDescription description) override {
    if (description.device == of) told += "described ";
  }
  void publish(model::SampleBatch& /*batch*/) override {}
  void report(bus::DeviceEvent event) override {
    if (event.device == of) told += fmt::format("{} ", bus::to_string(event.state));
  }

  model::DeviceId of;
  std::string told;
};

constexpr std::string_view moving_on_first =
    "  - {name: moving, connect: \"modbus://first?unit=9\", profile: abb/b23}\n";
constexpr std::string_view moving_on_second =
    "  - {name: moving, connect: \"modbus://second?unit=9\", profile: abb/b23}\n";
constexpr std::string_view on_first = "  - {name: a, connect: \"modbus://first\", profile: abb/b23}\n";
constexpr std::string_view on_second = "  - {name: b, connect: \"modbus://second\", profile: abb/b23}\n";

}  // namespace

TEST_CASE("a device that moves to another line leaves the old one before it is described by the new one") {
  io::world::World world(1);
  io::world::Node& node = world.add_node("gateway");
  Told feed;
  NullLog log;
  io::testing::MemoryFiles files;
  DeviceIds ids;
  feed.of = ids.of("moving");
  const auto plans = [&](std::initializer_list<std::string_view> devices) {
    std::string text = "devices:\n";
    for (const std::string_view device : devices)
      text += device;
    config::Findings findings;
    const auto loaded = load_config("interwatt.yaml", text, files, findings);
    REQUIRE_MESSAGE(loaded, config::to_string(findings));
    return plan_lines(*loaded, ids);
  };
  Field field({.network = node.network(), .random = node.random(), .files = files, .feed = feed, .log = log});
  SUBCASE("to a line that was started before") {
    field.apply(plans({on_second, on_first, moving_on_first}));
    field.apply(plans({on_second, on_first, moving_on_second}));
  }
  SUBCASE("to a line that was started later") {
    field.apply(plans({on_first, moving_on_first, on_second}));
    field.apply(plans({on_first, on_second, moving_on_second}));
  }
  SUBCASE("to a line that was started before, from one that ends") {
    field.apply(plans({on_second, moving_on_first}));
    field.apply(plans({on_second, moving_on_second}));
  }
  CHECK(feed.told == "described offline removed described offline ");  // nobody is there
  io::TaskGroup tasks(node.executor());
  tasks.spawn(field.stop());
  CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 1s));
}
