#include "gateway/control_alarms.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;
using events::Kind;
using model::WriteState;

namespace {

constexpr Instant t0{1h};

control::Actuator::Status in(WriteState state) {
  return {.state = state,
          .shown = 800,
          .error = Error{ErrorKind::rejected, "the device shows another value", "look at it"}};
}

}  // namespace

TEST_CASE("a device that does not follow for longer than a moment is an alarm with both values") {
  ControlAlarms alarms;
  CHECK_FALSE(alarms.follow(in(WriteState::confirmed), 3000, true, t0)->cause);
  CHECK_FALSE(alarms.follow(in(WriteState::not_followed), 3000, true, t0 + 1s));
  CHECK(alarms.wake() == t0 + 6s);
  // It is tried again meanwhile.
  CHECK_FALSE(alarms.follow(in(WriteState::sent), 3000, true, t0 + 3s));
  CHECK_FALSE(alarms.follow(in(WriteState::not_followed), 3000, true, t0 + 4s));
  const auto raised = alarms.follow(in(WriteState::not_followed), 3000, true, t0 + 6s);
  REQUIRE(raised);
  CHECK(raised->kind == Kind::not_followed);
  CHECK(raised->cause->message == "told 3000: not followed, it shows 800: the device shows another value");
  CHECK(raised->cause->value == 800);
  CHECK(raised->cause->limit == 3000);
  CHECK_FALSE(alarms.follow(in(WriteState::not_followed), 3000, true, t0 + 7s));
  const auto over = alarms.follow(in(WriteState::confirmed), 3000, true, t0 + 8s);
  REQUIRE(over);
  CHECK_FALSE(over->cause);
}

TEST_CASE("a device that catches up within a moment, or does not answer at all, is no such alarm") {
  ControlAlarms alarms;
  CHECK_FALSE(alarms.follow(in(WriteState::confirmed), 3000, true, t0)->cause);
  CHECK_FALSE(alarms.follow(in(WriteState::not_followed), 3000, true, t0));
  CHECK_FALSE(alarms.follow(in(WriteState::confirmed), 3000, true, t0 + 4s));
  CHECK_FALSE(alarms.follow(in(WriteState::not_followed), 3000, true, t0 + 5s));
  CHECK_FALSE(alarms.follow(in(WriteState::unknown), 3000, false, t0 + 20s));
  CHECK(alarms.wake() == never);
}

TEST_CASE(
    "a point that is held safe is an alarm; what was one before the start ends when it is not any more") {
  ControlAlarms alarms;
  const auto first = alarms.fail_safe("", 0);
  REQUIRE(first);
  CHECK_FALSE(first->cause);
  CHECK_FALSE(alarms.fail_safe("", 0));
  const auto held = alarms.fail_safe("meter is too old", 100);
  REQUIRE(held);
  CHECK(held->cause->message == "held at 100: meter is too old");
  CHECK_FALSE(alarms.fail_safe("meter is too old", 100));
  CHECK(alarms.fail_safe("", 100)->kind == Kind::fail_safe);
}
