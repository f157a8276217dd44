#include "normalize/skew.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::normalize;

namespace {

// A device polled once a second, off by `skew`; its last stamp.
struct Polled {
  ClockSkew clock;
  WallTime now{1000h};

  WallTime poll(Duration skew, Duration round_trip = 20ms) {
    now += 1s;
    return clock.observe({.device = now + skew, .gateway = now, .round_trip = round_trip});
  }
};

}  // namespace

TEST_CASE("a clock step of an hour is noticed within two polls, and so is the way back") {
  for (const Duration step : {Duration(1h), Duration(-1h)}) {
    for (int before : {1, 10, 1000}) {
      Polled device;
      for (int i = 0; i < before; ++i)
        CHECK(device.poll(100ms) == device.now + 100ms);
      CHECK(device.clock.synchronized());
      for (int i = 0; i < 100; ++i) {
        CHECK(device.poll(step) == device.now);
        CHECK_FALSE(device.clock.synchronized());
      }
      CHECK(device.clock.skew() == step);
      device.poll(0ms);
      device.poll(0ms);
      CHECK(device.clock.synchronized());
    }
  }
}

TEST_CASE("no stamp is more than five seconds in the future") {
  Polled device;
  for (const Duration round_trip : {Duration(1ms), Duration(2s), Duration(1min)}) {
    for (Duration skew = -10s; skew <= 10s; skew += 100ms)
      CHECK(device.poll(skew, round_trip) <= device.now + 5s);
  }
}

TEST_CASE("a single late answer is marked and moves nothing") {
  Polled device;
  for (int i = 0; i < 20; ++i)
    device.poll(10ms);
  device.poll(-3s);
  CHECK_FALSE(device.clock.synchronized());
  CHECK(device.clock.skew() == 10ms);
  device.poll(10ms);
  CHECK(device.clock.synchronized());
}
