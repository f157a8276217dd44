// Historian: values of many series, kept for years in one folder (layout.hpp).
//
//   auto historian = Historian::open(files, {.folder = "/var/lib/interwatt/history"}, now);
//   const auto ids = historian->series(infos);       // once, and when points come
//   historian->record(recording, now);                // what came; on its way to the disk at once
//   historian->tick(wall, now);                       // often: syncs, seals, rolls up, makes room
//
// Times are ms UTC since 1970, values in the canonical unit of the quantity. A sample may come late and out
// of order; one at the time of another corrects it. Blocking, and owned by one thread, the storage thread.
// Expected failures of the disk stop nothing: record() and tick() go on in memory, status() says what is
// wrong and what is lost. Other processes read the folder with a Reader (reader.hpp) while this one writes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "historian/archive.hpp"
#include "historian/catalogue.hpp"
#include "historian/excerpt.hpp"
#include "historian/head_log.hpp"
#include "historian/samples.hpp"
#include "historian/unsealed.hpp"
#include "io/files.hpp"

namespace iw::historian {

struct Settings {
  std::string folder;
  SyncPolicy sync = SyncPolicy::interval;
  Duration sync_interval = 1s;
  // A series is sealed when it has so many samples, or when its oldest waits for so long.
  std::size_t seal_samples = 2048;
  Duration seal_after = 1h;
  // What the head log may take on the disk; beyond, slow series are sealed early.
  std::uint64_t most_head_bytes = std::uint64_t{256} << 20U;
  // A value holds until the next one, but no longer than this: beyond is a gap.
  Duration longest_hold = 15min;
  // How long is kept what: raw samples and roll-ups of minutes in days, the other roll-ups in years.
  int raw_days = 30;
  int minute_days = 366;
  int rollup_years = 10;
  // What all may take on the disk; 0: no limit. Beyond, the oldest days of raw samples go first, then
  // minutes.
  std::uint64_t most_bytes = 0;
  // Of a file that is given back when the disk is full, so that sealing can end; 0: none.
  std::uint64_t reserve = std::uint64_t{256} << 20U;
  std::string vfs = {};  // SQLite's view of the disk, by name; empty: the system's
};

struct Status {
  std::uint64_t recorded = 0;    // samples since the start
  std::uint64_t refused = 0;     // of unknown series, or with times that can not be
  std::uint64_t lost = 0;        // samples given up because the disk was ill for too long
  std::uint64_t last = 0;        // recording
  std::uint64_t durable = 0;     // recordings up to this one survive a power cut
  std::uint64_t unsealed = 0;    // samples in memory and in the head log
  std::uint64_t disk_bytes = 0;  // that the folder takes, looked at once a minute
  std::uint64_t free_bytes = 0;  // of its disk
  std::optional<Error> trouble;  // why the disk can not be written, as long as it can not
};

class Historian {
 public:
  // Replays the head log. An error: the folder can not be used at all.
  static Result<Historian> open(io::Files& files, Settings settings, Instant now);

  // The numbers of the series, by mRID, the same for ever; new ones are made.
  Result<std::vector<SeriesId>> series(std::span<const SeriesInfo> infos);
  [[nodiscard]] const std::vector<SeriesInfo>& series() const { return catalogue_.series(); }  // by number

  // The number of the recording; see Status::durable. Samples of any time: also those of years ago.
  std::uint64_t record(const Recording& recording, Instant now);
  // One small step of all that is to be done; `wall` is UTC.
  void tick(WallTime wall, Instant now);
  // Before the end: all that was recorded is on the disk.
  void sync();
  // Not in small steps: seals all that is open; makes all roll-ups that are due at `wall`.
  Result<void> seal();
  Result<void> roll_up(WallTime wall);

  // Of the days before this one values are gone, here or where roll-ups came from: none is taken from then
  // on. Nothing, when such values are here.
  Result<void> give_up_values_before(Day day);

  // The newest note of a series, also of before the start; valid until the next call that records or seals.
  [[nodiscard]] std::optional<Bytes> note(SeriesId series) const;

  // In the order of time, each time once.
  Result<Samples> raw(SeriesId series, Range range);
  // The buckets that begin in the range, those without any value left out.
  Result<std::vector<Rollup>> rollups(SeriesId series, Level level, Range range);
  // To be read by another thread.
  [[nodiscard]] Excerpt excerpt(const Excerpt::Wanted& wanted) const;

  [[nodiscard]] Status status() const;
  // What was damaged when the folder was opened.
  [[nodiscard]] const Recovery& recovery() const { return recovery_; }

 private:
  struct Pace {
    std::size_t limit = 0;  // seals when it has so many
    Instant seal_at{};      // or at this time; never when nothing is open
  };

  Historian(io::Files& files, Settings settings, Catalogue catalogue, Archive archive, Unsealed unsealed,
            HeadLog log, Recovery recovery, Instant now);

  void set_pace(std::size_t series, Instant now);
  [[nodiscard]] std::vector<SeriesId> due(Instant now) const;
  Result<void> seal(std::span<const SeriesId> due, Instant now);
  Result<void> keep_notes(std::span<const SeriesId> due);
  Result<void> seal_days(std::span<const SeriesId> due);
  Result<void> forget();
  void bound_memory();
  void settle(Result<void> done);

  // historian_upkeep.cpp
  Result<void> add_stale_day(Day day);
  Result<void> remove_stale_day(Day day);
  Result<bool> roll_up_some(std::int64_t wall_ms);
  Result<void> retain(std::int64_t wall_ms);
  Result<void> drop_day(Day day);
  Result<bool> drop_oldest_day(Day before);
  Result<bool> drop_oldest_minutes(Day before);
  void make_room(std::int64_t wall_ms);
  void fill_reserve();
  void look_at_disk();

  io::Files* files_;
  Settings settings_;
  Catalogue catalogue_;
  Archive archive_;
  Unsealed unsealed_;
  HeadLog log_;
  Recovery recovery_;
  std::vector<Pace> pace_;  // by series
  Instant next_seal_{};
  Instant next_look_{};
  std::set<Day> stale_days_;                 // that may have hours to be rolled up; in the catalogue, too
  std::unique_ptr<io::AppendFile> reserve_;  // while it is being filled
  std::uint64_t reserved_ = 0;
  std::uint64_t recorded_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t disk_bytes_ = 0;
  std::uint64_t free_bytes_ = 0;
  std::optional<Error> trouble_;  // of the catalogue or a day file
};

}  // namespace iw::historian
