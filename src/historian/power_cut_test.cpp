// The whole historian, head log and SQLite, on a disk that loses what was not synced: the power is cut after
// each operation, within writes, and with each choice of what got through.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "historian/historian.hpp"
#include "io/world/seeded_random.hpp"
#include "sqlite/testing/disk.hpp"

namespace iw::historian {
namespace {

using io::world::SeededRandom;
using sqlite::testing::Disk;
using sqlite::testing::Operation;
using sqlite::testing::PowerCut;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026
constexpr Range always{.from_ms = 0, .to_ms = 4'000'000'000'000};
constexpr std::size_t series_count = 3;

WallTime wall(std::int64_t time_ms) { return WallTime(std::chrono::milliseconds(time_ms)); }
std::int64_t time_of(std::uint64_t n) { return midnight + (static_cast<std::int64_t>(n) - 6) * minute_ms; }

std::vector<SeriesInfo> infos() {
  std::vector<SeriesInfo> all;
  for (std::size_t n = 0; n < series_count; ++n) {
    all.push_back({.mrid = model::derive({}, std::to_string(n)),
                   .path = "meter/" + std::to_string(n),
                   .name = {.quantity = model::Quantity::ActivePower}});
  }
  return all;
}

// The nth: a value of series 0, of each other one now and then, and a note of series 0. Midnight is among
// them.
Recording recording_of(std::uint64_t n) {
  Recording recording;
  for (std::uint32_t i = 0; i < series_count; ++i)
    if (n % (i + 1) == 0) recording.add(SeriesId(i), time_of(n) + i, static_cast<double>(n) / 8, {});
  const std::string note = std::to_string(n);
  recording.notes.add(SeriesId(0), std::as_bytes(std::span(note)));
  return recording;
}

Samples expected(std::uint32_t series, std::uint64_t recordings) {
  Samples samples;
  for (std::uint64_t n = 1; n <= recordings; ++n) {
    const Recording recording = recording_of(n);
    for (std::size_t i = 0; i < recording.size(); ++i) {
      if (recording.series[i] == SeriesId(series))
        samples.add(recording.samples.time_ms[i], recording.samples.value[i], recording.samples.quality[i]);
    }
  }
  return samples;
}

Result<Historian> opened(Disk& disk, SyncPolicy sync = SyncPolicy::every) {
  Settings settings{.folder = "/history", .sync = sync, .seal_samples = 4, .reserve = 0, .vfs = disk.vfs()};
  auto historian = Historian::open(disk.files(), settings, Instant{});
  if (!historian) return historian;
  if (auto ids = historian->series(infos()); !ids) return fail(std::move(ids).error());
  return historian;
}

// All that was recorded up to some recording is there, and nothing else; which one that is.
std::uint64_t check_whole(Historian& historian) {
  const std::uint64_t last = historian.raw(SeriesId(0), always).value().size();
  for (std::uint32_t i = 0; i < series_count; ++i) {
    const Samples samples = historian.raw(SeriesId(i), always).value();
    const Samples wanted = expected(i, last);
    CHECK(samples.time_ms == wanted.time_ms);
    CHECK(samples.value == wanted.value);
  }
  if (const auto note = historian.note(SeriesId(0)); last > 0) {
    REQUIRE(note);
    const std::string wanted = std::to_string(last);
    CHECK(std::ranges::equal(*note, std::as_bytes(std::span(wanted))));
  }
  return last;
}

// The roll-ups have each sample once.
void check_rolled_up(Historian& historian, std::uint64_t last) {
  std::size_t count = 0;
  for (const Rollup& rollup : historian.rollups(SeriesId(0), Level::hour, always).value())
    count += rollup.count;
  CHECK(count == last);
}

// Starts on what is left: nothing that was durable is missing, and it goes on.
void check_start(Disk& disk, std::uint64_t durable) {
  auto historian = opened(disk);
  REQUIRE_MESSAGE(historian.has_value(), (historian ? "" : historian.error().message));
  const std::uint64_t last = check_whole(*historian);
  CHECK(last >= durable);
  check_rolled_up(*historian, last);
  historian->record(recording_of(last + 1), Instant{});
  CHECK(historian->status().durable == historian->status().last);
  REQUIRE(historian->seal());
  REQUIRE(historian->roll_up(wall(midnight + day_ms)));
  CHECK(check_whole(*historian) == last + 1);
  check_rolled_up(*historian, last + 1);
}

// What was durable after so many operations of the disk.
class Promises {
 public:
  void add(const Disk& disk, const Historian& historian) {
    durable_[disk.trace().size()] = historian.status().durable;
  }
  [[nodiscard]] std::uint64_t after(std::size_t operations) const {
    const auto next = durable_.upper_bound(operations);
    return next == durable_.begin() ? 0 : std::prev(next)->second;
  }

 private:
  std::map<std::size_t, std::uint64_t> durable_;
};

// Two lives of a historian, with seals, roll-ups, and segments that are forgotten.
Promises live(Disk& disk, SyncPolicy sync) {
  Promises promises;
  std::uint64_t n = 0;
  for (const std::uint64_t until : {9U, 16U}) {
    auto historian = opened(disk, sync);
    REQUIRE(historian);
    Instant now{};
    while (n < until) {
      historian->record(recording_of(++n), now);
      promises.add(disk, *historian);
      historian->tick(wall(time_of(n) + 2 * hour_ms), now += 700ms);
      promises.add(disk, *historian);
    }
    CHECK_FALSE(historian->status().trouble);
    historian->sync();
    promises.add(disk, *historian);
  }
  return promises;
}

// How many choices there are at this cut.
std::size_t choices(const Disk& disk, PowerCut cut) {
  std::size_t asked = 0;
  (void)disk.after_power_cut(cut, [&] { return ++asked > 0; });
  return asked;
}

}  // namespace

TEST_CASE(
    "a power cut after any operation, whatever got through, loses nothing durable and invents nothing") {
  constexpr std::size_t most_for_all = 2;
  constexpr int samples = 1;
  for (const SyncPolicy sync : {SyncPolicy::every, SyncPolicy::interval}) {
    Disk disk;
    const Promises promises = live(disk, sync);
    SeededRandom random(1, "luck");
    for (std::size_t operations = 0; operations <= disk.trace().size(); ++operations) {
      const PowerCut cut{.operations = operations};
      const std::size_t open = choices(disk, cut);
      const auto check = [&](const Disk::Luck& luck) {
        check_start(*disk.after_power_cut(cut, luck), promises.after(operations));
      };
      if (open <= most_for_all) {
        for (unsigned subset = 0; subset < 1U << open; ++subset)
          check([bits = subset]() mutable { return (std::exchange(bits, bits >> 1U) & 1U) != 0; });
        continue;
      }
      check([] { return false; });
      check([] { return true; });
      for (int i = 0; i < samples; ++i)
        check([&] { return random.chance(0.5); });
    }
  }
}

namespace {

// Starts on what cuts leave of a disk, once on each that differs from those before, or is promised more.
class Starts {
 public:
  void check(const std::unique_ptr<Disk>& left, std::uint64_t durable) {
    const auto [at, is_new] = promised_.try_emplace(digest(*left), durable);
    if (!is_new && durable <= at->second) return;
    at->second = durable;
    check_start(*left, durable);
    if (++count_ % 100'000 == 0) MESSAGE(count_, " starts so far");
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  static std::size_t digest(const Disk& disk) {
    std::size_t all = 0;
    const auto add = [&](std::string_view part) {
      all = all * 0x9E3779B97F4A7C15 + std::hash<std::string_view>()(part);
    };
    for (const auto& [name, file] : disk.names()) {
      add(name);
      add({reinterpret_cast<const char*>(file->content.data()), file->content.size()});
    }
    return all;
  }

  std::map<std::size_t, std::uint64_t> promised_;
  std::size_t count_ = 0;
};

// Whether each of the choices of a cut went well, by the bits of a number.
Disk::Luck luck_of(std::uint64_t bits) {
  return [bits]() mutable { return (std::exchange(bits, bits >> 1U) & 1U) != 0; };
}

// After each operation, with every subset of the writes that no sync confirmed, and of their sectors where
// these are few.
void cut_between_operations(const Disk& disk, const Promises& promises, Starts& starts) {
  constexpr std::size_t most_for_all = 12;
  std::size_t beyond = 0;
  for (std::size_t operations = 0; operations <= disk.trace().size(); ++operations) {
    for (const bool whole_writes : {true, false}) {
      const PowerCut cut{.operations = operations, .whole_writes = whole_writes};
      const std::size_t open = choices(disk, cut);
      if (open > most_for_all) {
        beyond += whole_writes ? 1 : 0;
        continue;
      }
      for (std::uint64_t subset = 0; subset < std::uint64_t{1} << open; ++subset)
        starts.check(disk.after_power_cut(cut, luck_of(subset)), promises.after(operations));
    }
  }
  CHECK(beyond == 0);
}

// Whether the byte that a write puts there is what the file has anyhow.
bool has(const Disk& disk, const Operation& write, std::size_t byte) {
  for (const auto& [name, file] : disk.names()) {
    if (file->number == write.file) {
      return write.offset + byte < file->content.size() &&
             file->content[write.offset + byte] == write.bytes[byte];
    }
  }
  return false;
}

// At each byte of each write, when all before it got through and when nothing did that no sync confirmed.
void cut_within_writes(const Disk& disk, const Promises& promises, Starts& starts) {
  for (std::size_t i = 0; i < disk.trace().size(); ++i) {
    const Operation& write = disk.trace()[i];
    if (write.kind != Operation::Kind::write) continue;
    const std::size_t before = choices(disk, {.operations = i});
    for (const std::size_t lost : {std::size_t{0}, before}) {
      const auto luck = [lost] {
        return [asked = std::size_t{0}, lost]() mutable { return asked++ >= lost; };
      };
      const auto begun = disk.after_power_cut({.operations = i}, luck());
      for (std::size_t bytes = 1; bytes < write.bytes.size(); ++bytes) {
        if (!has(*begun, write, bytes - 1))
          starts.check(disk.after_power_cut({.operations = i, .bytes = bytes}, luck()), promises.after(i));
      }
    }
  }
}

}  // namespace

// All there is: README.md, "Power cuts", tells how long it takes. The sample below is of every test run.
TEST_CASE("power cuts in full: at every byte, and with every subset of the writes" * doctest::skip()) {
  Starts starts;
  for (const SyncPolicy sync : {SyncPolicy::every, SyncPolicy::interval}) {
    const std::size_t before = starts.count();
    Disk disk;
    disk.set_default_pages(true);
    const Promises promises = live(disk, sync);
    cut_between_operations(disk, promises, starts);
    const std::size_t between = starts.count() - before;
    cut_within_writes(disk, promises, starts);
    MESSAGE(disk.trace().size(), " operations: ", between, " starts after cuts between them, ",
            starts.count() - before - between, " within writes");
  }
}

TEST_CASE("a power cut within any write: at every byte of the head log, at some of a database") {
  Disk disk;
  const Promises promises = live(disk, SyncPolicy::every);
  std::set<std::size_t> databases;
  for (const Operation& operation : disk.trace())
    if (operation.path.contains(".db")) databases.insert(operation.file);
  std::size_t cuts = 0;
  for (std::size_t i = 0; i < disk.trace().size(); ++i) {
    const Operation& operation = disk.trace()[i];
    if (operation.kind != Operation::Kind::write) continue;
    const std::size_t step = databases.contains(operation.file) ? 8192 : 1;
    for (std::size_t bytes = 1; bytes < operation.bytes.size(); bytes += step, ++cuts) {
      check_start(*disk.after_power_cut({.operations = i, .bytes = bytes}, [] { return true; }),
                  promises.after(i));
    }
  }
  CHECK(cuts > 500);
}

namespace {

// Some operations of the disk fail on the way; then all is well, and stays so when the power is cut.
void check_failures(std::size_t nth, std::size_t count) {
  Disk disk;
  disk.fail_operations(nth, count);
  auto historian = opened(disk);
  if (!historian) return;  // said at the start, and nothing was promised
  constexpr std::uint64_t recordings = 9;
  Instant now{};
  Promises promises;
  for (std::uint64_t n = 1; n <= recordings; ++n) {
    historian->record(recording_of(n), now);
    promises.add(disk, *historian);
    historian->tick(wall(time_of(n) + 2 * hour_ms), now += 700ms);
    promises.add(disk, *historian);
  }
  for (int i = 0; i < 100 && historian->status().trouble; ++i)
    historian->tick(wall(time_of(recordings) + 2 * hour_ms), now += 1s);
  promises.add(disk, *historian);
  disk.fail_operations(0, 0);
  CHECK_FALSE(historian->status().trouble);
  CHECK(historian->status().durable == recordings);
  CHECK(historian->status().lost == 0);
  CHECK(check_whole(*historian) == recordings);
  SeededRandom random(nth, "luck");
  const std::size_t end = disk.trace().size();
  for (const std::size_t cut : {end, static_cast<std::size_t>(random.below(end))})
    check_start(*disk.after_power_cut({.operations = cut}, [] { return false; }), promises.after(cut));
}

}  // namespace

TEST_CASE("when operations of the disk fail, what is called durable is, and nothing is lost in the end") {
  std::size_t operations = 0;
  {
    Disk disk;
    live(disk, SyncPolicy::every);
    operations = disk.operations();
  }
  for (std::size_t nth = 1; nth <= operations; ++nth) {
    check_failures(nth, 1);
    if (nth % 5 == 0) check_failures(nth, 3);
    if (nth % 9 == 0) check_failures(nth, 20);
  }
}

TEST_CASE("a disk that is full, read-only or broken stops nothing and loses nothing once it is well again") {
  using Fault = void (Disk::*)(bool);
  for (const Fault fault : {&Disk::set_full, &Disk::set_read_only, &Disk::set_broken}) {
    Disk disk;
    auto historian = opened(disk);
    REQUIRE(historian);
    Instant now{};
    std::uint64_t n = 0;
    const auto go_on = [&](std::uint64_t until) {
      while (n < until) {
        historian->record(recording_of(++n), now);
        historian->tick(wall(time_of(n) + 2 * hour_ms), now += 700ms);
      }
    };
    go_on(7);
    CHECK_FALSE(historian->status().trouble);
    const std::uint64_t durable = historian->status().durable;
    (disk.*fault)(true);
    go_on(30);
    REQUIRE(historian->status().trouble);
    CHECK_FALSE(historian->status().trouble->remedy.empty());
    CHECK(historian->status().durable == durable);
    check_start(*disk.after_power_cut({.operations = disk.trace().size()}, [] { return false; }), durable);
    (disk.*fault)(false);
    go_on(40);
    CHECK_FALSE(historian->status().trouble);
    CHECK(historian->status().durable == 40);
    CHECK(historian->status().lost == 0);
    CHECK(check_whole(*historian) == 40);
    check_start(*disk.after_power_cut({.operations = disk.trace().size()}, [] { return false; }), 40);
  }
}

}  // namespace iw::historian
