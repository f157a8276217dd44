#include "bms/troubles.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::bms;
using events::Kind;

namespace {

constexpr events::Moment now{WallTime{1'000s}, Instant{1'000s}};
const events::Source power{.device = "pv", .path = "pv/ActivePower"};

}  // namespace

TEST_CASE(
    "what somebody has to see of a device is an alarm, with the side of the limit and who has seen it") {
  events::Alarms alarms({}, events::EventId(0));
  alarms.raise(Kind::limit_violated, power, {.message = "too much", .value = 9000, .limit = 8000}, now);
  alarms.raise(Kind::device_lost, {.device = "meter"}, {.message = "gone"}, now);
  alarms.raise(Kind::disk_trouble, {.path = "data"}, {.message = "full"}, now);  // the gateway's own
  alarms.note(Kind::configuration_changed, {.device = "pv"}, {.message = "new"}, now);
  REQUIRE(alarms.acknowledge(alarms.active({Kind::device_lost, "meter", ""})->id,
                             {.time = {}, .by = "anna", .comment = {}}));
  const auto all = alarms_of(alarms);
  REQUIRE(all.size() == 2);
  CHECK(all[0].path == power.path);
  CHECK(all[0].above == true);
  CHECK(all[0].message == "too much");
  CHECK(all[0].seen_by.empty());
  CHECK(all[1].device == "meter");
  CHECK_FALSE(all[1].above.has_value());
  CHECK(all[1].seen_by == "anna");
  alarms.clear({Kind::limit_violated, "pv", power.path}, now);
  alarms.raise(Kind::limit_violated, power, {.message = "too little", .value = -1, .limit = 0}, now);
  CHECK(alarms_of(alarms).back().above == false);
}

TEST_CASE("the limits of a point are found by its path") {
  const Troubles troubles{.limits = {{"pv/ActivePower", {.high = 8000}}}};
  REQUIRE(troubles.limits_of("pv/ActivePower") != nullptr);
  CHECK(troubles.limits_of("pv/ActivePower")->high == 8000);
  CHECK(troubles.limits_of("pv/Voltage") == nullptr);
}
