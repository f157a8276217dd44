#include "gateway/fail_safe.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;
using Step = FailSafe::Step;

namespace {
constexpr Instant t0{1h};
}

TEST_CASE("what is lost is held at once, and let go when all has been well for a while") {
  FailSafe safe;
  CHECK(safe.look("", false, t0) == Step::stay);
  CHECK(safe.look("meter is too old", false, t0 + 1s) == Step::enter);
  CHECK(safe.lost() == "meter is too old");
  CHECK(safe.look("meter is invalid", false, t0 + 2s) == Step::hold);
  CHECK(safe.look("", false, t0 + 3s) == Step::hold);
  CHECK(safe.look("meter is invalid", false, t0 + 7s) == Step::hold);
  CHECK(safe.look("", false, t0 + 8s) == Step::hold);
  CHECK(safe.look("", false, t0 + 12s) == Step::hold);
  CHECK(safe.look("", false, t0 + 13s) == Step::leave);
  CHECK_FALSE(safe.held());
  CHECK(safe.lost().empty());
}

TEST_CASE("after a start a point waits for what it needs, and is held when that does not come") {
  FailSafe safe;
  CHECK(safe.look("meter has no value", true, t0) == Step::stay);
  CHECK(safe.waiting());
  SUBCASE("it comes") {
    CHECK(safe.look("", true, t0 + 1s) == Step::stay);
    CHECK_FALSE(safe.waiting());
  }
  SUBCASE("it comes, and is lost at once") {
    CHECK(safe.look("", true, t0 + 1s) == Step::stay);
    CHECK(safe.look("meter is too old", true, t0 + 2s) == Step::enter);
    CHECK_FALSE(safe.waiting());
  }
  SUBCASE("it does not") {
    CHECK(safe.look("meter has no value", false, t0 + 1s) == Step::enter);
    CHECK_FALSE(safe.waiting());
  }
}
