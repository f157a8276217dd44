// A line and a device, each on a machine of its own in a simulated world, and what the line says.
#pragma once

#include <algorithm>
#include <map>
#include <memory>

#include <doctest/doctest.h>

#include "io/world/world.hpp"
#include "protocols/bacnet/line.hpp"
#include "protocols/bacnet/testing/fake_device.hpp"

namespace iw::bacnet::testing {

constexpr std::uint32_t kilowatts = 48;
constexpr std::uint32_t fahrenheit = 64;

inline ObjectId ai(std::uint32_t instance) { return {ObjectType::analog_input, instance}; }
constexpr ObjectId ao1{ObjectType::analog_output, 1};

struct Seen final : bus::Feed {
  void describe(model::DeviceDescription description) override {
    points[description.device] = std::move(description.points);
  }
  void publish(model::SampleBatch& batch) override {
    ++batches;
    for (std::size_t i = 0; i < batch.size(); ++i)
      last[{batch.device, batch.index[i]}] = {batch.value[i], batch.quality[i]};
  }
  void report(bus::DeviceEvent event) override { events.push_back(std::move(event)); }

  void state(bus::DeviceAlarms stated) override {
    ++statements;
    alarms[stated.device] = std::move(stated.active);
  }
  void recall(bus::PastValues values) override { past.push_back(std::move(values)); }
  void remember(bus::DriverMemory memory) override { memories[memory.name] = std::move(memory.text); }
  [[nodiscard]] std::string state() const {
    return events.empty() ? "nothing" : std::string(bus::to_string(events.back().state));
  }

  std::map<model::DeviceId, std::vector<model::Point>> points;
  std::map<model::PointId, std::pair<double, model::Quality>> last;
  std::vector<bus::DeviceEvent> events;
  std::map<model::DeviceId, std::vector<bus::DeviceAlarm>> alarms;
  std::size_t statements = 0;
  std::vector<bus::PastValues> past;
  std::map<std::string, std::string> memories;
  std::size_t batches = 0;
};

constexpr model::DeviceId plant{1};

// A line and a device, each on a machine of its own.
struct Bench {
  explicit Bench(std::size_t inputs = 3) {
    for (std::uint32_t i = 1; i <= inputs; ++i)
      device.add_analog(ai(i), fmt::format("Feeder {} Power", i), static_cast<float>(i), kilowatts);
    device.add_analog(ao1, "Damper", 20.0F, 98);
  }
  ~Bench() {
    if (line) {
      line->stop();
      CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 1s));
    }
    device.socket->close();
    world.run_for(1s);
  }

  LineDevice config(std::string_view more = "") {
    LineDevice out{
        .id = plant,
        .name = "plant",
        .url = parse_url(fmt::format("bacnet://{}?device=1234{}", device_node.address(), more)).value()};
    out.rates.set(model::RateClass::normal, 1s);
    out.rates.set(model::RateClass::thermal, 1s);
    out.priority = 8;
    return out;
  }
  void start(std::vector<LineDevice> devices) {
    const BacnetLinePlan plan(settings, std::move(devices));
    line = std::make_unique<Line>(plan, driver::Surroundings{.network = node.network(),
                                                             .random = node.random(),
                                                             .files = node.files(),
                                                             .feed = feed,
                                                             .log = log,
                                                             .memory = memory});
    tasks.spawn(line->run());
  }
  void start() { start({config()}); }

  struct Wish {
    std::uint16_t point = 0;
    double value = 0;
    Instant expiry = never;
  };
  // All at the same moment.
  std::vector<model::WriteResult> write(const std::vector<Wish>& wishes) {
    std::vector<std::optional<model::WriteResult>> results(wishes.size());
    auto task = [](Line& l, model::WriteCommand command,
                   std::optional<model::WriteResult>& out) -> io::Task<void> {
      out = co_await l.write(std::move(command));
    };
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      tasks.spawn(task(*line,
                       {.point = {plant, wishes[i].point},
                        .value = wishes[i].value,
                        .owner = "test",
                        .id = 7 + i,
                        .expiry = wishes[i].expiry},
                       results[i]));
    }
    CHECK(world.run_until_holds(
        [&] { return std::ranges::all_of(results, [](const auto& r) { return r.has_value(); }); }, 60s));
    std::vector<model::WriteResult> all;
    for (const auto& result : results)
      all.push_back(result.value_or(model::WriteResult{}));
    return all;
  }
  model::WriteResult write(std::uint16_t point, double value, Instant expiry = never) {
    return write({{.point = point, .value = value, .expiry = expiry}}).front();
  }
  [[nodiscard]] double value(std::uint16_t point) const { return feed.last.at({plant, point}).first; }
  [[nodiscard]] std::string quality(std::uint16_t point) const {
    return model::to_string(feed.last.at({plant, point}).second);
  }
  [[nodiscard]] std::size_t asked(ConfirmedService service) const {
    return static_cast<std::size_t>(std::ranges::count(device.requests, service));
  }

  // What another line had given to be remembered.
  void remembers(const std::string& text) {
    memory = "/memory";
    REQUIRE(node.files().make_folder(memory).has_value());
    REQUIRE(node.files().replace(memory + "/bacnet.state", text).has_value());
  }

  io::world::World world{1};
  io::world::Node& node = world.add_node("gateway");
  io::world::Node& device_node = world.add_node("plant");
  FakeDevice device{device_node.network(), 1234};
  Seen feed;
  NullLog log;
  io::TaskGroup tasks{node.executor()};
  LineSettings settings{.name = "bacnet://", .client = {}};
  std::string memory;
  std::unique_ptr<Line> line;
};

}  // namespace iw::bacnet::testing
