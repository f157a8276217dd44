// Archive: all sealed files of a folder, read together with what is not sealed yet; the same for the process
// that writes and for others. And the making of roll-ups from raw samples.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "historian/day_files.hpp"
#include "historian/rollup_files.hpp"

namespace iw::historian {

// What the stored roll-ups do not have yet.
struct Pending {
  const Samples& unsealed;
  const std::set<Day>& stale_days;  // with hours that are out of date
};

class Archive {
 public:
  Archive(io::Files& files, const std::string& folder, sqlite::Mode mode, const std::string& vfs,
          std::int64_t longest_hold_ms)
      : days_(files, folder, mode, vfs),
        rollups_(files, folder, mode, vfs),
        longest_hold_ms_(longest_hold_ms) {}

  [[nodiscard]] DayFiles& days() { return days_; }
  [[nodiscard]] RollupFiles& rollup_files() { return rollups_; }

  // The buckets that begin in the range. Hours whose stored roll-ups are out of date, or that have samples
  // which are not sealed, are made from raw samples.
  Result<std::vector<Rollup>> rollups(SeriesId series, EnergyOf energy, Level level, Range range,
                                      const Pending& pending);

  // Makes the roll-ups of these hours from what is sealed, and writes them.
  Result<void> roll_up(std::span<const Stale> hours, const std::function<EnergyOf(SeriesId)>& energy);

  void close() {
    days_.close();
    rollups_.close();
  }

 private:
  Result<std::set<std::int64_t>> open_hours(SeriesId series, Range range, const Pending& pending);
  Result<std::vector<Rollup>> minutes(SeriesId series, EnergyOf energy, std::int64_t hour,
                                      const Samples& unsealed);

  DayFiles days_;
  RollupFiles rollups_;
  std::int64_t longest_hold_ms_;
};

}  // namespace iw::historian
