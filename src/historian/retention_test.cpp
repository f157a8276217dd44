// What goes when time or space is over, in which order, and what never does.
#include <algorithm>

#include <doctest/doctest.h>

#include "historian/historian.hpp"
#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::historian {
namespace {

using io::testing::TemporaryFolder;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in September 2026
constexpr Range always{.from_ms = 0, .to_ms = 4'000'000'000'000};

WallTime wall(std::int64_t time_ms) { return WallTime(std::chrono::milliseconds(time_ms)); }

// A disk that is full as long as the test wants: nothing new, nothing longer.
class FullDisk final : public io::Files {
 public:
  bool full = false;

  Result<std::string> read(const std::string& path) override { return disk_.read(path); }
  Result<std::string> read_secret(const std::string& path) override { return disk_.read_secret(path); }
  Result<void> sync(const std::string& path) override { return disk_.sync(path); }
  Result<void> remove(const std::string& path) override { return disk_.remove(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return disk_.list(folder); }
  Result<void> make_folder(const std::string& path) override { return disk_.make_folder(path); }
  Result<std::uint64_t> size(const std::string& path) override { return disk_.size(path); }
  Result<std::uint64_t> free_space(const std::string& folder) override { return disk_.free_space(folder); }
  Result<void> replace(const std::string& path, std::string_view content, unsigned mode) override {
    return full ? no_space() : disk_.replace(path, content, mode);
  }
  Result<std::unique_ptr<io::AppendFile>> create(const std::string& path, unsigned mode) override {
    if (full) return fail(no_space().error());
    auto file = disk_.create(path, mode);
    if (!file) return file;
    return std::make_unique<Watched>(*this, std::move(*file));
  }

 private:
  class Watched final : public io::AppendFile {
   public:
    Watched(const FullDisk& disk, std::unique_ptr<io::AppendFile> file)
        : disk_(disk), file_(std::move(file)) {}
    Result<void> append(Bytes bytes) override { return disk_.full ? no_space() : file_->append(bytes); }
    Result<void> sync() override { return file_->sync(); }

   private:
    const FullDisk& disk_;
    std::unique_ptr<io::AppendFile> file_;
  };

  static Result<void> no_space() { return fail(ErrorKind::exhausted, "no space left", "free some"); }

  io::posix::PosixFiles disk_;
};

// A register that rises by ten each ten minutes, for so many days.
struct History {
  explicit History(Settings settings) {
    settings.folder = path;
    auto opened = Historian::open(files, std::move(settings), now);
    REQUIRE(opened);
    historian.emplace(std::move(*opened));
    const SeriesInfo info{.mrid = model::derive({}, "meter"),
                          .path = "meter/EnergyImport",
                          .name = {.quantity = model::Quantity::EnergyImport}};
    id = historian->series(std::span(&info, 1)).value().front();
  }

  void fill(int days) {
    Recording recording;
    for (std::int64_t t = 0; t < days * day_ms; t += 10 * minute_ms)
      recording.add(id, midnight + t, static_cast<double>(t / minute_ms), {});
    historian->record(recording, now);
    REQUIRE(historian->seal());
    REQUIRE(historian->roll_up(wall(midnight + (days + 1) * day_ms)));
  }

  // The upkeep of a while.
  void look(int times, std::int64_t wall_ms) {
    for (int i = 0; i < times; ++i)
      historian->tick(wall(wall_ms), now += 2min);
  }

  std::vector<std::string> names(std::string_view prefix) {
    auto all = files.list(path).value();
    std::erase_if(all, [&](const std::string& name) {
      return !name.starts_with(prefix) || name.ends_with("-wal") || name.ends_with("-shm");
    });
    return all;
  }

  std::size_t hours() { return historian->rollups(id, Level::hour, always).value().size(); }

  TemporaryFolder folder;
  std::string path = folder / "history";
  FullDisk files;
  Instant now = Instant{} + 1h;
  std::optional<Historian> historian;
  SeriesId id;
};

}  // namespace

TEST_CASE("beyond its size the oldest days of values go, then minutes; the register stays for each hour") {
  History history({.most_bytes = 1, .reserve = 0});
  history.fill(12);
  const std::size_t hours = history.hours();
  CHECK(hours == 12 * 24 + 1);  // the last value holds into the next day
  history.look(1, midnight + 12 * day_ms);
  CHECK(history.names("raw-").front() == "raw-2026-09-22.db");  // one step a look, the oldest first
  history.look(30, midnight + 12 * day_ms);
  CHECK(history.names("raw-") == std::vector<std::string>{"raw-2026-10-02.db"});  // yesterday is kept
  CHECK(history.names("rollup-2026-09").empty());                                 // the month that is over
  CHECK(history.hours() == hours);
  const auto rollups = history.historian->rollups(history.id, Level::hour, always).value();
  CHECK(rollups.front().last == 50);
  CHECK(rollups[30].energy == 60);
}

TEST_CASE("values, minutes and years go when their time is over, each by itself") {
  History history({.raw_days = 5, .minute_days = 40, .rollup_years = 1, .reserve = 0});
  history.fill(3);
  history.look(5, midnight + 6 * day_ms);
  CHECK(history.names("raw-").size() == 2);
  CHECK(history.names("rollup-2026-09").size() == 1);
  history.look(5, midnight + 60 * day_ms);
  CHECK(history.names("raw-").empty());
  CHECK(history.names("rollup-2026-09").empty());
  CHECK(history.hours() == 3 * 24 + 1);
  history.look(5, midnight + 800 * day_ms);
  CHECK(history.names("rollup-").empty());
}

TEST_CASE("a full disk takes the reserve first, then the oldest day, and all goes on when it is well again") {
  History history({.reserve = 100'000});
  history.fill(6);
  history.look(40, midnight + 6 * day_ms);
  REQUIRE(history.files.size(reserve_path(history.path)).value() == 100'000);

  history.files.full = true;
  Recording recording;
  recording.add(history.id, midnight + 6 * day_ms, 1, {});
  // A segment goes on until it is full; then, or after an error, the next one can not be made.
  history.historian->record(recording, history.now);
  history.look(1, midnight + 6 * day_ms);
  REQUIRE(history.historian->status().trouble);
  CHECK(history.historian->status().trouble->kind == ErrorKind::exhausted);
  CHECK(history.names("reserve").empty());
  CHECK(history.names("raw-").size() == 6);
  history.look(1, midnight + 6 * day_ms);
  CHECK(history.names("raw-").front() == "raw-2026-09-22.db");
  CHECK(history.names("raw-").size() == 5);

  history.files.full = false;
  history.look(2, midnight + 6 * day_ms);
  const Status status = history.historian->status();
  CHECK_FALSE(status.trouble);
  CHECK(status.lost == 0);
  CHECK(status.durable == status.last);
  CHECK(history.historian->raw(history.id, always).value().time_ms.back() == midnight + 6 * day_ms);
  history.look(40, midnight + 6 * day_ms);
  CHECK(history.files.size(reserve_path(history.path)).value() == 100'000);  // filled again
  auto reader = Reader::open(history.files, history.path);
  REQUIRE(reader);
  CHECK(reader->raw(history.id, always).value().size() == 5 * 144 + 1);
}

TEST_CASE("a reader does not take for values what was given up, though the head log may still have it") {
  History history({.raw_days = 1, .reserve = 0});
  history.fill(3);
  history.look(5, midnight + 3 * day_ms);
  auto reader = Reader::open(history.files, history.path);
  REQUIRE(reader);
  CHECK(reader->raw(history.id, always).value().time_ms ==
        history.historian->raw(history.id, always).value().time_ms);
  CHECK(reader->days().value() == std::vector{day_of(midnight) + 2});
}

}  // namespace iw::historian
