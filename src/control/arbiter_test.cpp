#include "control/arbiter.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::control;

namespace {

constexpr Rules battery{.minimum = -5000, .maximum = 5000, .fallback = 0};
constexpr Instant now{100s};

Claim claim(std::uint64_t id, Level level, Demand demand, double value = 0) {
  return {.id = ClaimId(id),
          .level = level,
          .demand = demand,
          .value = value,
          .start = Instant(10s),
          .expiry = Instant(200s),
          .owner = "owner" + std::to_string(id),
          .reason = {}};
}

double value_of(const Rules& rules, std::vector<Claim> claims) { return decide(rules, claims, now).value; }

// A small generator of its own: a case is its number.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state_ >> 33U) % bound);
  }

 private:
  std::uint64_t state_;
};

std::vector<Claim> random_claims(Chance& chance) {
  std::vector<Claim> claims(chance.below(8));
  std::uint64_t id = 0;
  for (Claim& c : claims) {
    c = claim(++id, static_cast<Level>(chance.below(levels)), static_cast<Demand>(chance.below(4)),
              static_cast<double>(chance.below(17)) * 1000 - 8000);
    c.start = Instant(std::chrono::seconds(96 + chance.below(6)));
    c.expiry = Instant(std::chrono::seconds(99 + chance.below(6)));
  }
  return claims;
}

constexpr std::array kinds{Among::newest, Among::least, Among::greatest};
Rules random_rules(Chance& chance) {
  Rules rules = battery;
  rules.among = kinds[chance.below(kinds.size())];
  rules.fallback = static_cast<double>(chance.below(11)) * 1000 - 5000;
  return rules;
}

std::vector<Claim> live(const std::vector<Claim>& claims, Demand demand) {
  std::vector<Claim> found;
  std::ranges::copy_if(claims, std::back_inserter(found),
                       [&](const Claim& c) { return c.live(now) && c.demand == demand; });
  return found;
}

}  // namespace

TEST_CASE("without claims the fallback holds, within the range") {
  CHECK(value_of({.minimum = 0, .maximum = 10, .fallback = 4}, {}) == 4);
  CHECK(decide(battery, {}, now).code == Code::fallback);
}

TEST_CASE("what protection allows at once is what its limits, and no others, leave of the range") {
  const std::vector claims{claim(1, Level::protection, Demand::at_most, 3000),
                           claim(2, Level::people, Demand::at_most, 1000),
                           claim(3, Level::contract, Demand::at_least, -2000)};
  const Ruling ruling = decide(battery, claims, now);
  CHECK(ruling.least == battery.minimum);
  CHECK(ruling.most == 3000);
  CHECK(decide(battery, {}, now).most == battery.maximum);
}

TEST_CASE("the highest level that sets wins") {
  CHECK(
      value_of(battery, {claim(1, Level::grid, Demand::set, 2000), claim(2, Level::people, Demand::set, 1000),
                         claim(3, Level::optimisation, Demand::set, 3000)}) == 1000);
}

TEST_CASE("within a level the newest wins, or the strictest, as the point's kind says") {
  const std::vector claims{claim(1, Level::grid, Demand::set, 1000), claim(2, Level::grid, Demand::set, 3000),
                           claim(3, Level::grid, Demand::set, 2000)};
  Rules rules = battery;
  CHECK(value_of(rules, claims) == 2000);
  rules.among = Among::least;
  CHECK(value_of(rules, claims) == 1000);
  rules.among = Among::greatest;
  CHECK(value_of(rules, claims) == 3000);
}

TEST_CASE("a limit of a lower level holds against a higher one too, and is named") {
  const std::vector claims{claim(1, Level::people, Demand::set, 4000),
                           claim(2, Level::contract, Demand::at_most, 3000)};
  const Ruling ruling = decide(battery, claims, now);
  CHECK(ruling.value == 3000);
  CHECK(ruling.wanted == 4000);
  CHECK(ruling.winner == 0);
  CHECK(ruling.limiter == 1);
  CHECK(ruling.code == Code::limited_by_claim);
  CHECK(explain(ruling, claims) == "owner1 (operator) wants set 4000, owner2 (contract) allows at most 3000");
}

TEST_CASE("limits move the fallback too") {
  CHECK(value_of({.minimum = 0, .maximum = 10'000, .fallback = 10'000},
                 {claim(1, Level::grid, Demand::at_most, 4000)}) == 4000);
}

TEST_CASE("of two limits that leave nothing the higher one holds, at one level the upper bound") {
  CHECK(value_of(battery, {claim(1, Level::grid, Demand::at_most, 1000),
                           claim(2, Level::contract, Demand::at_least, 2000)}) == 1000);
  CHECK(value_of(battery, {claim(1, Level::contract, Demand::at_most, 1000),
                           claim(2, Level::grid, Demand::at_least, 2000)}) == 2000);
  CHECK(value_of(battery, {claim(1, Level::grid, Demand::at_most, 1000),
                           claim(2, Level::grid, Demand::at_least, 2000)}) == 1000);
}

TEST_CASE("off goes before set at its level, and limits below do not move it") {
  const std::vector claims{claim(1, Level::people, Demand::off), claim(2, Level::people, Demand::set, 3000),
                           claim(3, Level::grid, Demand::at_least, 2000)};
  CHECK(value_of(battery, claims) == 0);
  CHECK(decide(battery, claims, now).winner == 0);
  CHECK(value_of(battery, {claim(1, Level::grid, Demand::off), claim(2, Level::people, Demand::set, 3000)}) ==
        3000);
  CHECK(value_of(battery, {claim(1, Level::people, Demand::off),
                           claim(2, Level::protection, Demand::at_least, 500)}) == 500);
}

TEST_CASE("what has not begun or is over does not count, and its time is told") {
  std::vector claims{claim(1, Level::people, Demand::set, 1000), claim(2, Level::grid, Demand::set, 2000),
                     claim(3, Level::contract, Demand::set, 3000)};
  claims[0].start = Instant(101s);
  claims[1].expiry = now;
  CHECK(value_of(battery, claims) == 3000);
  CHECK(next_change(claims, now) == Instant(101s));
  CHECK(next_change({}, now) == never);
}

TEST_CASE("the order in which claims came makes no difference") {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    Chance chance(seed);
    const Rules rules = random_rules(chance);
    std::vector<Claim> claims = random_claims(chance);
    const Ruling ruling = decide(rules, claims, now);
    const auto winner = ruling.winner ? claims[*ruling.winner].id : ClaimId();
    for (std::size_t i = claims.size(); i > 1; --i)
      std::swap(claims[i - 1], claims[chance.below(i)]);
    const Ruling again = decide(rules, claims, now);
    CAPTURE(seed);
    CHECK(again.value == ruling.value);
    CHECK(again.code == ruling.code);
    CHECK((again.winner ? claims[*again.winner].id : ClaimId()) == winner);
  }
}

TEST_CASE(
    "no claims whatever take a point out of its range, and no limit is passed that a higher one allows") {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    Chance chance(seed);
    const Rules rules = random_rules(chance);
    const std::vector<Claim> claims = random_claims(chance);
    const Ruling ruling = decide(rules, claims, now);
    CAPTURE(seed);
    CHECK(ruling.value >= rules.minimum);
    CHECK(ruling.value <= rules.maximum);
    const bool off = ruling.winner && claims[*ruling.winner].demand == Demand::off;
    if (off || !live(claims, Demand::at_least).empty()) continue;
    for (const Claim& limit : live(claims, Demand::at_most))
      CHECK(ruling.value <= std::max(limit.value, rules.minimum));
  }
}

TEST_CASE("one more limit only ever shrinks what is allowed") {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    Chance chance(seed);
    const Rules rules = random_rules(chance);
    std::vector<Claim> claims = random_claims(chance);
    const double before = decide(rules, claims, now).value;
    claims.push_back(
        claim(99, Level::optimisation, Demand::at_most, static_cast<double>(chance.below(17)) * 1000 - 8000));
    CAPTURE(seed);
    CHECK(decide(rules, claims, now).value <= before);
  }
}

TEST_CASE("what a lower level sets makes no difference to a higher one") {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    Chance chance(seed);
    const Rules rules = random_rules(chance);
    std::vector<Claim> claims = random_claims(chance);
    const Ruling ruling = decide(rules, claims, now);
    if (!ruling.winner || claims[*ruling.winner].level == Level::optimisation) continue;
    claims.push_back(claim(99, Level::optimisation, Demand::set, 777));
    CAPTURE(seed);
    CHECK(decide(rules, claims, now) == ruling);
  }
}
