#include "config/nearest_duration.hpp"

#include <doctest/doctest.h>

#include "config/rule.hpp"

using namespace iw;
using config::nearest_duration;

TEST_CASE("a duration in other people's units is told in ours, with the number as it was written") {
  struct Case {
    std::string_view said;
    std::string_view meant;
  };
  for (const auto& [said, meant] : {Case{"1m", "1min"}, Case{"10sec", "10s"}, Case{"2 hours", "2h"},
                                    Case{"1.5 hr", "1.5h"}, Case{"0.5day", "0.5d"}, Case{"20msec", "20ms"},
                                    Case{"3M", "3min"}, Case{"5 min", "5min"}, Case{"7  s", "7s"}}) {
    CAPTURE(said);
    CHECK(nearest_duration(said) == meant);
    CHECK(config::parse_duration(meant).has_value());
  }
}

TEST_CASE("nothing is proposed for what is right, and for what is no duration") {
  for (const auto* text : {"1min", "500ms", "0s", "", "m", "5", "5 parsecs", "soon", "-5m", "1..5m", "5m5"}) {
    CAPTURE(text);
    CHECK_FALSE(nearest_duration(text).has_value());
  }
}

TEST_CASE("who writes a wrong duration reads which one he meant") {
  CHECK(config::parse_duration("10sec").error().message == "'10sec' is no duration, did you mean 10s?");
  CHECK(config::parse_duration("soon").error().message == "'soon' is no duration");
}
