// A line and a device on a manual clock, and what came of it: for tests of Line.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "io/testing/capture_log.hpp"
#include "io/testing/fixed_random.hpp"
#include "io/testing/manual_executor.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/modbus/testing/fake_device.hpp"

namespace iw::modbus::testing {

class CaptureFeed final : public bus::Feed {
 public:
  struct Sample {
    double value = 0;
    model::Quality quality;
    Instant received;
  };

  void describe(model::DeviceDescription description) override {
    descriptions.push_back(std::move(description));
  }
  void publish(model::SampleBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      samples[{batch.device.value(), batch.index[i]}].push_back(
          {batch.value[i], batch.quality[i], batch.received});
    }
  }
  void report(bus::DeviceEvent event) override { events.push_back(std::move(event)); }
  void state(bus::DeviceAlarms active) override { alarms.push_back(std::move(active)); }

  const std::vector<Sample>& of(std::uint16_t device, std::uint16_t point) {
    return samples[{device, point}];
  }
  std::vector<bus::DeviceState> states(std::uint16_t device) const {
    std::vector<bus::DeviceState> found;
    for (const bus::DeviceEvent& event : events) {
      if (event.device == model::DeviceId(device)) found.push_back(event.state);
    }
    return found;
  }

  std::vector<model::DeviceDescription> descriptions;
  std::vector<bus::DeviceEvent> events;
  std::vector<bus::DeviceAlarms> alarms;
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::vector<Sample>> samples;
};

inline RegisterPoint at(std::uint16_t address, model::RateClass rate = model::RateClass::fast) {
  RegisterPoint point;
  point.point.name.quantity = model::Quantity::ActivePower;
  point.point.rate = rate;
  point.address = address;
  return point;
}

inline LineDevice device(std::uint16_t id, std::uint8_t unit, std::vector<RegisterPoint> points) {
  LineDevice d;
  d.id = model::DeviceId(id);
  d.name = fmt::format("device-{}", id);
  d.unit = UnitId(unit);
  RegisterMap map;
  map.points = std::move(points);
  d.map = std::make_shared<const RegisterMap>(std::move(map));
  return d;
}

// A line, its device, and everything around them on a manual clock.
struct Site {
  explicit Site(LineSettings settings = {})
      : line(named(std::move(settings)), {network, random, feed, log}) {}
  ~Site() {
    line.stop();
    executor.advance(5s);
    CHECK(tasks.running() == 0);
  }

  static LineSettings named(LineSettings settings) {
    settings.name = "line";
    return settings;
  }
  void run(Duration time) {
    if (!std::exchange(started, true)) tasks.spawn(line.run());
    executor.advance(time);
  }
  model::WriteResult write(double value, model::Revert revert) {
    model::WriteResult result;
    auto main = [&]() -> io::Task<void> {
      result = co_await line.write(
          {.point = {model::DeviceId(1), 0}, .value = value, .owner = "test", .id = 7, .revert = revert});
    };
    tasks.spawn(main());
    executor.advance(3s);
    return result;
  }
  model::WriteResult write(double value, std::uint16_t point = 0, Instant expiry = never) {
    model::WriteResult result;
    auto main = [&]() -> io::Task<void> {
      result = co_await line.write(
          {.point = {model::DeviceId(1), point}, .value = value, .owner = "test", .id = 7, .expiry = expiry});
    };
    tasks.spawn(main());
    executor.advance(3s);
    return result;
  }

  io::testing::ManualExecutor executor;
  io::testing::FixedRandom random;
  io::testing::CaptureLog log;
  FakeDevice fake{executor};
  FakeNetwork network{executor, fake};
  CaptureFeed feed;
  io::TaskGroup tasks{executor};
  Line line;
  bool started = false;
};

}  // namespace iw::modbus::testing
