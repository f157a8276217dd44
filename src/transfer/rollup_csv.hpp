// Roll-ups as CSV, as they are stored: each bucket by itself, so that larger ones and energies can be made of
// them again. historian/rollup.hpp says what the columns mean.
#pragma once

#include <functional>
#include <span>

#include "historian/catalogue.hpp"
#include "historian/rollup.hpp"
#include "transfer/stream_file.hpp"

namespace iw::transfer {

constexpr std::string_view rollups_name = "rollups.csv";

class RollupWriter {
 public:
  explicit RollupWriter(OutputFile file) : file_(std::move(file)) {}

  Result<void> begin();
  Result<void> put(const historian::SeriesInfo& series, historian::Level level,
                   std::span<const historian::Rollup> rollups);
  Result<void> finish() { return file_.finish(); }

 private:
  OutputFile file_;
  std::string lines_;
};

// Buckets of one series and level, some thousand at most at a time.
using TakeRollups = std::function<Result<void>(const historian::SeriesInfo& series, historian::Level level,
                                               std::span<const historian::Rollup> rollups)>;

Result<void> read_rollups(InputFile file, const TakeRollups& take);

}  // namespace iw::transfer
