#include "historian/historian.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"
#include "io/world/seeded_random.hpp"

namespace iw::historian {
namespace {

using io::posix::PosixFiles;
using io::testing::TemporaryFolder;
using io::world::SeededRandom;
using model::Detail;
using model::Quality;
using model::Validity;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026
constexpr Range always{.from_ms = 0, .to_ms = 4'000'000'000'000};

Instant at(Duration since_start) { return Instant{} + 1h + since_start; }
WallTime wall(std::int64_t time_ms) { return WallTime(std::chrono::milliseconds(time_ms)); }

SeriesInfo info(std::size_t n, model::Quantity quantity = model::Quantity::ActivePower) {
  const model::Mrid site = model::derive({}, "site");
  return {.mrid = model::derive(site, std::to_string(n)),
          .path = "site/meter/" + std::to_string(n),
          .name = {.quantity = quantity}};
}

std::vector<SeriesInfo> infos(std::size_t count) {
  std::vector<SeriesInfo> all;
  for (std::size_t n = 0; n < count; ++n)
    all.push_back(info(n));
  return all;
}

Recording one(SeriesId series, std::int64_t time, double value) {
  Recording recording;
  recording.add(series, time, value, {});
  return recording;
}

std::vector<std::byte> bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

struct Opened {
  explicit Opened(const std::string& folder, Settings settings = {}) {
    settings.folder = folder;
    if (settings.reserve == Settings{}.reserve) settings.reserve = 0;
    auto opened = Historian::open(files, settings, at(0s));
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
    historian.emplace(std::move(*opened));
  }
  Historian& operator*() { return *historian; }
  Historian* operator->() { return &*historian; }

  PosixFiles files;
  std::optional<Historian> historian;
};

void check_same(const Samples& a, const Samples& b) {
  CHECK(a.time_ms == b.time_ms);
  CHECK(a.value == b.value);
  CHECK(a.quality == b.quality);
}

}  // namespace

TEST_CASE("a series keeps its number, and what is known of it follows its owner") {
  const TemporaryFolder folder;
  {
    Opened historian(folder.path());
    const auto ids = historian->series(infos(3));
    REQUIRE(ids);
    CHECK(*ids == std::vector{SeriesId(0), SeriesId(1), SeriesId(2)});
  }
  Opened historian(folder.path());
  std::vector<SeriesInfo> wanted{info(7), info(2), info(0)};
  wanted[1].path = "site/moved";
  CHECK(historian->series(wanted).value() == std::vector{SeriesId(3), SeriesId(2), SeriesId(0)});
  CHECK(Opened(folder.path())->series()[2].path == "site/moved");
  CHECK(Opened(folder.path())->series()[3] == info(7));
}

TEST_CASE("what was recorded is read in the order of time: open, sealed, after a start, in another process") {
  const TemporaryFolder folder;
  SeededRandom random(1, "samples");
  std::vector<Samples> expected(20);
  Settings settings{.seal_samples = 50};
  {
    Opened historian(folder.path(), settings);
    const auto ids = historian->series(infos(20)).value();
    for (std::int64_t second = 0; second < 400; ++second) {
      Recording recording;
      for (const SeriesId id : ids) {
        const std::int64_t time = midnight - 100'000 + second * 1000 + std::int64_t{id.value()};
        const double value = static_cast<double>(random.below(1000)) / 10;
        const Quality quality = random.below(10) == 0 ? Quality(Validity::invalid) : Quality{};
        recording.add(id, time, value, quality);
        expected[id.value()].add(time, value, quality);
      }
      historian->record(recording, at(1s * second));
      historian->tick(wall(midnight), at(1s * second));
    }
    CHECK_FALSE(historian->status().trouble);
    CHECK(historian->status().recorded == 8000);
    CHECK(historian->status().unsealed < 2000);
    CHECK(historian->status().unsealed > 100);
    for (const SeriesId id : ids)
      check_same(historian->raw(id, always).value(), expected[id.value()]);
    PosixFiles files;
    auto reader = Reader::open(files, folder.path());
    REQUIRE(reader);
    for (const SeriesId id : ids)
      check_same(reader->raw(id, always).value(), expected[id.value()]);
  }
  Opened again(folder.path(), settings);
  CHECK(again->recovery().damages.empty());
  for (std::uint32_t i = 0; i < 20; ++i)
    check_same(again->raw(SeriesId(i), always).value(), expected[i]);
  const auto part = again->raw(SeriesId(3), {.from_ms = midnight - 3000, .to_ms = midnight + 2003}).value();
  CHECK(part.time_ms == std::vector<std::int64_t>{midnight - 2997, midnight - 1997, midnight - 997,
                                                  midnight + 3, midnight + 1003});
}

TEST_CASE("a file that somebody was killed over before its tables were made is no hindrance") {
  const TemporaryFolder folder;
  Opened historian(folder.path());
  const SeriesId id = historian->series(infos(1)).value()[0];
  historian->record(one(id, midnight, 1), at(0s));
  for (const std::string& path :
       {day_path(folder.path(), day_of(midnight)), month_path(folder.path(), day_of(midnight)),
        year_path(folder.path(), day_of(midnight))})
    REQUIRE(sqlite::Database::open({.path = path}));
  PosixFiles files;
  auto reader = Reader::open(files, folder.path());
  REQUIRE(reader);
  CHECK(reader->raw(id, always).value().size() == 1);
  CHECK(reader->rollups(id, Level::hour, always).value().size() == 1);
  REQUIRE(historian->seal());
  REQUIRE(historian->roll_up(wall(midnight + day_ms)));
  CHECK(historian->rollups(id, Level::hour, always).value().size() == 1);
}

TEST_CASE("a late sample finds its place and its day; a newer one at the same time corrects the older") {
  const TemporaryFolder folder;
  Opened historian(folder.path());
  const SeriesId id = historian->series(infos(1)).value()[0];
  historian->record(one(id, midnight + 2000, 2), at(0s));
  historian->record(one(id, midnight + 1000, 1), at(0s));
  historian->record(one(id, midnight + 1000, 1.5), at(0s));
  REQUIRE(historian->seal());
  historian->record(one(id, midnight + 2000, 2.5), at(1s));
  historian->record(one(id, midnight - 5000, -5), at(1s));
  const std::vector<std::int64_t> times{midnight - 5000, midnight + 1000, midnight + 2000};
  const std::vector<double> values{-5, 1.5, 2.5};
  for (int sealed = 0; sealed < 2; ++sealed) {
    const auto read = historian->raw(id, always).value();
    CHECK(read.time_ms == times);
    CHECK(read.value == values);
    REQUIRE(historian->seal());
  }
  historian->record(one(id, midnight + 1000, 9), at(2s));
  Opened again(folder.path());
  CHECK(again->raw(id, always).value().value == std::vector<double>{-5, 9, 2.5});
}

TEST_CASE("slow series are sealed when their oldest sample waits for too long, or too much lies in the log") {
  const TemporaryFolder folder;
  Opened historian(folder.path(), {.seal_after = 10min});
  const SeriesId id = historian->series(infos(1)).value()[0];
  for (int minute = 0; minute < 60; ++minute) {
    historian->record(one(id, midnight + minute * minute_ms, minute), at(1min * minute));
    historian->tick(wall(midnight), at(1min * minute));
    CHECK(historian->status().unsealed <= 10);
  }
  CHECK(historian->raw(id, always).value().size() == 60);
}

TEST_CASE(
    "the newest note of a series is given back: from the log, from the catalogue, and without samples") {
  const TemporaryFolder folder;
  const auto note = [](Historian& historian, SeriesId id) {
    const auto kept = historian.note(id);
    return kept ? std::string(reinterpret_cast<const char*>(kept->data()), kept->size()) : "none";
  };
  SeriesId id;
  {
    Opened historian(folder.path());
    id = historian->series(infos(2)).value()[1];
    CHECK(note(*historian, id) == "none");
    Recording recording = one(id, midnight, 1);
    recording.notes.add(id, bytes("first"));
    historian->record(recording, at(0s));
    REQUIRE(historian->seal());
    Recording only_note;
    only_note.notes.add(id, bytes("second"));
    historian->record(only_note, at(1s));
    CHECK(note(*historian, id) == "second");
  }
  {
    Opened historian(folder.path());
    CHECK(note(*historian, id) == "second");
    REQUIRE(historian->seal());
    CHECK(note(*historian, id) == "second");
  }
  Opened historian(folder.path());
  CHECK(note(*historian, id) == "second");
  CHECK(note(*historian, SeriesId(0)) == "none");
}

TEST_CASE("what can not be recorded is counted: unknown series, times of a wrong clock") {
  const TemporaryFolder folder;
  Opened historian(folder.path());
  const SeriesId id = historian->series(infos(1)).value()[0];
  historian->record(one(SeriesId(5), midnight, 1), at(0s));
  historian->record(one(id, 0, 1), at(0s));
  historian->record(one(id, 10'000'000'000'000, 1), at(0s));
  historian->record(one(id, midnight, 1), at(0s));
  CHECK(historian->status().refused == 3);
  CHECK(historian->status().recorded == 1);
  REQUIRE(historian->seal());
  CHECK(historian->raw(id, always).value().size() == 1);
}

namespace {

// What roll-ups say beside what raw samples say, for each level.
template <class Source>
void check_rollups(Source& source, SeriesId id, EnergyOf energy, Range range) {
  const auto samples =
      source.raw(id, {.from_ms = range.from_ms - 15 * minute_ms, .to_ms = range.to_ms}).value();
  const auto minutes = minutes_of(samples, range, 15 * minute_ms, energy);
  for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
    const auto expected = level == Level::minute ? minutes : combined(minutes, level, energy);
    const auto rollups = source.rollups(id, level, range).value();
    REQUIRE(rollups.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(rollups[i].start_ms == expected[i].start_ms);
      CHECK(rollups[i].max == expected[i].max);
      CHECK(rollups[i].last == expected[i].last);
      CHECK(rollups[i].count == expected[i].count);
      CHECK(rollups[i].covered_ms == expected[i].covered_ms);
      CHECK(rollups[i].average() == doctest::Approx(expected[i].average()));
    }
  }
}

}  // namespace

TEST_CASE("roll-ups equal what is made of the raw samples: while open, stored, corrected, after a start") {
  const TemporaryFolder folder;
  const Range range{.from_ms = midnight - 3 * hour_ms, .to_ms = midnight + 3 * hour_ms};
  SeededRandom random(5, "values");
  {
    Opened historian(folder.path());
    const SeriesId id = historian->series(infos(1)).value()[0];
    Duration now = 0s;
    for (std::int64_t time = range.from_ms; time < range.to_ms; time += 20'000) {
      if (time / hour_ms % 4 == 1) continue;  // a gap of an hour
      historian->record(one(id, time, static_cast<double>(random.below(1000)) / 10), at(now));
      historian->tick(wall(time), at(now));
      now += 20s;
    }
    check_rollups(*historian, id, EnergyOf::power, range);
    REQUIRE(historian->seal());
    REQUIRE(historian->roll_up(wall(range.to_ms + hour_ms)));
    check_rollups(*historian, id, EnergyOf::power, range);
    // Late: into the gap, and a correction just before midnight that holds into the next day.
    historian->record(one(id, midnight - 2 * hour_ms + 7000, 5000), at(now));
    historian->record(one(id, midnight - 20'000, 7000), at(now));
    check_rollups(*historian, id, EnergyOf::power, range);
    REQUIRE(historian->seal());
    check_rollups(*historian, id, EnergyOf::power, range);
  }
  Opened again(folder.path());
  check_rollups(*again, SeriesId(0), EnergyOf::power, range);
  REQUIRE(again->roll_up(wall(range.to_ms + hour_ms)));
  check_rollups(*again, SeriesId(0), EnergyOf::power, range);
  PosixFiles files;
  auto reader = Reader::open(files, folder.path());
  REQUIRE(reader);
  check_rollups(*reader, SeriesId(0), EnergyOf::power, range);
}

TEST_CASE("raw samples go after their days, and what was rolled up of them stays") {
  const TemporaryFolder folder;
  Settings settings{.raw_days = 3};
  Opened historian(folder.path(), settings);
  const SeriesInfo counter = info(0, model::Quantity::EnergyImport);
  const SeriesId id = historian->series(std::span(&counter, 1)).value()[0];
  Duration now = 0s;
  const std::int64_t end = midnight + 8 * day_ms;
  for (std::int64_t time = midnight; time < end; time += 10 * minute_ms) {
    historian->record(one(id, time, static_cast<double>(time - midnight) / 1000), at(now));
    historian->tick(wall(time), at(now));
    now += 10min;
  }
  for (int minute = 0; minute < 20; ++minute)
    historian->tick(wall(end), at(now += 1min));
  const auto raw = historian->raw(id, always).value();
  REQUIRE_FALSE(raw.empty());
  CHECK(raw.time_ms.front() >= end - 4 * day_ms);
  CHECK(raw.time_ms.front() <= end - 3 * day_ms);
  const auto hours = historian->rollups(id, Level::hour, {.from_ms = midnight, .to_ms = end}).value();
  CHECK(hours.size() == 8 * 24);
  double energy = 0;
  for (const Rollup& hour : hours)
    energy += hour.energy;
  CHECK(energy == doctest::Approx(static_cast<double>(end - 10 * minute_ms - midnight) / 1000));
  // One sample alone must not take the place of an hour.
  historian->record(one(id, midnight + 5 * minute_ms, 1), at(now));
  CHECK(historian->status().refused == 1);
}

}  // namespace iw::historian
