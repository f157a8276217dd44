#include "gateway/control_store.hpp"

#include <doctest/doctest.h>

namespace iw::gateway {
namespace {

constexpr events::Moment written{.wall = WallTime(1'790'000'000s), .instant = Instant(500s)};

StandingClaims standing() {
  return {.claims = {{.path = "battery/ActivePowerSetpoint",
                      .claim = {.id = control::ClaimId(7),
                                .level = control::Level::grid,
                                .demand = control::Demand::at_most,
                                .value = 0.1,
                                .start = Instant(490s),
                                .expiry = Instant(590s),
                                .owner = "dso \"north\"",
                                .reason = "event\n№ 3\xFF"},
                      .written = true},
                     {.path = "load/LoadShedLevel",
                      .claim = {.id = control::ClaimId(8),
                                .value = -1e300,
                                .start = Instant(600s),
                                .expiry = Instant(501s)}}},
          .last = control::ClaimId(9),
          .at = written};
}

TEST_CASE("the claims come back as they stood, whatever their owners wrote into them") {
  StandingClaims claims = standing();
  const auto restored = read_claims(write_claims(claims, "boot"), written, "boot");
  REQUIRE(restored.has_value());
  CHECK(restored->ended.empty());
  CHECK(restored->standing.last == claims.last);
  claims.claims[0].claim.reason = "event\n№ 3\xEF\xBF\xBD";  // the replacement character
  CHECK(restored->standing.claims == claims.claims);
}

TEST_CASE("no claims are a file too") {
  const auto restored =
      read_claims(write_claims({.claims = {}, .last = control::ClaimId(3)}, ""), written, "");
  REQUIRE(restored.has_value());
  CHECK(restored->standing.claims.empty());
  CHECK(restored->standing.last == control::ClaimId(3));
}

TEST_CASE("what has ended while the gateway was off is over, with its reason") {
  const events::Moment later{.wall = written.wall + 20s, .instant = Instant(3s)};
  const auto restored = read_claims(write_claims(standing(), "before"), later, "after");
  REQUIRE(restored.has_value());
  REQUIRE(restored->standing.claims.size() == 1);
  CHECK(restored->standing.claims[0].claim.expiry == Instant(73s));
  REQUIRE(restored->ended.size() == 1);
  CHECK(restored->ended[0].second == "it ended while the gateway was off");
}

TEST_CASE("behind the time of the file nobody knows how long the gateway was off") {
  const events::Moment earlier{.wall = written.wall - 1s, .instant = Instant(3s)};
  const auto restored = read_claims(write_claims(standing(), "before"), earlier, "after");
  REQUIRE(restored.has_value());
  CHECK(restored->standing.claims.empty());
  CHECK(restored->ended.size() == 2);
}

TEST_CASE("a file that is no file of claims is an error that says what to do") {
  const auto restored = read_claims("{\"version\":1}", written, "boot");
  REQUIRE_FALSE(restored.has_value());
  CHECK_FALSE(restored.error().remedy.empty());
}

}  // namespace
}  // namespace iw::gateway
