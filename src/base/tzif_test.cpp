#include "base/tzif.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace std::chrono;

namespace {

const TimeZone& berlin() {
  static const auto zone = parse_posix_tz("CET-1CEST,M3.5.0,M10.5.0/3").value();
  return *zone;
}

WallTime utc(int y, unsigned m, unsigned d, Duration time) {
  return sys_days(year(y) / month(m) / day(d)) + time;
}

LocalTime local(int y, unsigned m, unsigned d, Duration time) {
  return LocalTime(floor<seconds>(utc(y, m, d, time).time_since_epoch()));
}

// Version 2: a block of version 1 that is empty but for its type, then two transitions and no rule.
std::string small_file(std::string_view footer) {
  std::string hex =
      "545a6966 32 000000000000000000000000000000"
      "00000000 00000000 00000000 00000000 00000001 00000004"
      "00000000 00 00 55544300"
      "545a6966 32 000000000000000000000000000000"
      "00000000 00000000 00000000 00000002 00000002 00000008"
      "0000000000000064 00000000000000c8"  // 100 s and 200 s after 1970
      "01 00"
      "00000e10 00 00 00001c20 01 04"  // 3600 s and 7200 s east
      "43455400 43455354";
  for (const char c : footer)
    hex += fmt::format("{:02x}", static_cast<unsigned>(c));
  return hex;
}

}  // namespace

TEST_CASE("the clocks of Berlin change on the last Sundays of March and October, at 1:00 UTC") {
  CHECK(berlin().offset(utc(2026, 3, 29, 1h - 1s)) == 1h);
  CHECK(berlin().offset(utc(2026, 3, 29, 1h)) == 2h);
  CHECK(berlin().offset(utc(2026, 10, 25, 1h - 1s)) == 2h);
  CHECK(berlin().offset(utc(2026, 10, 25, 1h)) == 1h);
  CHECK(berlin().offset(utc(2055, 7, 1, 0s)) == 2h);
}

TEST_CASE("in the south, summer goes over the new year") {
  const auto sydney = parse_posix_tz("AEST-10AEDT,M10.1.0,M4.1.0/3").value();
  CHECK(sydney->offset(utc(2026, 1, 1, 0s)) == 11h);
  CHECK(sydney->offset(utc(2026, 7, 1, 0s)) == 10h);
  CHECK(sydney->offset(utc(2026, 12, 31, 23h)) == 11h);
}

TEST_CASE("a rule may name days by their number, and times before midnight or beyond a day") {
  const auto julian = parse_posix_tz("AAA3BBB,J60/0,J300/0").value();  // 1 March, leap year or not
  CHECK(julian->offset(utc(2024, 3, 1, 3h)) == -2h);
  CHECK(julian->offset(utc(2024, 3, 1, 3h - 1s)) == -3h);
  CHECK(julian->offset(utc(2025, 3, 1, 3h)) == -2h);
  const auto nuuk = parse_posix_tz("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").value();
  CHECK(nuuk->offset(utc(2026, 3, 29, 1h - 1s)) == -2h);
  CHECK(nuuk->offset(utc(2026, 3, 29, 1h)) == -1h);
  CHECK(parse_posix_tz("IST-5:30").value()->offset(utc(2026, 1, 1, 0s)) == 5h + 30min);
}

TEST_CASE("what is no rule is refused") {
  for (const char* text : {"", "C", "CET", "CET-1CEST,", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0",
                           "CET-25", "CET-1CEST,M3.5.0,M10.5.0/3x", "<+1-1", "CET-1CEST,J0,J1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_posix_tz(text).has_value());
  }
}

TEST_CASE("a local time that comes twice is the first one, one that is missing comes an hour later") {
  CHECK(to_utc(berlin(), local(2026, 7, 1, 12h)) == utc(2026, 7, 1, 10h));
  CHECK(to_utc(berlin(), local(2026, 1, 1, 0h)) == utc(2025, 12, 31, 23h));
  CHECK(to_utc(berlin(), local(2026, 10, 25, 2h + 30min)) == utc(2026, 10, 25, 30min));
  CHECK(to_utc(berlin(), local(2026, 3, 29, 2h + 30min)) == utc(2026, 3, 29, 1h + 30min));
  CHECK(to_utc(berlin(), local(2026, 3, 29, 3h)) == utc(2026, 3, 29, 1h));
}

TEST_CASE("transitions of the file hold before its rule") {
  const auto zone = decode_tzif(parse_hex(small_file("\nCET-1CEST,M3.5.0,M10.5.0/3\n")).value()).value();
  CHECK(zone->offset(WallTime(99s)) == 1h);
  CHECK(zone->offset(WallTime(100s)) == 2h);
  CHECK(zone->offset(WallTime(199s)) == 2h);
  CHECK(zone->offset(WallTime(200s)) == 1h);
  CHECK(zone->offset(utc(2026, 7, 1, 0s)) == 2h);
  const auto without_rule = decode_tzif(parse_hex(small_file("\n\n")).value()).value();
  CHECK(without_rule->offset(utc(2026, 7, 1, 0s)) == 1h);
}

TEST_CASE("a file that is cut anywhere is refused") {
  const auto bytes = parse_hex(small_file("\nCET-1\n")).value();
  REQUIRE(decode_tzif(bytes).has_value());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CAPTURE(n);
    CHECK_FALSE(decode_tzif(Bytes(bytes).first(n)).has_value());
  }
}

TEST_CASE("a name of a zone can not lead out of the folder of zones") {
  CHECK(is_zone_name("Europe/Berlin"));
  CHECK(is_zone_name("Etc/GMT+1"));
  for (const char* name : {"", "/etc/passwd", "../secret", "Europe/../x", "Europe/", "a b"}) {
    CAPTURE(name);
    CHECK_FALSE(is_zone_name(name));
  }
}
