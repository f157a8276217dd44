#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/task_group.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::world;

namespace {

// A port that keeps what it hears.
struct Station {
  Station(World& in, std::string name, SerialSettings with = {.device = "/dev/bus1"})
      : world(in), node(in.add_node(std::move(name))), settings(std::move(with)) {
    open();
  }
  ~Station() { close(); }

  void open() {
    auto opened = node.network().open_serial(settings);
    REQUIRE(opened.has_value());
    port = std::move(*opened);
    auto listen = [](Station& station) -> Task<void> {
      std::array<std::byte, 256> buffer{};
      for (;;) {
        auto n = co_await station.port->read_some(buffer);
        if (!n) {
          station.ended = n.error().kind;
          co_return;
        }
        ++station.reads;
        station.heard.insert(station.heard.end(), buffer.begin(),
                             buffer.begin() + static_cast<std::ptrdiff_t>(*n));
        station.last = station.world.now();
      }
    };
    tasks.spawn(listen(*this));
  }
  void close() {
    port->close();
    world.run_until_holds([this] { return tasks.running() == 0; }, 1h);
  }
  void say(std::vector<std::byte> bytes) {
    auto write = [](Station& station, std::vector<std::byte> content) -> Task<void> {
      auto result = co_await station.port->write(content);
      if (result) ++station.written;
    };
    tasks.spawn(write(*this, std::move(bytes)));
  }

  World& world;
  Node& node;
  SerialSettings settings;
  TaskGroup tasks{node.executor()};
  StreamPtr port;
  std::vector<std::byte> heard;
  std::optional<ErrorKind> ended;
  int reads = 0;
  int written = 0;
  Instant last{};
};

std::vector<std::byte> zeros(std::size_t n) { return std::vector<std::byte>(n); }

}  // namespace

TEST_CASE("characters take their air time: question and answer for 100 registers at 9600 8E1 take 244 ms") {
  World world(1);
  world.add_serial_bus("bus1");
  const SerialSettings settings{.device = "/dev/bus1", .baud = 9600, .parity = Parity::even};
  Station master(world, "gateway", settings);
  Station meter(world, "meter", settings);
  master.say(zeros(8));
  CHECK(master.written == 1);
  world.run_until_holds([&] { return meter.heard.size() == 8; }, 1s);
  meter.say(zeros(205));
  world.run_for(1s);
  CHECK(master.heard.size() == 205);
  CHECK(master.last.time_since_epoch() > 244ms);  // 213 characters x 11 bits
  CHECK(master.last.time_since_epoch() < 244'100us);
  CHECK(master.reads == 13);  // bursts of 16
}

TEST_CASE("everybody on the bus hears everybody but itself, and itself too with an echo") {
  World world(1);
  SerialBus& bus = world.add_serial_bus("bus1");
  Station a(world, "a");
  Station b(world, "b");
  Station c(world, "c");
  a.say(parse_hex("01 02 03").value());
  world.run_for(1s);
  CHECK(to_hex(b.heard) == "01 02 03");
  CHECK(c.heard == b.heard);
  CHECK(a.heard.empty());
  bus.settings().echo = true;
  a.say(parse_hex("04").value());
  world.run_for(1s);
  CHECK(to_hex(a.heard) == "04");
  CHECK(to_hex(c.heard) == "01 02 03 04");
}

TEST_CASE("two that speak at once garble each other") {
  World world(1);
  world.add_serial_bus("bus1");
  Station a(world, "a");
  Station b(world, "b");
  Station c(world, "c");
  a.say(zeros(8));
  world.run_for(2ms);
  b.say(zeros(8));
  world.run_for(1s);
  REQUIRE(c.heard.size() == 16);
  CHECK_FALSE(std::ranges::equal(Bytes(c.heard).first(8), zeros(8)));
  CHECK_FALSE(std::ranges::equal(Bytes(c.heard).last(8), zeros(8)));
  c.heard.clear();
  a.say(zeros(8));
  world.run_for(1s);
  CHECK(c.heard == zeros(8));
}

TEST_CASE("another baud rate or parity hears garbage, another number of stop bits does not") {
  World world(1);
  world.add_serial_bus("bus1");
  Station a(world, "a");
  Station baud(world, "baud", {.device = "/dev/bus1", .baud = 19'200});
  Station parity(world, "parity", {.device = "/dev/bus1", .parity = Parity::even});
  Station stop(world, "stop", {.device = "/dev/bus1", .stop_bits = 2});
  a.say(zeros(200));
  world.run_for(1s);
  for (const Station* wrong : {&baud, &parity}) {
    CHECK(wrong->heard.size() > 50);
    CHECK(wrong->heard.size() < 150);
    CHECK(wrong->heard != zeros(wrong->heard.size()));
  }
  CHECK(stop.heard == zeros(200));
}

TEST_CASE("noise flips single bits and drops characters, as often as the bus is told to") {
  World world(1);
  SerialBus& bus = world.add_serial_bus("bus1");
  Station a(world, "a");
  Station b(world, "b");
  bus.settings().noise = 0.1;
  a.say(zeros(2000));
  world.run_for(1min);
  REQUIRE(b.heard.size() == 2000);
  int flipped = 0;
  for (const std::byte x : b.heard) {
    if (x != std::byte{0}) ++flipped;
    CHECK(std::popcount(std::to_integer<unsigned>(x)) <= 1);
  }
  CHECK(flipped > 150);
  CHECK(flipped < 250);

  b.heard.clear();
  bus.settings() = {.drop = 0.1};
  a.say(zeros(2000));
  world.run_for(1min);
  CHECK(b.heard.size() > 1750);
  CHECK(b.heard.size() < 1850);
}

TEST_CASE("a write beyond the kernel's buffer waits, and a closed port still sends what it took") {
  World world(1);
  world.add_serial_bus("bus1");
  Station a(world, "a");
  const Station b(world, "b");
  a.say(zeros(5000));
  CHECK(a.written == 0);
  world.run_for(2s);
  CHECK(a.written == 1);
  a.close();
  world.run_for(10s);
  CHECK(b.heard.size() == 5000);
}

TEST_CASE(
    "a port is busy while it is open, free after its machine was killed, and away while it is unplugged") {
  World world(1);
  SerialBus& bus = world.add_serial_bus("bus1");
  Station a(world, "a");
  Station b(world, "b");
  CHECK(a.node.network().open_serial({.device = "/dev/bus1"}).error().kind == ErrorKind::busy);
  CHECK(a.node.network().open_serial({.device = "/dev/ttyUSB7"}).error().kind == ErrorKind::unreachable);

  a.say(zeros(100));
  world.run_for(50ms);
  a.node.kill(Death::power_cut);
  CHECK(a.node.network().open_serial({.device = "/dev/bus1"}).error().kind == ErrorKind::cancelled);
  a.node.bury();
  CHECK(a.ended == ErrorKind::cancelled);
  a.node.restart();
  world.run_for(1s);
  CHECK(b.heard.size() < 100);
  a.open();
  a.say(zeros(1));
  world.run_for(1s);

  bus.unplug(a.node);
  CHECK(a.node.network().open_serial({.device = "/dev/bus1"}).error().kind == ErrorKind::unreachable);
  world.run_for(1s);
  CHECK(a.ended == ErrorKind::io);
  bus.plug(a.node);
  a.open();
  b.heard.clear();
  a.say(zeros(3));
  world.run_for(1s);
  CHECK(b.heard == zeros(3));
}

TEST_CASE("whoever reads when the converter is pulled may destroy the port, though another one writes") {
  World world(1);
  SerialBus& bus = world.add_serial_bus("bus1");
  Node& node = world.add_node("a");
  StreamPtr port = node.network().open_serial({.device = "/dev/bus1"}).value();
  std::vector<ErrorKind> ends;
  auto write = [&]() -> Task<void> {
    const auto bytes = zeros(10'000);
    auto result = co_await port->write(bytes);
    ends.push_back(result.error().kind);
  };
  auto read = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    auto n = co_await port->read_some(buffer);
    ends.push_back(n.error().kind);
    port.reset();
  };
  TaskGroup tasks(node.executor());
  tasks.spawn(write());
  tasks.spawn(read());
  world.run_for(100ms);
  bus.unplug(node);
  world.run_for(1s);
  CHECK(ends == std::vector<ErrorKind>(2, ErrorKind::io));
  CHECK(world.idle());
}
