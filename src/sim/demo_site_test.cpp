#include "sim/demo_site.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/world/simulated_network.hpp"
#include "io/world/world.hpp"
#include "sim/seeded_random.hpp"
#include "sim/testing/pipe_network.hpp"

using namespace iw;
using namespace iw::sim;
using iw::io::testing::PipeEnd;

namespace {

struct Bench {
  Bench() {
    devices = site.start().value();
    tasks.spawn(site.run());
    executor.run();
  }
  ~Bench() {
    site.stop();
    executor.advance(1s);
    CHECK(tasks.running() == 0);
  }
  const DemoDevice& device(std::string_view name) const {
    return *std::ranges::find(devices, name, &DemoDevice::name);
  }
  std::unique_ptr<PipeEnd> connect(std::string_view name) {
    auto line = network.dial(device(name).endpoint.port);
    executor.run();
    return line;
  }
  std::string ask(PipeEnd& line, std::string_view hex, Duration wait = 100ms) {
    static std::vector<std::byte> sent;
    sent = parse_hex(hex).value();
    tasks.spawn(write(line, sent));
    executor.advance(wait);
    return to_hex(line.take_received());
  }
  static io::Task<void> write(PipeEnd& line, Bytes what) {
    const auto written = co_await line.write(what);
    (void)written;
  }

  io::testing::ManualExecutor executor;
  testing::PipeNetwork network{executor};
  SeededRandom random{3};
  NullLog log;
  DemoSite site{network, random, log, {.site = {.day_of_year = 172, .start_at = 12h}}};
  std::vector<DemoDevice> devices;
  io::TaskGroup tasks{executor};
};

}  // namespace

TEST_CASE("a demo site says what is where, each device at its own address") {
  Bench b;
  std::set<std::pair<std::uint16_t, modbus::UnitId>> addresses;
  for (const DemoDevice& device : b.devices)
    addresses.emplace(device.endpoint.port, device.unit);
  CHECK(addresses.size() == b.devices.size());
  CHECK(b.devices.size() == 9);
  CHECK(b.site.find("garage meter") == nullptr);
}

TEST_CASE("the devices of a demo site answer, and the sun shines on them") {
  Bench b;
  b.executor.advance(5s);
  CHECK(b.site.physics().state().steps == 21);
  auto roof = b.connect("roof inverter");
  CHECK(b.ask(*roof, "00 01 00 00 00 06 01 03 9C 40 00 03") ==
        "00 01 00 00 00 09 01 03 06 53 75 6E 53 00 01");
  auto carport = b.connect("carport inverter");
  const std::string power = b.ask(*carport, "00 01 00 00 00 06 01 03 7D 50 00 02");
  CHECK(power.starts_with("00 01 00 00 00 07 01 03 04 00 00"));
  CHECK_FALSE(power.ends_with("00 00 00 00"));
}

TEST_CASE("a command to the battery of a demo site changes the grid") {
  Bench b;
  b.executor.advance(5s);
  auto line = b.connect("battery");
  // 704.WSet = -5000 W, WSetEna = 1.
  constexpr int model_704 = 40002 + 68 + 155 + 52;
  b.ask(*line, fmt::format("00 01 00 00 00 0B 01 10 {:04X} 00 02 04 FF FF EC 78", model_704 + 24));
  b.ask(*line, fmt::format("00 02 00 00 00 06 01 06 {:04X} 00 01", model_704 + 22));
  b.executor.advance(5s);
  CHECK(b.site.physics().state().battery.ac.total_power() == doctest::Approx(5000).epsilon(0.01));
}

TEST_CASE("behind the gateway the dead unit gives 0B, the others their values") {
  Bench b;
  auto line = b.connect("house meter");
  CHECK(b.device("garage meter").endpoint == b.device("house meter").endpoint);
  CHECK(b.ask(*line, "00 01 00 00 00 06 04 04 00 00 00 02").empty());
  b.executor.advance(1s);
  CHECK(to_hex(line->take_received()) == "00 01 00 00 00 03 04 84 0B");
  CHECK(b.ask(*line, "00 02 00 00 00 06 01 04 00 00 00 02").starts_with("00 02 00 00 00 07 01 04 04 43"));
  CHECK(b.ask(*line, "00 03 00 00 00 06 02 03 5B 00 00 02").starts_with("00 03 00 00 00 07 02 03 04 00 00"));
}

TEST_CASE("the flaky meter is well, and silent at the end of each minute") {
  Bench b;
  auto line = b.connect("heat pump meter");
  b.executor.advance(10s);
  CHECK_FALSE(b.ask(*line, "00 01 00 00 00 06 01 04 00 00 00 02").empty());
  b.executor.advance(40s);
  CHECK(b.ask(*line, "00 01 00 00 00 06 01 04 00 00 00 02", 3s).empty());
  b.executor.advance(20s);
  CHECK_FALSE(b.ask(*line, "00 01 00 00 00 06 01 04 00 00 00 02").empty());
}

TEST_CASE("a demo site whose port is taken says so and leaves the others free") {
  io::testing::ManualExecutor executor;
  testing::PipeNetwork network(executor);
  const auto taken = network.listen({"127.0.0.1", 1503});
  SeededRandom random(1);
  NullLog log;
  DemoSite site(network, random, log, {.first_port = 1502});
  const auto started = site.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("demo site") != std::string::npos);
  CHECK(network.dial(1502) == nullptr);
}

TEST_CASE("a demo site runs in a world, the same for the same seed") {
  const auto run = [](std::uint64_t seed) {
    io::world::World world(seed);
    auto random = world.random("site");
    NullLog log;
    auto& node = world.add_node("site");
    DemoSite site(node.network(), random, log, {.host = node.address()});
    REQUIRE(site.start());
    io::TaskGroup tasks(node.network().executor());
    tasks.spawn(site.run());
    world.run_for(10s);
    const double power = site.physics().state().grid.total_power();
    site.stop();
    world.run_for(1s);
    CHECK(tasks.running() == 0);
    CHECK(site.physics().state().steps == 41);
    return power;
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}
