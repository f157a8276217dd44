#include "model/fresh_value.hpp"

#include <limits>
#include <type_traits>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::model;

// There is no other way to make one than from().
static_assert(!std::is_default_constructible_v<FreshValue>);
static_assert(!std::is_aggregate_v<FreshValue>);
static_assert(!std::is_constructible_v<FreshValue, double>);
static_assert(!std::is_constructible_v<FreshValue, double, Instant>);
static_assert(!std::is_constructible_v<FreshValue, double, Quality, Instant>);
static_assert(!std::is_constructible_v<FreshValue, FreshValue::Reading>);
static_assert(!std::is_convertible_v<double, FreshValue>);
static_assert(!std::is_assignable_v<FreshValue&, double>);
static_assert(!std::is_assignable_v<FreshValue&, FreshValue::Reading>);
static_assert(std::is_same_v<decltype(FreshValue::from({}, Instant{}, Duration{})), Result<FreshValue>>);

namespace {

constexpr Instant now{100s};

Result<FreshValue> at_control(double value, Quality quality, Duration age) {
  return FreshValue::from({.value = value, .quality = quality, .received = now - age}, now, 5s);
}

}  // namespace

TEST_CASE("a good value of the process is fresh until it is too old") {
  const auto fresh = at_control(230.5, {}, 5s);
  REQUIRE(fresh);
  CHECK(fresh->value() == 230.5);
  CHECK(fresh->received() == now - 5s);
  CHECK_FALSE(at_control(230.5, {}, 5s + 1ns));
  CHECK_FALSE(at_control(230.5, {}, -1ns));
  CHECK_FALSE(FreshValue::from({.value = 1, .quality = {}, .received = Instant::min()}, now, 5s));
}

TEST_CASE(
    "what was interpolated, substituted or is old never reaches control, even when it claims to be good") {
  for (const Detail detail :
       {Detail::substituted, Detail::interpolated, Detail::old_data, Detail::test, Detail::operator_blocked,
        Detail::estimator_replaced, Detail::forecast, Detail::historical}) {
    const auto refused = at_control(230.5, Quality{}.with(detail), 0s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.starts_with("not for control: good: "));
  }
}

TEST_CASE("what is questionable, invalid or no number never reaches control") {
  CHECK_FALSE(at_control(230.5, Quality(Validity::questionable), 0s));
  CHECK_FALSE(at_control(230.5, Quality(Validity::invalid), 0s));
  CHECK_FALSE(at_control(std::numeric_limits<double>::quiet_NaN(), {}, 0s));
  CHECK_FALSE(at_control(std::numeric_limits<double>::infinity(), {}, 0s));
}

TEST_CASE("what says nothing against the number does not keep it from control") {
  CHECK(at_control(230.5, Quality{}.with(Detail::filtered), 0s));
  CHECK(at_control(230.5, Quality{}.with(Detail::derived), 0s));
  CHECK(at_control(230.5, Quality{}.with(Detail::clock_not_synchronized), 0s));
}
