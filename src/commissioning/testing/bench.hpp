// Bench of the tools' tests: a simulated Modbus server on a network in memory, time that the test moves.
#pragma once

#include <doctest/doctest.h>

#include "base/log.hpp"
#include "commissioning/link.hpp"
#include "io/task_group.hpp"
#include "io/testing/memory_files.hpp"
#include "sim/modbus_server.hpp"
#include "sim/seeded_random.hpp"
#include "sim/testing/pipe_network.hpp"

namespace iw::commissioning::testing {

struct Bench {
  Bench() {
    const auto at = server.listen({"device", 0});
    REQUIRE(at);
    endpoint = *at;
    tasks.spawn(server.run());
  }
  ~Bench() {
    server.stop();
    executor.run();
    CHECK(tasks.running() == 0);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void add(std::uint8_t unit, sim::Device& device) { server.add(modbus::UnitId(unit), device); }

  [[nodiscard]] Target target(std::uint8_t unit) const {
    return {
        .address = {.endpoint = endpoint, .serial = {}, .unit = {}}, .unit = modbus::UnitId(unit), .tls = {}};
  }

  // Runs the task to its end, letting time pass.
  void run(io::Task<void> task) {
    const std::size_t before = tasks.running();
    tasks.spawn(std::move(task));
    for (int i = 0; i < 10'000 && tasks.running() > before; ++i)
      executor.advance(100ms);
    REQUIRE(tasks.running() == before);
  }

  io::testing::ManualExecutor executor;
  sim::testing::PipeNetwork network{executor};
  io::testing::MemoryFiles files;
  sim::SeededRandom random{1};
  NullLog log;
  sim::ModbusServer server{network, random, log, {}};
  io::Endpoint endpoint;
  io::TaskGroup tasks{executor};
};

}  // namespace iw::commissioning::testing
