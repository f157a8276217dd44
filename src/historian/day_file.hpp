// A day file, raw-2026-11-24.db: the sealed blocks of one UTC day, in a table of SQLite.
//
// With each block stands up to which recording its series is sealed in this file, in the same transaction: a
// recording that is read again from the head log after a crash is known as sealed by that, file by file.
// Hours whose roll-ups the block made out of date are marked in the same transaction, too.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "historian/block.hpp"
#include "historian/layout.hpp"
#include "historian/samples.hpp"
#include "sqlite/database.hpp"

namespace iw::historian {

// Samples of one series, and how new they are: of two at the same time the one with the higher number counts.
struct Piece {
  std::uint64_t last_sequence = 0;
  Samples samples;
};

// Puts together what is known of a series, the oldest first: of two samples at one time the later counts.
// Those outside the range are left out.
Samples merged(std::span<const Piece> pieces, const Samples& unsealed, Range range);

// What is sealed of one series: in the order of time, each time once.
struct Sealing {
  SeriesId series;
  Samples samples;
  bool rolled_up = true;  // roll-ups are to be made of them
};

// An hour of a series whose roll-ups must be made, again or for the first time.
struct Stale {
  SeriesId series;
  std::int64_t hour = 0;  // hours since 1970

  friend auto operator<=>(const Stale&, const Stale&) = default;
};

// A row of the file, as it stands there.
struct StoredBlock {
  std::int64_t row = 0;
  std::int64_t series = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  std::int64_t count = 0;
  Bytes data;

  // Bytes that are a block, with as many samples and the times that the row says.
  [[nodiscard]] Result<void> check() const;
};

// The hours that samples at these times have a part in, when a value holds for so long.
std::vector<std::int64_t> hours_of(std::span<const std::int64_t> time_ms, std::int64_t longest_hold_ms);

class DayFile {
 public:
  static Result<DayFile> open(const std::string& path, sqlite::Mode mode, const std::string& vfs);

  // All in one transaction; recordings up to `sequence` are sealed for these series then.
  Result<void> seal(std::uint64_t sequence, std::span<const Sealing> sealings, std::int64_t longest_hold_ms);

  // Appends the blocks of the series that reach into the range, the oldest recording first.
  Result<void> read(SeriesId series, Range range, std::vector<Piece>& pieces);

  // Up to which recording each series is sealed here.
  Result<std::map<SeriesId, std::uint64_t>> sealed();

  // Hours before this one whose roll-ups are out of date; at most so many.
  Result<std::vector<Stale>> stale(std::int64_t before_hour, std::size_t most);
  Result<std::vector<std::int64_t>> stale_hours(SeriesId series);
  Result<void> rolled_up(std::span<const Stale> hours);

  // Every block, without looking into it; `data` is valid during the call.
  Result<void> each_block(const std::function<void(const StoredBlock&)>& take);
  Result<void> remove_blocks(std::span<const std::int64_t> rows);

  // The series that have more blocks than their samples need.
  Result<std::vector<SeriesId>> fragmented();
  struct Merged {
    std::uint64_t before = 0;  // blocks
    std::uint64_t after = 0;
  };
  // As few blocks of each series as can be, with the samples that count, in one transaction.
  Result<Merged> merge_blocks(std::span<const SeriesId> series);

  [[nodiscard]] sqlite::Database& database() { return database_; }

 private:
  explicit DayFile(sqlite::Database database) : database_(std::move(database)) {}
  Result<void> prepare();
  Result<Merged> merge(SeriesId series);
  Result<void> insert(SeriesId series, std::uint64_t sequence, const Samples& samples);
  Result<void> insert_block(SeriesId series, std::uint64_t sequence, const Samples& samples);

  sqlite::Database database_;
  sqlite::Statement insert_;
  sqlite::Statement mark_;
  sqlite::Statement mark_stale_;
  sqlite::Statement read_;
  BlockEncoder encoder_;
  std::vector<std::byte> block_;
};

}  // namespace iw::historian
