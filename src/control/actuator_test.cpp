#include "control/actuator.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::control;
using model::WriteState;

namespace {

constexpr Instant t0{1000s};

// An actuator of a device that is there, on a clock that the test moves.
struct Bench {
  explicit Bench(Actuator::Settings settings = {}) : actuator(settings) { actuator.set_reachable(true, now); }

  std::optional<double> write() {
    const auto order = actuator.next(now);
    return order ? std::optional(order->value) : std::nullopt;
  }
  void answer(WriteState state, std::optional<double> shown = {}) {
    actuator.answered({.state = state, .read_back = shown}, now);
  }
  void confirm() { answer(WriteState::confirmed, actuator.status().written); }
  void aim(double value, std::uint64_t claim = 1, bool at_once = false) {
    actuator.aim({.value = value, .claim = ClaimId(claim), .expiry = now + 1h, .at_once = at_once}, now);
  }

  Instant now = t0;
  Actuator actuator;
};

}  // namespace

TEST_CASE("a value is written once, and confirmed is only what the device showed") {
  Bench b;
  b.aim(3000);
  CHECK(b.actuator.status().state == WriteState::requested);
  CHECK(b.write() == 3000);
  CHECK(b.actuator.status().state == WriteState::sent);
  CHECK_FALSE(b.write());
  b.now += 10s;
  CHECK_FALSE(b.write());
  b.confirm();
  CHECK(b.actuator.status().state == WriteState::confirmed);
  b.now += 1h;
  CHECK_FALSE(b.write());
  CHECK(b.actuator.wake() == never);
}

TEST_CASE("what changes while a write is under way is written after it, not beside it") {
  Bench b({.every = 0s});
  b.aim(1000);
  REQUIRE(b.write() == 1000);
  b.aim(2000);
  CHECK_FALSE(b.write());
  b.confirm();
  CHECK(b.actuator.status().state == WriteState::requested);
  CHECK(b.write() == 2000);
}

TEST_CASE("two writes are never closer than the point allows") {
  Bench b({.every = 5s});
  b.aim(1000);
  REQUIRE(b.write());
  b.confirm();
  b.now += 1s;
  b.aim(2000);
  CHECK_FALSE(b.write());
  CHECK(b.actuator.wake() == t0 + 5s);
  b.now = t0 + 5s;
  CHECK(b.write() == 2000);
}

TEST_CASE("what is not followed is tried again, ever more rarely, and both values are told") {
  Bench b;
  b.aim(3000);
  std::vector<Duration> pauses;
  for (int n = 0; n < 9; ++n) {
    const Instant before = b.now;
    b.now = b.actuator.wake();
    pauses.push_back(b.now - before);
    REQUIRE(b.write() == 3000);
    b.answer(WriteState::not_followed, 1234.0);
  }
  CHECK(pauses == std::vector<Duration>{0s, 1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s});
  CHECK(b.actuator.status().written == 3000);
  CHECK(b.actuator.status().shown == 1234);
}

TEST_CASE("a write that may not be done twice is not, whatever became of it") {
  Bench b({.once = true});
  b.aim(1, 7);
  REQUIRE(b.write() == 1);
  b.answer(WriteState::unknown);
  b.now += 24h;
  CHECK_FALSE(b.write());
  b.actuator.set_reachable(false, b.now);
  b.actuator.set_reachable(true, b.now);
  CHECK_FALSE(b.write());
  b.aim(0, 0);  // the claim is over: there is no fallback to write
  CHECK_FALSE(b.write());
  b.aim(1, 8);
  CHECK(b.write() == 1);
}

TEST_CASE(
    "of a point that is written once, a claim that comes while another is written is written after it") {
  Bench b({.every = 0s, .once = true});
  b.aim(1, 1);
  REQUIRE(b.write() == 1);
  b.aim(1, 2);
  b.confirm();
  CHECK(b.actuator.status().state == WriteState::requested);
  CHECK(b.write() == 1);
  b.confirm();
  CHECK_FALSE(b.write());
}

TEST_CASE("a poll of before the write that comes after the answer is no word against it") {
  Bench b;
  b.aim(1000);
  REQUIRE(b.write() == 1000);
  b.now += 1ms;
  const Instant polled = b.now;
  b.now += 1ms;
  b.confirm();
  b.actuator.shown(0, polled);
  CHECK(b.actuator.status().state == WriteState::confirmed);
  b.actuator.shown(0, b.now + 1s);
  CHECK(b.actuator.status().state == WriteState::not_followed);
}

TEST_CASE("after a restart a claim that was written once is not written again") {
  Bench b({.once = true});
  b.actuator.remember_written(ClaimId(7));
  b.aim(1, 7);
  CHECK_FALSE(b.write());
}

TEST_CASE("what the device forgets by itself is refreshed in time") {
  Bench b({.refresh = 30s});
  b.aim(3000);
  REQUIRE(b.write());
  b.now += 200ms;
  b.confirm();
  CHECK(b.actuator.wake() == t0 + 30s);
  b.now = t0 + 30s;
  CHECK(b.write() == 3000);
}

TEST_CASE("what the device is told to leave by itself is written again at half of that time") {
  Bench b;
  const auto aim = [&](Duration revert) {
    b.actuator.aim({.value = 3000, .claim = ClaimId(1), .expiry = t0 + 1h, .revert = revert}, b.now);
  };
  aim(60s);
  CHECK(b.actuator.next(b.now)->revert == 60s);
  b.confirm();
  CHECK(b.actuator.wake() == t0 + 30s);
  b.now = t0 + 30s;
  REQUIRE(b.write() == 3000);
  // Another time is another command, although the value is the same, and one that holds is not refreshed.
  aim(0s);
  b.confirm();
  CHECK(b.actuator.status().state == WriteState::requested);
  b.now += 1s;
  CHECK(b.actuator.next(b.now)->revert == 0s);
  b.confirm();
  CHECK(b.actuator.wake() == never);
}

TEST_CASE("a ramp begins where the device is, which is waited for, but not for ever") {
  Bench b({.ramp = 100, .every = 1s});
  b.aim(1000);
  CHECK_FALSE(b.write());
  b.actuator.shown(500, b.now);
  CHECK(b.write() == 600);
  Bench silent({.ramp = 100, .every = 1s});
  silent.aim(1000);
  CHECK(silent.actuator.wake() == t0 + 5s);
  Bench urgent({.ramp = 100, .every = 1s});
  urgent.aim(0, 1, true);
  CHECK(urgent.write() == 0);
}

TEST_CASE("an order that was not carried out moves no ramp on") {
  for (const WriteState state : {WriteState::expired, WriteState::refused, WriteState::unknown}) {
    Bench b({.ramp = 100, .every = 1s});
    b.actuator.shown(500, b.now);
    b.aim(1000);
    REQUIRE(b.write() == 600);
    b.answer(state);
    b.now += 5s;
    CHECK(b.write() == 600);
    b.confirm();
    b.now += 1s;
    CHECK(b.write() == 700);
    b.answer(WriteState::not_followed, 550.0);
    b.now += 5s;
    CHECK(b.write() == 650);
  }
}

TEST_CASE("a ramp of a device that has fallen back begins there, or where it is measured to be") {
  Bench b({.ramp = 100, .every = 1s, .falls_back = {{.after = 60s, .told = true, .to = 0}}});
  const auto aim = [&](double value) {
    b.actuator.aim({.value = value, .claim = ClaimId(1), .expiry = t0 + 1h, .revert = 60s}, b.now);
  };
  SUBCASE("after a start: it had been told a value, and its time is over before it is seen again") {
    b.actuator.shown(4000, b.now);
    SUBCASE("which is known") {
      b.now += 60s;
      aim(-1000);
      CHECK(b.write() == -100);
    }
    SUBCASE("or may be: it is measured") {
      b.now += 30s;
      b.actuator.measured(0, b.now);
      aim(-1000);
      CHECK(b.write() == -100);
    }
    SUBCASE("or it was told to hold it: it is measured") {
      b.now += 70s;
      b.actuator.measured(4000, b.now);
      aim(-1000);
      CHECK(b.write() == 3900);
    }
    SUBCASE("or it is seen after all") {
      b.now += 70s;
      b.actuator.shown(4000, b.now);
      aim(-1000);
      CHECK(b.write() == 3900);
    }
    SUBCASE("or it shows what it does not do, as one that was never told to obey: it is measured") {
      b.now += 70s;
      b.actuator.measured(0, b.now);
      b.actuator.shown(4000, b.now);
      aim(-1000);
      CHECK(b.write() == -100);
    }
  }
  SUBCASE("it shows the value of before when it is read back, which it need not obey") {
    b.actuator.measured(0, b.now);
    b.actuator.shown(4000, b.now);
    aim(-1000);
    REQUIRE(b.write() == -100);
    b.answer(WriteState::not_followed, 4000.0);
    b.now += 5s;
    CHECK(b.write() == -100);
  }
  SUBCASE("it answers and can not be written for so long") {
    b.actuator.shown(400, b.now);
    aim(500);
    REQUIRE(b.write() == 500);
    b.confirm();
    // What follows more slowly than it is told is no reason to begin anew.
    b.actuator.measured(100, b.now + 1s);
    b.now += 30s;
    REQUIRE(b.write() == 500);
    SUBCASE("because it says no") {
      b.answer(WriteState::refused);
      b.now += 31s;
      CHECK(b.write() == 100);
    }
    SUBCASE("because a part of it got no answer: its time may have begun anew") {
      b.actuator.answered(
          {.state = WriteState::refused, .read_back = {}, .error = Error{ErrorKind::timeout, "no answer"}},
          b.now);
      b.actuator.measured(500, b.now + 1s);
      b.now += 31s;
      CHECK(b.write() == 500);
    }
  }
  SUBCASE("nobody knows whether it was written again") {
    b.actuator.shown(400, b.now);
    aim(500);
    REQUIRE(b.write() == 500);
    b.confirm();
    b.now += 30s;
    REQUIRE(b.write() == 500);
    b.answer(WriteState::unknown);
    SUBCASE("it holds what it has confirmed until that time is over, whatever it did meanwhile") {
      b.actuator.measured(-3000, b.now - 25s);
      b.now += 5s;
      CHECK(b.write() == 500);
      return;
    }
    b.now += 31s;
    SUBCASE("it may hold that still") { CHECK(b.write() == 500); }
    SUBCASE("it is measured") {
      b.actuator.measured(0, b.now - 1s);
      CHECK(b.write() == 100);
    }
  }
}

TEST_CASE("no ramp keeps a point outside of what protection allows, nor lets it jump within") {
  Bench b({.ramp = 100, .every = 1s});
  b.actuator.shown(5000, b.now);
  const auto protect = [&b](double value, double least, double most) {
    b.actuator.aim({.value = value, .claim = ClaimId(1), .expiry = b.now + 1h, .least = least, .most = most},
                   b.now);
  };
  protect(1000, -5000, 3000);
  CHECK(b.write() == 3000);
  b.confirm();
  b.now += 1s;
  CHECK(b.write() == 2900);
  b.confirm();
  // A bound that moves in the middle of the way, at the same aim.
  protect(1000, -5000, 2000);
  b.now += 1s;
  CHECK(b.write() == 2000);
  b.confirm();
  b.now += 1s;
  CHECK(b.write() == 1900);
  b.confirm();
  protect(3000, -5000, 3000);
  b.now += 1s;
  CHECK(b.write() == 2000);
}

TEST_CASE("a device that rounds what it is told at a bound does not hold a ramp up there") {
  Bench b({.ramp = 1000, .every = 1s});
  b.actuator.shown(-3280, b.now);
  b.actuator.aim({.value = 4000, .claim = ClaimId(1), .expiry = b.now + 1h, .least = -3279.9, .most = 5000},
                 b.now);
  for (const double next : {-2280, -1280, -280}) {
    CHECK(b.write() == next);
    b.confirm();
    b.now += 1s;
  }
}

TEST_CASE("a ramp is followed step by step, and confirmed at its end only is the aim") {
  Bench b({.ramp = 100, .every = 1s});
  b.actuator.shown(0, b.now);
  b.aim(0);
  REQUIRE(b.write() == 0);
  b.confirm();
  b.now += 10s;
  b.aim(250);
  std::vector<double> values;
  while (b.actuator.wake() != never) {
    b.now = std::max(b.now, b.actuator.wake());
    values.push_back(*b.write());
    b.confirm();
  }
  CHECK(values == std::vector<double>{100, 200, 250});
  b.now += 10s;
  b.aim(-5000, 2, true);
  CHECK(b.write() == -5000);
}

TEST_CASE("nothing is written to a device that is away; when it is back, all is written anew") {
  Bench b;
  b.aim(3000);
  REQUIRE(b.write());
  b.confirm();
  b.now += 10s;
  b.actuator.set_reachable(false, b.now);
  CHECK(b.actuator.status().state == WriteState::unknown);
  CHECK(b.actuator.wake() == never);
  b.now += 10s;
  b.actuator.set_reachable(true, b.now);
  CHECK(b.write() == 3000);
}

TEST_CASE("a device that leaves what it had confirmed is noticed and told again") {
  Bench b;
  b.aim(3000);
  REQUIRE(b.write());
  b.confirm();
  b.now += 1s;
  b.actuator.shown(3000, b.now);
  CHECK(b.actuator.wake() == never);
  b.now += 1s;
  b.actuator.shown(0, b.now);
  CHECK(b.actuator.status().state == WriteState::not_followed);
  CHECK(b.actuator.status().shown == 0);
  b.now = b.actuator.wake();
  CHECK(b.write() == 3000);
}

TEST_CASE("a poll from before the write says nothing about it") {
  Bench b;
  b.aim(3000);
  REQUIRE(b.write());
  b.confirm();
  b.actuator.shown(0, t0 - 1ms);
  CHECK(b.actuator.status().state == WriteState::confirmed);
}

TEST_CASE("an order does not outlive its claim") {
  Bench b;
  b.actuator.aim({.value = 1, .claim = ClaimId(1), .expiry = t0 + 2s}, t0);
  CHECK(b.actuator.next(t0)->expiry == t0 + 2s);
}
