#include "control/last_known.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::control;

namespace {

constexpr Instant t0{1000s};

}  // namespace

TEST_CASE("of a register that nothing leaves by itself, what it was told or showed last is known") {
  LastKnown known;
  CHECK_FALSE(known.seen());
  CHECK_FALSE(known.of_register());
  known.shown(700, t0);
  CHECK(known.of_register() == 700);
  known.told(500, t0 + 1s, {});
  CHECK(known.of_register() == 500);
  known.measured(90, t0 + 2s);
  CHECK(known.of_register() == 500);
  known.forget(never);
  CHECK_FALSE(known.seen());
  CHECK_FALSE(known.of_register());
}

TEST_CASE("what is confirmed stands until the device may have fallen back") {
  LastKnown known;
  known.told(500, t0, {.earliest = t0 + 60s, .latest = t0 + 64s});
  known.measured(480, t0 + 10s);
  CHECK(known.value(0, t0 + 59s) == 500);
  SUBCASE("to what is declared, when it must have and nothing was seen since") {
    CHECK(known.value(0, t0 + 63s) == 480);
    CHECK(known.value(0, t0 + 64s) == 0);
  }
  SUBCASE("to where nobody knows: what was seen last") { CHECK(known.value({}, t0 + 64s) == 480); }
  SUBCASE("to what it is measured to do") {
    known.measured(-30, t0 + 61s);
    CHECK(known.value(0, t0 + 62s) == -30);
  }
  SUBCASE("not, when it is told again in time") {
    known.told(600, t0 + 30s, {.earliest = t0 + 90s, .latest = t0 + 90s});
    CHECK(known.value(0, t0 + 60s) == 600);
  }
  SUBCASE("when a refresh got no answer, neither is sure: what was seen last") {
    known.unanswered(t0 + 90s);
    CHECK(known.value(0, t0 + 59s) == 500);
    CHECK(known.value(0, t0 + 60s) == 480);
    CHECK(known.value(0, t0 + 90s) == 0);
  }
}

TEST_CASE("a register that shows another value than it was told is not to be relied on") {
  LastKnown known;
  known.told(500, t0, {.earliest = t0 + 60s, .latest = t0 + 60s});
  known.shown(500.0000001, t0 + 1s);
  known.measured(480, t0 + 2s);
  CHECK(known.value(0, t0 + 3s) == 500);
  known.shown(300, t0 + 4s);
  CHECK(known.value(0, t0 + 5s) == 300);
  known.measured(290, t0 + 6s);
  CHECK(known.value(0, t0 + 7s) == 290);
}

TEST_CASE("a register is news when it changes, not each time it is read") {
  LastKnown known;
  known.forget(t0 + 60s);
  SUBCASE("what it shows first may be of long ago: what the device does tells more") {
    known.measured(0, t0 + 100s);
    CHECK(known.value({}, t0 + 101s) == 0);
    SUBCASE("of the same time") { known.shown(4000, t0 + 101s); }
    SUBCASE("not of long before") {
      known.shown(4000, t0 + 103s);
      CHECK(known.value({}, t0 + 104s) == 4000);
      return;
    }
    CHECK(known.value({}, t0 + 102s) == 0);
    known.shown(4000, t0 + 111s);
    CHECK(known.value({}, t0 + 112s) == 0);
  }
  SUBCASE("but where nothing is measured, it is all that is known") {
    known.shown(4000, t0 + 101s);
    CHECK(known.value({}, t0 + 102s) == 4000);
    known.shown(4000, t0 + 111s);
    CHECK(known.value(0, t0 + 112s) == 4000);
  }
  SUBCASE("when it changes, somebody has told the device just now") {
    known.shown(4000, t0 + 101s);
    known.measured(3900, t0 + 110s);
    known.shown(2000, t0 + 111s);
    CHECK(known.value({}, t0 + 112s) == 2000);
  }
}
