// Out of a history, into an empty one, and out again: the same bytes.
#include <bit>

#include <doctest/doctest.h>

#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"
#include "io/world/seeded_random.hpp"
#include "transfer/counter_csv.hpp"
#include "transfer/history_export.hpp"
#include "transfer/history_import.hpp"
#include "transfer/manifest.hpp"
#include "transfer/rollup_csv.hpp"

namespace iw::transfer {
namespace {

using historian::day_ms;
using historian::Historian;
using historian::SeriesInfo;
using io::posix::PosixFiles;
using io::testing::TemporaryFolder;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026

std::vector<SeriesInfo> infos() {
  std::vector<SeriesInfo> all;
  for (const char* point : {"ActivePower", "EnergyImport", "Voltage.LN.A", "DcPower.mppt2"}) {
    const std::string path = fmt::format("roof, \"south\"/{}", point);
    all.push_back(
        {.mrid = model::derive({}, path), .path = path, .name = model::parse_point_name(point).value()});
  }
  return all;
}

WallTime wall(std::int64_t time_ms) { return WallTime(std::chrono::milliseconds(time_ms)); }

// Five days of values with all that is odd, of which the first two are given up, but for their roll-ups.
void make_history(PosixFiles& files, const std::string& folder) {
  io::world::SeededRandom random(1, "values");
  auto historian =
      Historian::open(files, {.folder = folder, .raw_days = 3, .reserve = 0}, Instant{} + 1h).value();
  const auto ids = historian.series(infos()).value();
  for (std::int64_t minute = 0; minute < std::int64_t{5} * 24 * 60; minute += 7) {
    historian::Recording recording;
    for (const historian::SeriesId id : ids) {
      double value = static_cast<double>(minute * 10 + std::int64_t{id.value()}) / 10;
      if (random.below(20) == 0) value = std::bit_cast<double>(random.below(~0ULL));
      const auto bits = random.below(20) == 0 ? static_cast<std::uint32_t>(random.below(1ULL << 32U)) : 0U;
      recording.add(id, midnight + minute * 60'000 + static_cast<std::int64_t>(random.below(1000)), value,
                    model::Quality::from_bits(bits));
    }
    historian.record(recording, Instant{} + 1h);
  }
  normalize::CounterState counter{.last = 17.25, .base = 4294967296, .rollovers = 1};
  counter.last_time = wall(midnight) + 123ns;
  historian::Recording noted;
  noted.notes.add(ids[1], normalize::to_bytes(counter));
  historian.record(noted, Instant{} + 1h);
  REQUIRE(historian.seal());
  REQUIRE(historian.roll_up(wall(midnight + 6 * day_ms)));
  for (int look = 1; look <= 3; ++look)
    historian.tick(wall(midnight + 5 * day_ms), Instant{} + 1h + look * 2min);
  historian::Recording unsealed;
  unsealed.add(ids[0], midnight + 5 * day_ms + 60'000, 1.5, {});
  counter.last = 18.5;
  counter.last_time = wall(midnight + 5 * day_ms) - 1ns;
  counter.doubted = 3;
  counter.doubted_time = wall(midnight + 5 * day_ms);
  unsealed.notes.add(ids[1], normalize::to_bytes(counter));
  historian.record(unsealed, Instant{} + 2h);
  historian.sync();
}

Exported exported(PosixFiles& files, const std::string& history, const std::string& to, Form form) {
  REQUIRE(files.make_folder(to));
  auto reader = historian::Reader::open(files, history);
  REQUIRE(reader);
  auto done = export_history(*reader, files, {.folder = to, .form = form, .wanted = {}});
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  return *done;
}

Result<Imported> import_from(PosixFiles& files, const std::string& from, const std::string& history,
                             Form form, historian::Day values_from) {
  return import_history(files, {.history = history,
                                .samples = from + "/" + std::string(file_name(form)),
                                .form = form,
                                .rollups = from + "/" + std::string(rollups_name),
                                .counters = from + "/" + std::string(counters_name),
                                .values_from = values_from});
}

}  // namespace

TEST_CASE("out of a history, into an empty one, and out again: the same bytes, in each form") {
  const TemporaryFolder folder;
  PosixFiles files;
  make_history(files, folder / "history");
  for (const Form form : {Form::csv, Form::protobuf}) {
    const std::string name(file_name(form));
    const std::string first = folder / "first-" + name;
    const std::string second = folder / "second-" + name;
    const std::string copy = folder / "copy-" + name;
    const Exported out = exported(files, folder / "history", first, form);
    CHECK(out.series == 4);
    CHECK(out.samples > 2000);
    CHECK(out.rollups > 2000);  // of the two days whose values are gone
    CHECK(out.values_from == historian::day_of(midnight) + 2);

    const auto in = import_from(files, first, copy, form, out.values_from);
    REQUIRE_MESSAGE(in.has_value(), (in ? "" : in.error().message));
    CHECK(in->samples == out.samples);
    CHECK(in->refused == 0);
    CHECK(in->rollups == out.rollups);

    const Exported again = exported(files, copy, second, form);
    CHECK(again.values_from == out.values_from);
    for (const std::string& file : out.files)
      CHECK_MESSAGE(files.read(first + "/" + file).value() == files.read(second + "/" + file).value(), file);
  }
}

TEST_CASE("a counter that ran over goes on from where it was, and not from where it once was") {
  const TemporaryFolder folder;
  PosixFiles files;
  make_history(files, folder / "history");
  const Exported out = exported(files, folder / "history", folder / "out", Form::csv);
  const std::string path = folder / "out/counters.csv";
  const std::string text = files.read(path).value();
  CHECK(
      text.contains(",18.5,2026-09-25T23:59:59.999999999Z,4294967296,3,2026-09-26T00:00:00.000000000Z,1,0,"));

  REQUIRE(import_from(files, folder / "out", folder / "copy", Form::csv, out.values_from));
  std::string older = text;
  older.replace(older.find(",18.5,2026-09-25"), 16, ",11.5,2026-09-24");
  REQUIRE(files.replace(path, older, 0640));
  REQUIRE(import_from(files, folder / "out", folder / "copy", Form::csv, out.values_from));
  exported(files, folder / "copy", folder / "again", Form::csv);
  CHECK(files.read(folder / "again/counters.csv").value() == text);

  for (const std::string_view wrong : {",x,", ",inf,", ",-inf,"}) {
    std::string spoiled = text;
    spoiled.replace(spoiled.find(",18.5,"), 6, wrong);
    REQUIRE(files.replace(path, spoiled, 0640));
    const auto refused = import_from(files, folder / "out", folder / "other", Form::csv, out.values_from);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("record 2") != std::string::npos);
  }
}

TEST_CASE("every question has the same answer in the history that was imported") {
  const TemporaryFolder folder;
  PosixFiles files;
  make_history(files, folder / "history");
  const Exported out = exported(files, folder / "history", folder / "out", Form::protobuf);
  REQUIRE(import_from(files, folder / "out", folder / "copy", Form::protobuf, out.values_from));
  auto one = historian::Reader::open(files, folder / "history").value();
  auto other = historian::Reader::open(files, folder / "copy").value();
  const historian::Range range{.from_ms = midnight, .to_ms = midnight + 6 * day_ms};
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto& all = other.series();
    const auto same = std::ranges::find(all, one.series()[i].mrid, &SeriesInfo::mrid) - all.begin();
    REQUIRE(all[static_cast<std::size_t>(same)] == one.series()[i]);
    for (const auto level : {historian::Level::minute, historian::Level::quarter, historian::Level::hour}) {
      auto a = one.rollups(historian::SeriesId(i), level, range).value();
      auto b = other.rollups(historian::SeriesId(static_cast<std::uint32_t>(same)), level, range).value();
      std::vector<std::byte> bytes_of_a;
      std::vector<std::byte> bytes_of_b;
      encode_rollups(a, bytes_of_a);
      encode_rollups(b, bytes_of_b);
      CHECK(bytes_of_a == bytes_of_b);
      CHECK(a.size() > 50);
    }
  }
}

TEST_CASE("to import twice is to import once, and what is there already stays") {
  const TemporaryFolder folder;
  PosixFiles files;
  make_history(files, folder / "history");
  const Exported out = exported(files, folder / "history", folder / "out", Form::csv);
  REQUIRE(import_from(files, folder / "out", folder / "copy", Form::csv, out.values_from));
  REQUIRE(import_from(files, folder / "out", folder / "copy", Form::csv, out.values_from));
  exported(files, folder / "copy", folder / "again", Form::csv);
  for (const std::string& file : out.files)
    CHECK(files.read(folder / "out/" + file).value() == files.read(folder / "again/" + file).value());
}

TEST_CASE("only the points and the time that are wanted are exported") {
  const TemporaryFolder folder;
  PosixFiles files;
  make_history(files, folder / "history");
  REQUIRE(files.make_folder(folder / "out"));
  auto reader = historian::Reader::open(files, folder / "history").value();
  const auto done =
      export_history(reader, files,
                     {.folder = folder / "out",
                      .wanted = [](std::string_view path) { return path.ends_with("ActivePower"); },
                      .range = historian::Range{.from_ms = midnight + 3 * day_ms,
                                                .to_ms = midnight + 3 * day_ms + 3'600'000}});
  REQUIRE(done);
  CHECK(done->series == 1);
  CHECK(done->samples == 8);
  CHECK(done->rollups == 0);
}

TEST_CASE("a file that is cut or makes no sense is refused with its place") {
  const TemporaryFolder folder;
  PosixFiles files;
  make_history(files, folder / "history");
  for (const Form form : {Form::csv, Form::protobuf}) {
    const std::string out = folder / "out-" + std::string(file_name(form));
    exported(files, folder / "history", out, form);
    const std::string path = out + "/" + std::string(file_name(form));
    const std::string content = files.read(path).value();
    REQUIRE(files.replace(path, content.substr(0, content.size() - 5), 0640));
    const auto cut = import_from(files, out, folder / "cut-" + std::string(file_name(form)), form, 0);
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().message.find("cut") != std::string::npos);
    REQUIRE(files.replace(path, content + "nonsense\n", 0640));
    const auto nonsense =
        import_from(files, out, folder / "nonsense-" + std::string(file_name(form)), form, 0);
    REQUIRE_FALSE(nonsense.has_value());
    CHECK(nonsense.error().message.find(path) != std::string::npos);
  }
}

TEST_CASE("a manifest finds every change of the files that it names") {
  const TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "out/deep"));
  REQUIRE(files.replace(folder / "out/a", "first", 0640));
  REQUIRE(files.replace(folder / "out/deep/b", "second", 0640));
  const Manifest manifest{.content = "site", .facts = {{"site", "Factory roof"}}, .files = {}};
  REQUIRE(write_manifest(files, folder / "out", manifest, {"deep/b", "a"}));
  const auto read = read_manifest(files, folder / "out");
  REQUIRE(read);
  CHECK(read->facts == manifest.facts);
  REQUIRE(read->files.size() == 2);
  CHECK(read->files[0].path == "a");
  CHECK(read->files[0].sha256 == "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e");

  const auto refused = [&] {
    const auto again = read_manifest(files, folder / "out");
    return again ? std::string("nothing") : again.error().message;
  };
  REQUIRE(files.replace(folder / "out/a", "fIrst", 0640));
  CHECK(refused().find("checksum") != std::string::npos);
  REQUIRE(files.replace(folder / "out/a", "first!", 0640));
  CHECK(refused().find("6 bytes instead of 5") != std::string::npos);
  REQUIRE(files.remove(folder / "out/a"));
  CHECK(refused().find("missing") != std::string::npos);
  REQUIRE(files.replace(folder / "out/a", "first", 0640));
  CHECK(refused() == "nothing");
  std::string text = files.read(folder / "out/manifest.json").value();
  text.replace(text.find("\"a\""), 3, "\"../a\"");
  REQUIRE(files.replace(folder / "out/manifest.json", text, 0640));
  CHECK(refused().find("no file of the folder") != std::string::npos);
  REQUIRE(files.replace(folder / "out/manifest.json", "{}", 0640));
  CHECK(refused().find("manifest.json") != std::string::npos);
  REQUIRE(files.remove(folder / "out/manifest.json"));
  CHECK(refused().find("is no export") != std::string::npos);
}

}  // namespace iw::transfer
