#include "control/controllers/schedule.hpp"

#include <doctest/doctest.h>

#include "control/controllers/testing.hpp"

using namespace iw;
using namespace iw::control;
using control::testing::Trial;
using namespace std::chrono;

namespace {

WindowParameters window(minutes from, minutes to, double value, std::vector<Weekday> days = {}) {
  WindowParameters out;
  out.point = "battery/ActivePowerSetpoint";
  out.set = value;
  out.from = from;
  out.to = to;
  out.days = std::move(days);
  return out;
}

WallTime utc(int y, unsigned m, unsigned d, Duration time) {
  return sys_days(year(y) / month(m) / day(d)) + time;
}

struct Day {
  Schedule schedule;
  Trial trial{schedule};

  explicit Day(std::vector<WindowParameters> windows) : schedule({.windows = std::move(windows)}) {
    trial.zone = parse_posix_tz("CET-1CEST,M3.5.0,M10.5.0/3").value();
  }
  // Minutes in which something is wished, of so many.
  int on(int of_minutes) {
    int count = 0;
    for (int i = 0; i < of_minutes; ++i)
      count += trial.step({}, 1min).wishes.empty() ? 0 : 1;
    return count;
  }
  // How often it begins.
  int begins(int of_minutes) {
    int count = 0;
    bool before = !trial.decision().wishes.empty();
    for (int i = 0; i < of_minutes; ++i) {
      const bool is_on = !trial.step({}, 1min).wishes.empty();
      count += is_on && !before ? 1 : 0;
      before = is_on;
    }
    return count;
  }
};

}  // namespace

TEST_CASE("a window is on from its beginning up to its end, in local time") {
  Day day({window(8h, 10h, 3000)});
  day.trial.wall = utc(2026, 6, 15, 5h + 58min);  // 7:58
  CHECK(day.trial.step({}, 1min).code == "outside_windows");
  CHECK(day.trial.step({}, 1min).code == "in_window");
  CHECK(day.trial.decision().words == "window 08:00 to 10:00: battery/ActivePowerSetpoint to 3000");
  CHECK(day.trial.value() == 3000);
  CHECK(day.on(300) == 119);
}

TEST_CASE("a window over midnight belongs to the day on which it begins") {
  Day day({window(22h, 6h, 1, {Weekday::friday})});
  day.trial.wall = utc(2026, 6, 18, 21h + 59min);  // Friday from 0:00
  CHECK(day.on(24 * 60) == 120);
  CHECK(day.on(24 * 60) == 360);
}

TEST_CASE("of two windows for a point the first in the list counts") {
  Day day({window(10h, 11h, 1), window(9h, 12h, 2)});
  day.trial.wall = utc(2026, 6, 15, 7h + 30min);
  day.trial.step({}, 1min);
  CHECK(day.trial.value() == 2);
  day.trial.wall = utc(2026, 6, 15, 8h + 29min);
  Day again({window(10h, 11h, 1), window(9h, 12h, 2)});
  again.trial.wall = utc(2026, 6, 15, 8h + 29min);
  again.trial.step({}, 1min);
  CHECK(again.trial.value() == 1);
  CHECK(again.trial.decision().wishes.size() == 1);
}

TEST_CASE("on the day that has no 2:30, a window there still is on once and as long") {
  Day day({window(2h + 15min, 2h + 45min, 1)});
  day.trial.wall = utc(2026, 3, 28, 23h);
  CHECK(day.on(23 * 60) == 30);
}

TEST_CASE("on the day that has 2:30 twice, a window there is on once") {
  Day day({window(2h + 15min, 2h + 45min, 1)});
  day.trial.wall = utc(2026, 10, 24, 22h);
  CHECK(day.begins(25 * 60) == 1);
  Day length({window(2h + 15min, 2h + 45min, 1)});
  length.trial.wall = utc(2026, 10, 24, 22h);
  CHECK(length.on(25 * 60) == 30);
}

TEST_CASE(
    "a window that begins or ends with the hour that is left out, or comes twice, is as long as always") {
  const auto minutes_on = [](minutes from, minutes to, WallTime midnight) {
    Day day({window(from, to, 1)});
    day.trial.wall = midnight - 1min;
    return day.on(12 * 60);
  };
  const WallTime spring = utc(2026, 3, 28, 23h);
  CHECK(minutes_on(2h, 3h, spring) == 60);
  CHECK(minutes_on(2h + 30min, 3h, spring) == 30);
  CHECK(minutes_on(2h + 30min, 3h + 15min, spring) == 45);
  CHECK(minutes_on(2h + 30min, 3h + 30min, spring) == 60);
  CHECK(minutes_on(1h, 2h, spring) == 60);
  CHECK(minutes_on(1h, 4h, spring) == 120);  // the clock has its end: it shows 2 of the 3 hours
  const WallTime autumn = utc(2026, 10, 24, 22h);
  CHECK(minutes_on(2h, 3h, autumn) == 60);
  CHECK(minutes_on(2h + 30min, 3h, autumn) == 30);
  CHECK(minutes_on(3h, 4h, autumn) == 60);
  CHECK(minutes_on(1h, 4h, autumn) == 240);
}

TEST_CASE("windows that follow each other do so on every day of the year, without gap or overlap") {
  Day day({window(0h, 2h + 30min, 1), window(2h + 30min, 24h, 2)});
  day.trial.wall = utc(2026, 1, 1, 0h);
  for (int quarter = 0; quarter < 365 * 96; ++quarter)
    REQUIRE(day.trial.step({}, 15min).wishes.size() == 1);
}

TEST_CASE("a clock that steps back does not begin a window again") {
  for (const Duration back : {Duration(10min), Duration(1h), Duration(2h + 59min)}) {
    Day day({window(8h, 8h + 30min, 1)});
    day.trial.wall = utc(2026, 6, 15, 5h);
    CHECK(day.begins(5 * 60 / 2) == 1);  // until 9:30
    day.trial.wall -= back;
    CHECK(day.begins(10 * 60) == 0);
  }
}

TEST_CASE("a clock that steps forward does not skip a window") {
  for (const Duration forward : {Duration(10min), Duration(1h), Duration(2h + 59min)}) {
    Day day({window(8h, 8h + 10min, 1)});
    day.trial.wall = utc(2026, 6, 15, 5h + 55min);  // 7:55
    CHECK(day.on(3) == 0);
    day.trial.wall += forward;
    CHECK(day.begins(10 * 60) == 1);
  }
}

TEST_CASE("after steps the schedule and the wall clock agree again") {
  Day day({window(12h, 13h, 1)});
  day.trial.wall = utc(2026, 6, 15, 5h);
  day.on(10);
  day.trial.wall += 1h;
  day.on(120);
  day.trial.wall = utc(2026, 6, 16, 9h + 58min);  // a day on: taken at once
  CHECK(day.trial.step({}, 1min).wishes.empty());
  CHECK_FALSE(day.trial.step({}, 1min).wishes.empty());
}

TEST_CASE("without the time nothing is wished, and once it was known the schedule goes on by itself") {
  Day day({window(0h, 24h, 1)});
  day.trial.wall_trusted = false;
  CHECK(day.on(10) == 0);
  CHECK(day.trial.decision().code == "no_wall_clock");
  day.trial.wall_trusted = true;
  CHECK(day.on(1) == 1);
  day.trial.wall_trusted = false;
  day.trial.wall = utc(1970, 1, 1, 0h);
  CHECK(day.on(60) == 60);
}

TEST_CASE("a restart with a clock behind does not begin a window again") {
  Day day({window(8h, 8h + 30min, 1)});
  day.trial.wall = utc(2026, 6, 15, 6h);
  CHECK(day.on(60) == 29);
  const std::string kept = day.schedule.state();
  Day again({window(8h, 8h + 30min, 1)});
  REQUIRE(again.schedule.restore(kept).has_value());
  again.trial.wall = utc(2026, 6, 15, 6h + 10min);
  CHECK(again.on(20 * 60) == 0);
  CHECK_FALSE(again.schedule.restore("clock_s=x").has_value());
}
