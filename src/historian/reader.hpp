// Reader: the history in a folder as another process sees it, while the gateway writes there or not. It
// changes nothing. What is not sealed yet it takes from the head log when it is opened; blocks are read when
// they are asked for. Blocking; not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "historian/archive.hpp"
#include "historian/catalogue.hpp"
#include "historian/unsealed.hpp"
#include "io/files.hpp"

namespace iw::historian {

class Reader {
 public:
  // not_found: no history is kept there. vfs: SQLite's view of the disk; empty: the system's.
  // longest_hold: as in the Settings of who writes.
  static Result<Reader> open(io::Files& files, const std::string& folder, Duration longest_hold = 15min,
                             const std::string& vfs = {});

  [[nodiscard]] const std::vector<SeriesInfo>& series() const { return catalogue_.series(); }  // by number

  // The days that have values, the oldest first.
  Result<std::vector<Day>> days();
  // Of the days before, values were given up; 0: of none.
  Result<Day> first_raw_day() { return catalogue_.mark(Mark::first_raw_day); }

  // The times that have files of roll-ups, the oldest first; and the buckets in them, as they stand there.
  Result<std::vector<Range>> rollup_ranges(Level level) { return archive_.rollup_files().ranges(level); }
  Result<std::vector<Rollup>> stored_rollups(SeriesId series, Level level, Range range);

  // The newest note of each series that has one, by number.
  Result<std::vector<Note>> notes();

  // In the order of time, each time once.
  Result<Samples> raw(SeriesId series, Range range);
  // The same as the device gave it, before it was normalised (as_measured.hpp).
  Result<Samples> as_measured(SeriesId series, Range range);
  // The buckets that begin in the range, those without any value left out.
  Result<std::vector<Rollup>> rollups(SeriesId series, Level level, Range range);

 private:
  Reader(Catalogue catalogue, Archive archive, Unsealed unsealed)
      : catalogue_(std::move(catalogue)), archive_(std::move(archive)), unsealed_(std::move(unsealed)) {}

  Catalogue catalogue_;
  Archive archive_;
  Unsealed unsealed_;
};

}  // namespace iw::historian
