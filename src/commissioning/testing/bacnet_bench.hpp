// A simulated air handler and a tool on another machine, in a simulated world.
#pragma once

#include <optional>

#include <doctest/doctest.h>

#include "commissioning/bacnet_link.hpp"
#include "io/task_group.hpp"
#include "io/world/world.hpp"
#include "sim/bacnet_device.hpp"

namespace iw::commissioning::testing {

struct BacnetBench {
  BacnetBench() {
    hvac.step(28, 600, 12, 60);
    handler.refresh();
    REQUIRE(handler.listen({.host = "0.0.0.0", .port = bacnet::default_port}));
    tasks.spawn(handler.run());
  }
  ~BacnetBench() {
    handler.stop();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
  }

  // Runs it to its end.
  template <class T>
  T run(io::Task<T> task) {
    std::optional<T> result;
    auto main = [](io::Task<T> what, std::optional<T>& into) -> io::Task<void> {
      into = co_await std::move(what);
    };
    io::TaskGroup group(tool.executor());
    group.spawn(main(std::move(task), result));
    REQUIRE(world.run_until_holds([&] { return result.has_value(); }, 10min));
    return std::move(*result);
  }
  void close_link() {
    auto close = [](BacnetLink& l) -> io::Task<bool> {
      co_await l.close();
      co_return true;
    };
    (void)run(close(link));
  }
  [[nodiscard]] bacnet::DeviceUrl url(std::string_view query = "?device=1001") const {
    return bacnet::parse_url(fmt::format("bacnet://{}{}", device_node.address(), query)).value();
  }

  io::world::World world{1};
  io::world::Node& device_node = world.add_node("air handler");
  io::world::Node& tool = world.add_node("tool");
  sim::HvacPhysics hvac;
  sim::AirHandler handler{device_node.network(), device_node.random(), hvac, 1001};
  io::TaskGroup tasks{device_node.executor()};
  BacnetLink link{tool.network(), 1s, {.host = {255, 255, 255, 255}}};
};

}  // namespace iw::commissioning::testing
