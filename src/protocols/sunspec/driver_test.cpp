#include "protocols/sunspec/driver.hpp"

#include <algorithm>
#include <optional>
#include <ranges>
#include <vector>

#include <doctest/doctest.h>

#include "io/sleep.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/fixed_random.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/scripted_peer.hpp"
#include "model/asset.hpp"
#include "protocols/modbus/testing/fake_device.hpp"
#include "protocols/sunspec/image.hpp"

namespace iw::sunspec {

namespace {

using bus::DeviceState;
using io::testing::ScriptedPeer;

// A unit at the other end of a pipe.
struct Unit final : modbus::UnitAccess {
  ~Unit() override {
    client.reset();
    executor.advance(1ms);
  }

  io::Task<Result<modbus::ReplyPdu>> ask(modbus::Request request) override {
    return client->ask(modbus::UnitId(1), std::move(request));
  }
  std::optional<Result<Chain>> read(Duration time) {
    std::optional<Result<Chain>> chain;
    const auto main = [&]() -> io::Task<void> { chain = co_await read_chain(*this); };
    tasks.spawn(main());
    executor.advance(time);
    return chain;
  }

  io::testing::ManualExecutor executor;
  std::pair<std::unique_ptr<io::testing::PipeEnd>, std::unique_ptr<io::testing::PipeEnd>> pipe =
      io::testing::make_pipe(executor);
  ScriptedPeer peer{executor, std::move(pipe.first)};
  std::optional<modbus::Client> client{std::in_place, executor, std::move(pipe.second), modbus::Framing{},
                                       1s};
  io::TaskGroup tasks{executor};
};

class Heard final : public bus::Feed {
 public:
  void describe(model::DeviceDescription description) override {
    descriptions.push_back(std::move(description));
  }
  void publish(model::SampleBatch& /*batch*/) override {}
  void report(bus::DeviceEvent event) override { events.push_back(std::move(event)); }

  std::vector<model::DeviceDescription> descriptions;
  std::vector<bus::DeviceEvent> events;
};

// A line that finds out what its device is.
struct Site {
  explicit Site(const std::vector<std::uint16_t>& registers, std::optional<std::uint16_t> silent_at = {}) {
    if (silent_at) device.silent_at = {*silent_at};
    std::uint16_t address = 40000;
    for (const std::uint16_t value : registers)
      device.registers[address++] = value;
    line.add({.id = model::DeviceId(1),
              .name = "roof",
              .unit = modbus::UnitId(1),
              .map = {},
              .discover = discover_with({}),
              .rates = {}});
    tasks.spawn(line.run());
    executor.advance(1s);
  }
  ~Site() {
    line.stop();
    executor.advance(5s);
    CHECK(tasks.running() == 0);
  }

  io::testing::ManualExecutor executor;
  io::testing::FixedRandom random;
  io::testing::CaptureLog log;
  modbus::testing::FakeDevice device{executor};
  modbus::testing::FakeNetwork network{executor, device};
  Heard feed;
  io::TaskGroup tasks{executor};
  modbus::Line line{{.name = "line"}, {network, random, feed, log}};
};

}  // namespace

TEST_CASE("each base is asked for the marker, and the error says what each answered") {
  Unit unit;
  unit.peer.expect("00 01 00 00 00 06 01 03 9C 40 00 02").reply("00 01 00 00 00 03 01 83 02");
  unit.peer.expect("00 02 00 00 00 06 01 03 00 00 00 02").reply("00 02 00 00 00 07 01 03 04 12 34 56 78");
  for (const char* silent : {"00 03", "00 04", "00 05"})
    unit.peer.expect(fmt::format("{} 00 00 00 06 01 03 C3 50 00 02", silent)).stay_silent();
  const auto chain = unit.read(4s);
  CHECK(unit.peer.complaints() == "");
  REQUIRE(chain);
  REQUIRE_FALSE(chain->has_value());
  CHECK(chain->error().message.contains("40000: exception 02"));
  CHECK(chain->error().message.contains("50000: no answer"));
}

TEST_CASE("a connection that breaks ends the discovery at once") {
  Unit unit;
  unit.peer.expect("00 01 00 00 00 06 01 03 9C 40 00 02").reset();
  const auto chain = unit.read(10ms);
  REQUIRE(chain);
  REQUIRE_FALSE(chain->has_value());
  CHECK(chain->error().kind == ErrorKind::reset);
}

TEST_CASE("a device that is found is described with its identity, its points and what it is") {
  Image image;
  image.add(1).set("Mn", "Acme").set("SN", "7");
  image.add(103).set("W", 5000);
  const Site site(image.registers());
  REQUIRE(site.feed.descriptions.size() == 1);
  const model::DeviceDescription& found = site.feed.descriptions.front();
  CHECK(found.identity.manufacturer == "Acme");
  CHECK(found.identity.serial_number == "7");
  CHECK(found.points.size() > 10);
  CHECK(found.kinds.at("") == model::AssetKind::inverter);
  CHECK(site.feed.events.back().state == DeviceState::online);
  CHECK(site.log.count("warning") == 0);
}

TEST_CASE("what is wrong with the chain is logged with the name of the device") {
  Image image;
  image.add(1);
  image.add(103).set("W", 5000);
  std::vector<std::uint16_t> registers = image.registers();
  registers[registers.size() - 2] = 120;  // a model of length 0 in place of the end marker
  const Site site(registers);
  CHECK(site.feed.descriptions.size() == 1);
  CHECK(site.log.has("warning: roof: model 120 at register 40122 has length 0: the chain ends here"));
}

TEST_CASE(
    "a device that fell silent at a model while it was discovered has that model when it answers again") {
  Image image;
  image.add(1);
  image.add(103).set("W", 5000);
  image.add(123);
  Site site(image.registers(), 40122);
  site.executor.advance(20s);
  REQUIRE(site.feed.descriptions.size() == 1);
  CHECK(
      site.log.has("warning: roof: no answer where the model after 103 should be, at register 40122: the "
                   "chain ends here"));
  const std::size_t found = site.feed.descriptions.back().points.size();
  site.device.silent_at.clear();
  site.executor.advance(1min);
  REQUIRE(site.feed.descriptions.size() == 2);
  CHECK(site.feed.descriptions.back().points.size() > found);
  CHECK(std::ranges::equal(site.feed.descriptions.front().points,
                           site.feed.descriptions.back().points | std::views::take(found), {},
                           &model::Point::name, &model::Point::name));
  CHECK(site.feed.events.back().state == DeviceState::online);
}

TEST_CASE("a device whose models nobody knows is offline and says what to do") {
  Image image;
  image.add(1);
  const Site site(image.registers());
  CHECK(site.feed.descriptions.empty());
  REQUIRE(site.feed.events.size() == 1);
  CHECK(site.feed.events.front().state == DeviceState::offline);
  CHECK(site.feed.events.front().reason.contains("none of its models is known"));
  CHECK(site.feed.events.front().remedy.contains("profile"));
}

}  // namespace iw::sunspec
