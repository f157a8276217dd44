#include "control/claim_book.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "control/rights.hpp"

using namespace iw;
using namespace iw::control;

namespace {

constexpr Instant t0{100s};

ClaimBook a_book() {
  ClaimBook book;
  book.set_points({{.path = "battery/ActivePowerSetpoint", .rules = {.minimum = -5000, .maximum = 5000}},
                   {.path = "roof/ActivePowerLimit", .rules = {.maximum = 9000, .fallback = 9000}}});
  return book;
}

ClaimRequest wish(double value, Duration life = 1h) {
  return {.path = "battery/ActivePowerSetpoint",
          .owner = "anna",
          .level = Level::people,
          .value = value,
          .life = life};
}

struct Settled {
  std::vector<std::uint64_t> ended;
  std::vector<std::size_t> decided;
};
Settled settle(ClaimBook& book, Instant now) {
  Settled settled;
  book.settle(
      now, [&](std::size_t, const Claim& claim) { settled.ended.push_back(claim.id.value()); },
      [&](std::size_t point) { settled.decided.push_back(point); });
  return settled;
}

}  // namespace

TEST_CASE("a claim ends by itself, and then the next one or the fallback holds") {
  ClaimBook book = a_book();
  REQUIRE(book.make(wish(1000, 10s), t0));
  REQUIRE(book.make(wish(2000, 5s), t0));
  settle(book, t0);
  CHECK(book.points()[0].ruling.value == 2000);
  CHECK(book.next_change() == t0 + 5s);
  CHECK(settle(book, t0 + 4s).decided.empty());
  CHECK(settle(book, t0 + 5s).ended == std::vector<std::uint64_t>{2});
  CHECK(book.points()[0].ruling.value == 1000);
  settle(book, t0 + 10s);
  CHECK(book.points()[0].ruling.code == Code::fallback);
  CHECK(book.points()[0].claims.empty());
  CHECK(book.next_change() == never);
}

TEST_CASE("a claim that begins later waits") {
  ClaimBook book = a_book();
  ClaimRequest later = wish(1000);
  later.starts_in = 10s;
  REQUIRE(book.make(later, t0));
  settle(book, t0);
  CHECK(book.points()[0].ruling.value == 0);
  settle(book, t0 + 10s);
  CHECK(book.points()[0].ruling.value == 1000);
}

TEST_CASE("what can not be is refused") {
  ClaimBook book = a_book();
  const auto kind_of = [&](const ClaimRequest& request) { return book.prepare(request, t0).error().kind; };
  CHECK(kind_of(wish(1000, 0s)) == ErrorKind::invalid_argument);
  CHECK(kind_of(wish(1000, longest_life + 1s)) == ErrorKind::invalid_argument);
  CHECK(kind_of(wish(5001)) == ErrorKind::invalid_argument);
  CHECK(kind_of(wish(std::nan(""))) == ErrorKind::invalid_argument);
  CHECK(kind_of(wish(std::numeric_limits<double>::infinity())) == ErrorKind::invalid_argument);
  ClaimRequest nowhere = wish(1);
  nowhere.path = "battery/ActivePower";
  CHECK(kind_of(nowhere) == ErrorKind::not_found);
}

TEST_CASE(
    "one owner does not keep the others from a point, nor controllers and shares, however many claims he "
    "has") {
  ClaimBook book = a_book();
  const auto path = wish(1).path;
  std::vector<Claim> claims;
  for (std::size_t n = 0; n < most_claims_of_an_owner; ++n)
    claims.push_back(*book.prepare(wish(1), t0));
  CHECK(book.prepare(wish(1), t0).error().kind == ErrorKind::exhausted);  // those on their way count
  for (const Claim& claim : claims)
    CHECK(book.restore(path, claim));
  CHECK(book.prepare(wish(1), t0).error().kind == ErrorKind::exhausted);
  ClaimRequest other = wish(1);
  other.owner = "somebody else";
  const auto made = book.prepare(other, t0);
  REQUIRE(made);
  book.give_up(path, *made);
  CHECK(book.make(wish(1), t0));
  book.lay(0, claims.front());
  CHECK(book.points()[0].claims.size() == most_claims_of_an_owner + 2);
  CHECK(book.points()[0].prepared.empty());
  REQUIRE(book.release(claims.front().id));
  REQUIRE(book.release(claims.back().id));
}

TEST_CASE("what a controller wants beyond the range of its point is cut to it, from its first wish on") {
  ClaimBook book = a_book();
  const auto made = book.make(wish(9000), t0);
  REQUIRE(made);
  settle(book, t0);
  CHECK(book.points()[0].ruling.value == 5000);
  REQUIRE(book.renew(0, made->id, -9000, "", t0, t0 + 1h));
  settle(book, t0);
  CHECK(book.points()[0].ruling.value == -5000);
}

TEST_CASE("a renewed claim stays the same claim, a released one is gone") {
  ClaimBook book = a_book();
  const ClaimId id = book.make(wish(1000, 5s), t0)->id;
  CHECK(book.renew(0, id, 1500, "more", t0 + 4s, t0 + 9s));
  settle(book, t0 + 6s);
  CHECK(book.points()[0].ruling.value == 1500);
  CHECK(book.points()[0].claims[0].reason == "more");
  CHECK(book.release(id)->claim.id == id);
  CHECK_FALSE(book.release(id));
  CHECK_FALSE(book.renew(0, id, 1, "", t0 + 7s, t0 + 9s));
  settle(book, t0 + 6s);
  CHECK(book.points()[0].ruling.value == 0);
}

TEST_CASE("claims stay when the points are declared anew, but those of points that are gone") {
  ClaimBook book = a_book();
  REQUIRE(book.make(wish(1000), t0));
  ClaimRequest limit{
      .path = "roof/ActivePowerLimit", .owner = "dso", .demand = Demand::at_most, .value = 100, .life = 1h};
  REQUIRE(book.make(limit, t0));
  const auto gone =
      book.set_points({{.path = "roof/ActivePowerLimit", .rules = {.maximum = 50, .fallback = 50}}});
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].first == "battery/ActivePowerSetpoint");
  settle(book, t0);
  CHECK(book.points()[0].ruling.value == 50);
  CHECK(book.points()[0].claims.size() == 1);
}

TEST_CASE("ids rise across restarts") {
  ClaimBook book = a_book();
  const Claim before = *book.make(wish(1000), t0);
  ClaimBook after = a_book();
  CHECK(after.restore("battery/ActivePowerSetpoint", before));
  CHECK_FALSE(after.restore("gone/ActivePowerSetpoint", before));
  CHECK(after.make(wish(1), t0)->id > before.id);
}

TEST_CASE("a right is for an owner, points and a level; everything else is refused") {
  const std::vector<Right> rights{{.owner = "anna", .highest = Level::people, .points = {"battery/*"}},
                                  {.owner = "dso", .highest = Level::grid, .points = {"*"}}};
  CHECK(may_claim(rights, "anna", Level::people, "battery/ActivePowerSetpoint"));
  const std::vector<Right> anybody{{.owner = "*", .highest = Level::people, .points = {"*"}}};
  CHECK(may_claim(anybody, "eve", Level::people, "battery/ActivePowerSetpoint"));
  CHECK(may_claim(rights, "anna", Level::optimisation, "battery/ActivePowerSetpoint"));
  CHECK_FALSE(may_claim(rights, "anna", Level::protection, "battery/ActivePowerSetpoint"));
  CHECK_FALSE(may_claim(rights, "anna", Level::people, "roof/ActivePowerLimit"));
  CHECK(may_claim(rights, "dso", Level::grid, "roof/ActivePowerLimit"));
  CHECK_FALSE(may_claim(rights, "dso", Level::people, "roof/ActivePowerLimit"));
  CHECK_FALSE(may_claim(rights, "eve", Level::optimisation, "roof/ActivePowerLimit"));
  CHECK_FALSE(may_claim({}, "anna", Level::optimisation, "battery/ActivePowerSetpoint"));
}

TEST_CASE("a star is any number of any characters") {
  CHECK(matches("*", ""));
  CHECK(matches("*/Active*Set*", "roof/ActivePowerSetpoint"));
  CHECK(matches("a*b*c", "a-b-b-c"));
  CHECK_FALSE(matches("a*b*c", "a-b-b-c-"));
  CHECK_FALSE(matches("", "a"));
}
