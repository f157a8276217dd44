#include "gateway/watchdog.hpp"

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

struct Told final : io::Supervisor {
  void ready(std::string_view /*status*/) override {}
  void alive() override { ++times; }
  void stopping() override {}
  [[nodiscard]] std::optional<Duration> patience() const override { return waits; }

  std::optional<Duration> waits = 30s;
  int times = 0;
};

}  // namespace

TEST_CASE("the supervisor hears of a gateway whose field turns, twice as often as it must") {
  io::testing::ManualExecutor core;
  io::testing::ManualExecutor field;
  Told told;
  Watchdog watchdog(core, field, told);
  watchdog.start();
  for (int i = 0; i < 60; ++i) {
    field.run();
    core.advance(1s);
  }
  CHECK(told.times == 4);
}

TEST_CASE("of a field that hangs it hears nothing, until that turns again") {
  io::testing::ManualExecutor core;
  io::testing::ManualExecutor field;
  Told told;
  Watchdog watchdog(core, field, told);
  watchdog.start();
  core.advance(120s);
  CHECK(told.times == 0);
  field.run();
  core.advance(1s);
  CHECK(told.times == 1);
}

TEST_CASE("a supervisor that does not watch is not told") {
  io::testing::ManualExecutor core;
  io::testing::ManualExecutor field;
  Told told;
  told.waits.reset();
  Watchdog watchdog(core, field, told);
  watchdog.start();
  field.run();
  core.advance(120s);
  CHECK(told.times == 0);
}
