#include "control/group.hpp"

#include <map>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::control;

namespace {

constexpr Instant t0{1000s};
constexpr auto a = "a/ActivePowerSetpoint";
constexpr auto b = "b/ActivePowerSetpoint";
constexpr auto storage = "storage/ActivePowerSetpoint";

Rules up_to(double most) { return {.minimum = -most, .maximum = most}; }

// Two batteries of 6 and 3 kW that are claimed as one.
struct Bench {
  explicit Bench(SplitBy split = SplitBy::capability) {
    book.set_points({{.path = a, .rules = up_to(6000)},
                     {.path = b, .rules = up_to(3000)},
                     {.path = storage, .rules = up_to(9000)}});
    rules = {.path = storage,
             .split = split,
             .members = {{.path = a, .state_of_charge = "a/StateOfCharge"},
                         {.path = b, .state_of_charge = "b/StateOfCharge"}}};
    groups.set({rules}, book);
  }

  ClaimId claim(const std::string& path, Demand demand, double value, Level level = Level::grid) {
    const auto made = book.make(
        {.path = path, .owner = "dso", .level = level, .demand = demand, .value = value, .life = 1h}, now);
    REQUIRE(made);
    follow();
    return made->id;
  }
  void settle() {
    book.settle(now, [](std::size_t, const Claim&) {}, [](std::size_t) {});
  }
  bool follow() {
    settle();
    const bool changed =
        groups.follow(book, [this](const GroupMember& member) { return members[member.path]; }, now);
    settle();
    return changed;
  }
  double value(const std::string& path) { return book.points()[*book.find(path)].ruling.value; }
  std::size_t claims(const std::string& path) { return book.points()[*book.find(path)].claims.size(); }

  Instant now = t0;
  ClaimBook book;
  Groups groups;
  GroupRules rules;
  std::map<std::string, MemberNow> members;
};

}  // namespace

TEST_CASE("a claim on a group is a claim on each member, with its share, and ends with it") {
  Bench bench;
  const ClaimId id = bench.claim(storage, Demand::set, 4500);
  CHECK(bench.value(a) == 3000);
  CHECK(bench.value(b) == 1500);
  const Claim& share = bench.book.points()[0].claims.front();
  CHECK(share.share_of == id);
  CHECK(share.owner == "dso");
  CHECK(share.level == Level::grid);
  CHECK(share.expiry == t0 + 1h);
  CHECK(bench.groups.wake() == t0 + 1s);
  CHECK(bench.book.release(id));
  CHECK(bench.follow());
  CHECK(bench.claims(a) == 0);
  CHECK(bench.value(a) == 0);
  CHECK(bench.groups.wake() == never);
}

TEST_CASE("shares are by capability, by what there is in each, or equal") {
  Bench equal(SplitBy::equal);
  equal.claim(storage, Demand::set, 4000);
  CHECK(equal.value(a) == 2000);
  CHECK(equal.value(b) == 2000);
  Bench by_charge(SplitBy::state_of_charge);
  by_charge.members[a].state_of_charge = 25;
  by_charge.members[b].state_of_charge = 65;
  by_charge.claim(storage, Demand::set, -4000);
  CHECK(by_charge.value(a) == doctest::Approx(-1000));
  CHECK(by_charge.value(b) == doctest::Approx(-3000));
  // It goes on being split while the claim stands, but not for what is not worth a write.
  by_charge.members[a].state_of_charge = 25.2;
  CHECK_FALSE(by_charge.follow());
  by_charge.members[a].state_of_charge = 50;
  by_charge.members[b].state_of_charge = 50;
  CHECK(by_charge.follow());
  CHECK(by_charge.value(a) == doctest::Approx(-2000));
  CHECK(by_charge.value(b) == doctest::Approx(-2000));
}

TEST_CASE("limits of a group hold for all members together, also where others set them") {
  Bench bench;
  bench.claim(a, Demand::set, 6000, Level::optimisation);
  bench.claim(b, Demand::set, 3000, Level::optimisation);
  bench.claim(storage, Demand::at_most, 3000);
  CHECK(bench.value(a) + bench.value(b) == doctest::Approx(3000));
  bench.claim(storage, Demand::off, 0, Level::people);
  CHECK(bench.value(a) == 0);
  CHECK(bench.value(b) == 0);
}

TEST_CASE("what one member may not take goes to the others") {
  Bench bench(SplitBy::equal);
  bench.claim(a, Demand::at_most, 500, Level::people);
  bench.claim(storage, Demand::set, 3000);
  CHECK(bench.value(a) == 500);
  CHECK(bench.value(b) == 2500);
  // Somebody of a higher level has b: the group has only what is left.
  bench.claim(b, Demand::set, -1000, Level::people);
  bench.follow();
  CHECK(bench.value(b) == -1000);
  CHECK(bench.value(a) == 500);
}

TEST_CASE("a member that can not be written takes no part, until it is there again") {
  Bench bench;
  bench.members[a].there = false;
  bench.claim(storage, Demand::set, 2000);
  CHECK(bench.claims(a) == 0);
  CHECK(bench.value(b) == 2000);
  bench.members[a].there = true;
  CHECK(bench.follow());
  CHECK(bench.value(a) + bench.value(b) == doctest::Approx(2000));
  CHECK(bench.value(a) > 0);
}

TEST_CASE("a unit of a hybrid inverter gives what its connection has left beside the other unit") {
  Bench bench;
  bench.rules.members[0].beside = "hybrid/DcPower";
  bench.rules.members[0].connection_w = 8000;
  bench.groups.set({bench.rules}, bench.book);
  bench.members[a].beside_w = -7000;  // the sun
  bench.claim(storage, Demand::set, -4000);
  CHECK(bench.value(a) == doctest::Approx(-1000));
  CHECK(bench.value(b) == doctest::Approx(-3000));
  bench.members[a].beside_w.reset();  // not seen: it may give all that the connection carries
  bench.follow();
  CHECK(bench.value(a) == doctest::Approx(0));
  CHECK(bench.value(b) == doctest::Approx(-3000));
}

TEST_CASE("a share is as old as its claim: a later claim of the same level on a member goes before it") {
  Bench bench(SplitBy::state_of_charge);
  bench.members[a].state_of_charge = 50;
  bench.members[b].state_of_charge = 50;
  bench.claim(storage, Demand::set, 4000);
  bench.now += 10s;
  bench.claim(a, Demand::set, 100);
  bench.members[b].state_of_charge = 90;
  bench.follow();
  CHECK(bench.value(a) == 100);
  CHECK(bench.value(b) == 3000);
}

TEST_CASE("groups that are configured anew leave no shares behind") {
  Bench bench;
  bench.claim(storage, Demand::set, 4500);
  bench.groups.set({}, bench.book);
  CHECK(bench.claims(a) == 0);
  CHECK(bench.claims(b) == 0);
  CHECK(bench.claims(storage) == 1);
}
