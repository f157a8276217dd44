#include "bms/priorities.hpp"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace iw;
using bms::level_of;
using control::Level;

namespace {

bool all_are(Level level, std::initializer_list<std::uint8_t> priorities) {
  return std::ranges::all_of(priorities, [level](std::uint8_t one) { return level_of(one) == level; });
}

}  // namespace

TEST_CASE("every BACnet priority but 6 is a level of control, as the documents say") {
  CHECK(all_are(Level::protection, {1, 2, 3, 4, 5}));
  CHECK(all_are(Level::people, {7, 8}));
  CHECK(all_are(Level::grid, {9, 10, 11, 12}));
  CHECK(all_are(Level::contract, {13, 14}));
  CHECK(all_are(Level::optimisation, {15, 16}));
  CHECK(level_of(6) == std::nullopt);
}

TEST_CASE("there is no priority beyond 1 to 16") {
  CHECK_THROWS_AS((void)level_of(0), std::out_of_range);
  CHECK_THROWS_AS((void)level_of(17), std::out_of_range);
}
