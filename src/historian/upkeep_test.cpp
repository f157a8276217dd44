// Inspection, compaction and backup of a folder.
#include <map>

#include <doctest/doctest.h>

#include "historian/backup.hpp"
#include "historian/compaction.hpp"
#include "historian/historian.hpp"
#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::historian {
namespace {

using io::posix::PosixFiles;
using io::testing::TemporaryFolder;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026
constexpr Range always{.from_ms = 0, .to_ms = 4'000'000'000'000};
const Progress quiet = [](const std::string&, std::uint64_t, std::uint64_t) {};

std::vector<SeriesInfo> infos(std::size_t count) {
  std::vector<SeriesInfo> all;
  for (std::size_t n = 0; n < count; ++n) {
    const std::string path = fmt::format("meter{}/ActivePower", n);
    all.push_back(
        {.mrid = model::derive({}, path), .path = path, .name = {.quantity = model::Quantity::ActivePower}});
  }
  return all;
}

// A folder with a history of three series: each a value a second, sealed after each ten.
struct History {
  History() { open(); }

  void open() {
    historian.reset();
    auto opened = Historian::open(files, {.folder = path, .reserve = 0}, Instant{} + 1h);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
    historian.emplace(std::move(*opened));
    ids = historian->series(infos(3)).value();
  }

  void record(std::int64_t from, std::int64_t to) {
    for (std::int64_t second = from; second < to; ++second) {
      Recording recording;
      for (const SeriesId id : ids) {
        const double value = static_cast<double>(second * (1 + id.value())) / 10;
        recording.add(id, midnight + second * 1000, value, {});
        expected[id].add(midnight + second * 1000, value, {});
      }
      historian->record(recording, Instant{} + 1h);
      if (second % 10 == 9) REQUIRE(historian->seal());
    }
  }

  Inspection inspected(bool being_written = false) {
    auto inspection = inspect(files, {.folder = path, .being_written = being_written}, quiet);
    REQUIRE_MESSAGE(inspection.has_value(), (inspection ? "" : inspection.error().message));
    return std::move(*inspection);
  }

  sqlite::Database database(const std::string& name) {
    return std::move(sqlite::Database::open({.path = path + "/" + name}).value());
  }

  TemporaryFolder folder;
  std::string path = folder / "history";
  PosixFiles files;
  std::optional<Historian> historian;
  std::vector<SeriesId> ids;
  std::map<SeriesId, Samples> expected;
};

void check_holds(PosixFiles& files, const std::string& path, const std::map<SeriesId, Samples>& expected) {
  auto reader = Reader::open(files, path);
  REQUIRE_MESSAGE(reader.has_value(), (reader ? "" : reader.error().message));
  for (const auto& [id, samples] : expected) {
    const Samples read = reader->raw(id, always).value();
    CHECK(read.time_ms == samples.time_ms);
    CHECK(read.value == samples.value);
  }
}

const std::string day_name = "raw-2026-09-21.db";

}  // namespace

TEST_CASE("a sound folder has no damages, and all that is in it was read") {
  History history;
  history.record(0, 105);
  REQUIRE(history.historian->roll_up(WallTime(std::chrono::milliseconds(midnight + day_ms))));
  history.historian->sync();
  const Inspection found = history.inspected();
  CHECK(found.damages.empty());
  CHECK(found.series == 3);
  CHECK(found.blocks == 30);
  CHECK(found.samples == 300);
  CHECK(found.rollups > 0);
  CHECK(found.recordings >= 5);
}

TEST_CASE("a folder without a history is said to be one") {
  History history;
  const auto found = inspect(history.files, {.folder = history.folder / "nothing"}, quiet);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().kind == ErrorKind::not_found);
}

TEST_CASE("a damaged block is named, and can be given up for the sake of the others") {
  History history;
  history.record(0, 100);
  history.historian.reset();
  REQUIRE(history.database(day_name).run(
      "UPDATE block SET data = x'0100FF' WHERE rowid = (SELECT max(rowid) FROM block WHERE series = 1)"));
  const Inspection found = history.inspected();
  REQUIRE(found.damages.size() == 1);
  CHECK(found.damages[0].file == history.path + "/" + day_name);
  CHECK(found.damages[0].place.find("series 1 (meter1/ActivePower)") != std::string::npos);
  CHECK(found.damages[0].remedy.find("--drop") != std::string::npos);

  const CompactionSettings every_day{.folder = history.path, .before = day_of(midnight) + 1};
  const auto compacted = compact(history.files, every_day, quiet);
  REQUIRE(compacted);
  CHECK(compacted->left.size() == 1);  // the series that can not be read; its neighbours are done
  CHECK(compacted->blocks_before == 20);

  CHECK(drop_damaged_blocks(history.files, every_day).value() == 1);
  CHECK(history.inspected().damages.empty());
  history.expected.at(SeriesId(1)).resize(90);
  check_holds(history.files, history.path, history.expected);
}

TEST_CASE("rows that say something else than their bytes are damages") {
  for (const std::string change :
       {"UPDATE block SET t1 = t1 + 1 WHERE rowid = 1", "UPDATE block SET n = 9 WHERE rowid = 1",
        "UPDATE block SET series = 77 WHERE rowid = 1"}) {
    History history;
    history.record(0, 10);
    history.historian.reset();
    REQUIRE(history.database(day_name).run(change));
    CHECK_MESSAGE(history.inspected().damages.size() == 1, change);
  }
}

TEST_CASE("roll-ups that can not be read, and files that are none, are damages") {
  History history;
  history.record(0, 100);
  REQUIRE(history.historian->roll_up(WallTime(std::chrono::milliseconds(midnight + day_ms))));
  history.historian.reset();
  REQUIRE(history.database("rollup-2026.db")
              .run("UPDATE hour SET data = x'01' WHERE key = (SELECT min(key) FROM hour)"));
  REQUIRE(
      history.files.replace(history.path + "/raw-2026-09-22.db", "this is no database, not at all", 0640));
  const Inspection found = history.inspected();
  REQUIRE(found.damages.size() == 2);
  CHECK(found.damages[0].file.ends_with("raw-2026-09-22.db"));
  CHECK(found.damages[0].place.empty());
  CHECK(found.damages[1].place.starts_with("hour row"));
}

TEST_CASE(
    "a day whose file was being made when the gateway was killed is no damage, and is read from the head "
    "log") {
  History history;
  history.record(0, 5);  // not sealed
  history.historian.reset();
  const std::string day = history.path + "/" + day_name;
  (void)history.database(day_name);
  std::string journal("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);  // as SQLite leaves it, see database_test.cpp
  journal.resize(512);
  journal[22] = 2;
  journal[26] = 0x10;
  REQUIRE(history.files.replace(day + "-journal", journal, 0640));
  CHECK(history.inspected().damages.empty());
  check_holds(history.files, history.path, history.expected);
  history.open();
  history.record(5, 10);
  CHECK(history.inspected(true).damages.empty());
  check_holds(history.files, history.path, history.expected);
}

TEST_CASE("the end of the head log is damaged only when nobody writes it") {
  History history;
  history.record(0, 5);
  history.historian->sync();
  const std::string segment =
      history.path + "/head/" + history.files.list(history.path + "/head").value().at(0);
  const std::string content = history.files.read(segment).value();
  history.historian.reset();
  REQUIRE(history.files.replace(segment, content.substr(0, content.size() - 3), 0640));
  const Inspection found = history.inspected();
  REQUIRE(found.damages.size() == 1);
  CHECK(found.damages[0].file == segment);
  CHECK(found.recordings == 4);
  CHECK(history.inspected(true).damages.empty());
}

TEST_CASE("compaction makes few blocks of many, gives space back, and changes no value") {
  History history;
  history.record(0, 5000);
  Recording late;
  late.add(history.ids[0], midnight + 17'000, -1, {});  // corrects one
  history.historian->record(late, Instant{} + 1h);
  REQUIRE(history.historian->seal());
  history.expected.at(SeriesId(0)).value[17] = -1;
  history.historian.reset();

  const CompactionSettings settings{.folder = history.path, .before = day_of(midnight) + 1};
  const auto done = compact(history.files, settings, quiet);
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  CHECK(done->blocks_before == 1501);
  CHECK(done->blocks_after == 6);
  CHECK(done->bytes_after <= done->bytes_before / 2);
  CHECK(history.inspected().damages.empty());
  CHECK(history.inspected().samples == 15'000);
  check_holds(history.files, history.path, history.expected);

  const auto again = compact(history.files, settings, quiet);
  REQUIRE(again);
  CHECK(again->files == 0);
  CHECK(again->bytes_after == again->bytes_before);

  history.open();  // and the history goes on
  history.record(5000, 5010);
  check_holds(history.files, history.path, history.expected);
}

TEST_CASE("compaction leaves the days that are being written to") {
  History history;
  history.record(0, 100);
  const auto done = compact(history.files, {.folder = history.path, .before = day_of(midnight)}, quiet);
  REQUIRE(done);
  CHECK(done->files == 0);
  CHECK(done->bytes_before == 0);
}

TEST_CASE("a backup while the history is written has all that was there, and goes on by itself") {
  History history;
  history.record(0, 105);
  const std::map<SeriesId, Samples> before = history.expected;
  const std::string copy = history.folder / "copy";
  std::int64_t next = 105;
  const auto done = back_up(history.files, {.from = history.path, .to = copy}, [&](const auto&, auto, auto) {
    history.record(next, next + 13);
    next += 13;
  });
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  CHECK(next > 105 + 13);

  auto reader = Reader::open(history.files, copy);
  REQUIRE(reader);
  for (const auto& [id, samples] : before) {
    const Samples read = reader->raw(id, {.from_ms = 0, .to_ms = samples.time_ms.back() + 1}).value();
    CHECK(read.value == samples.value);
  }

  // What is recorded on the copy is not taken for sealed by marks that came from the original.
  history.path = copy;
  history.expected.clear();
  history.open();
  for (const SeriesId id : history.ids)
    history.expected[id] = history.historian->raw(id, always).value();
  history.record(5000, 5004);
  history.historian->sync();
  history.open();
  check_holds(history.files, copy, history.expected);
  CHECK(history.inspected().damages.empty());
}

}  // namespace iw::historian
