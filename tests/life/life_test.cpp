#include "life.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

using namespace iw;
using namespace iw::life;

namespace {

std::string told(const Life& life) {
  std::string text;
  for (const Broken& b : life.broken())
    text += fmt::format("I{}: {}\n", b.number, b.what);
  return text;
}

// Some life with it breaks the invariant.
bool is_caught(int number, Mutation mutation) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Life life({.seed = seed, .poll = 1s, .length = 600s, .mutation = mutation});
    life.live(number);
    if (life.has_broken(number)) return true;
  }
  return false;
}

std::uint64_t hash_of(std::uint64_t seed, Duration poll) {
  Life life({.seed = seed, .poll = poll, .length = 300 * poll});
  life.live();
  return life.hash();
}

}  // namespace

TEST_CASE("a dozen lives, with all that goes wrong, break no invariant") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Life life({.seed = seed});
    life.live();
    CHECK_MESSAGE(life.broken().empty(), told(life), "again: ./dev simulate-life --seed ", seed, " --trace");
  }
}

TEST_CASE("I25: the same seed gives the same life, another gives another") {
  CHECK(hash_of(1, 1s) == hash_of(1, 1s));
  CHECK(hash_of(2, 60s) == hash_of(2, 60s));
  CHECK(hash_of(1, 1s) != hash_of(3, 1s));
}

TEST_CASE("I13: what becomes of the hub moves no device") {
  const auto writes = [](std::uint64_t seed, bool hub, Mutation mutation) {
    Life life({.seed = seed, .poll = 1s, .length = 600s, .mutation = mutation, .hub = hub});
    life.live();
    CHECK((life.hub().reports() > 0) == hub);
    return life.writes_hash();
  };
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    CHECK(writes(seed, true, Mutation::none) == writes(seed, false, Mutation::none));
    CHECK(writes(seed, true, Mutation::none) != writes(seed, false, Mutation::leans_on_hub));
  }
}

TEST_CASE("I1: a ramp that goes on where the device has long not been is no way to what is wanted") {
  CHECK(is_caught(1, Mutation::falls_back_early));
}

TEST_CASE("a gateway that is wrong breaks the invariant that is about it") {
  for (const InvariantRow& row : invariant_table()) {
    CAPTURE(row.number);
    CAPTURE(row.sentence);
    CHECK(is_caught(row.number, row.caught));
  }
}
