// The roll-up files of a folder: minutes in a file a month, quarters of an hour and hours in a file a year.
//
// A row of SQLite holds the buckets of one series in one hour (minutes) or one day (the others), compressed;
// its key has the series in front, so that a year of one series lies together. Writing an hour again puts the
// new buckets in the place of the old.
#pragma once

#include <functional>
#include <list>
#include <span>
#include <string>
#include <vector>

#include "historian/layout.hpp"
#include "historian/rollup.hpp"
#include "io/files.hpp"
#include "sqlite/database.hpp"

namespace iw::historian {

// The minutes of an hour of a series; none: there is nothing in it (any more).
struct RolledHour {
  SeriesId series;
  std::int64_t hour = 0;  // since 1970
  EnergyOf energy{};
  std::vector<Rollup> minutes;
};

// A row of a roll-up file, as it stands there.
struct RollupRow {
  Level level{};
  SeriesId series;
  Range range;  // that its buckets are of
  Bytes data;
};

// Every row of one level, without looking into it; `data` is valid during the call.
Result<void> each_row(sqlite::Database& database, Level level,
                      const std::function<void(const RollupRow&)>& take);

class RollupFiles {
 public:
  RollupFiles(io::Files& files, std::string folder, sqlite::Mode mode, std::string vfs)
      : files_(&files), folder_(std::move(folder)), mode_(mode), vfs_(std::move(vfs)) {}

  // A transaction for each file that takes part.
  Result<void> write(std::span<const RolledHour> hours);
  // Buckets of one series, in the place of those of the same time: from elsewhere, as they stood there.
  Result<void> put(SeriesId series, Level level, std::span<const Rollup> rollups);
  // The times that have a file, the oldest first.
  Result<std::vector<Range>> ranges(Level level);
  // Appends the buckets that begin in the range, in the order of time, energy as stored.
  Result<void> read(SeriesId series, Level level, Range range, std::vector<Rollup>& out);

  // Forgets what is open: after an error, or before a file is removed.
  void close() { open_.clear(); }

 private:
  struct Open {
    std::string path;
    sqlite::Database database;
  };

  // Nothing when there is no such file and we only read.
  Result<sqlite::Database*> at(const std::string& path);
  Result<void> write_file(const std::string& path, Level level, std::span<const RolledHour* const> hours);

  io::Files* files_;
  std::string folder_;
  sqlite::Mode mode_;
  std::string vfs_;
  std::list<Open> open_;  // used last stands first
};

}  // namespace iw::historian
