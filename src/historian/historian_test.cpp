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

}  // namespace iw::historian
