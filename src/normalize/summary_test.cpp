#include "normalize/summary.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::normalize;

TEST_CASE("the average is weighted by time, and a value counts on into the next minute") {
  Summarizer summarizer;
  std::vector<Summary> done;
  summarizer.add(7, WallTime(0s), 100, done);
  summarizer.add(7, WallTime(45s), 200, done);
  CHECK(done.empty());
  summarizer.add(7, WallTime(90s), 0, done);
  CHECK(done == std::vector{Summary{.index = 7,
                                    .begin = WallTime(0s),
                                    .minimum = 100,
                                    .maximum = 200,
                                    .average = 125,
                                    .covered = 60s,
                                    .samples = 2}});
  done.clear();
  summarizer.advance(7, WallTime(2min), done);
  CHECK(done == std::vector{Summary{.index = 7,
                                    .begin = WallTime(1min),
                                    .minimum = 0,
                                    .maximum = 200,
                                    .average = 100,
                                    .covered = 60s,
                                    .samples = 1}});
}

TEST_CASE("a value counts no longer than a minute, and minutes without any are left out") {
  Summarizer summarizer;
  std::vector<Summary> done;
  summarizer.add(0, WallTime(30s), 5, done);
  summarizer.add(0, WallTime(10min), 6, done);
  REQUIRE(done.size() == 2);
  CHECK(done[0].covered == 30s);
  CHECK(done[1].covered == 30s);
  CHECK(done[1].samples == 0);
  CHECK(done[1].average == 5);
  done.clear();
  summarizer.advance(0, WallTime(1h), done);
  REQUIRE(done.size() == 1);
  CHECK(done[0].begin == WallTime(10min));
  CHECK(done[0].covered == 60s);
}

TEST_CASE("a clock that is set back ends the minute, and nothing counts twice") {
  Summarizer summarizer;
  std::vector<Summary> done;
  summarizer.add(0, WallTime(1h), 5, done);
  summarizer.add(0, WallTime(1h + 10s), 5, done);
  summarizer.add(0, WallTime(0s), 6, done);
  REQUIRE(done.size() == 1);
  CHECK(done[0].covered == 10s);
  summarizer.advance(0, WallTime(1min), done);
  REQUIRE(done.size() == 2);
  CHECK(done[1].minimum == 6);
  CHECK(done[1].covered == 60s);
}
