#include "historian/day_file.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "historian/schema.hpp"

namespace iw::historian {
namespace {

// An ordinary table with an index: a blob beyond a quarter of a page would leave a WITHOUT ROWID table for
// pages of its own.
constexpr std::string_view schema = R"(
  CREATE TABLE IF NOT EXISTS block(series INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL,
                                   n INTEGER NOT NULL, last_sequence INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS block_of_series ON block(series, t0, t1);
  CREATE TABLE IF NOT EXISTS sealed(series INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS stale(series INTEGER NOT NULL, hour INTEGER NOT NULL,
                                   PRIMARY KEY(series, hour)) WITHOUT ROWID;
)";

// The blocks of a series lie all over the file: with large pages the way to each is in memory after a few.
constexpr int page_size = 32'768;

// A longer run of samples becomes several blocks, so that reading a minute needs no day to be decoded.
constexpr std::size_t samples_of_block = 4096;

std::int64_t number(SeriesId id) { return std::int64_t{id.value()}; }
SeriesId series_of(std::int64_t number) { return SeriesId(static_cast<std::uint32_t>(number)); }

Samples part_of(const Samples& samples, std::size_t begin, std::size_t end) {
  Samples part;
  for (std::size_t i = begin; i < end; ++i)
    part.add(samples.time_ms[i], samples.value[i], samples.quality[i]);
  return part;
}

}  // namespace

std::vector<std::int64_t> hours_of(std::span<const std::int64_t> time_ms, std::int64_t longest_hold_ms) {
  std::vector<std::int64_t> hours;
  std::int64_t last_time = -1;
  for (const std::int64_t time : time_ms) {
    // Most samples follow each other within an hour whose end they do not reach.
    if (!hours.empty() && time / hour_ms == last_time / hour_ms &&
        (time + longest_hold_ms) / hour_ms == (last_time + longest_hold_ms) / hour_ms)
      continue;
    last_time = time;
    for (std::int64_t hour = floor_to(time, hour_ms); hour <= time + longest_hold_ms; hour += hour_ms)
      hours.push_back(hour / hour_ms);
  }
  std::ranges::sort(hours);
  hours.erase(std::ranges::unique(hours).begin(), hours.end());
  return hours;
}

Result<DayFile> DayFile::open(const std::string& path, sqlite::Mode mode, const std::string& vfs) {
  auto database = sqlite::Database::open({.path = path, .mode = mode, .page_size = page_size, .vfs = vfs});
  if (!database) return fail(std::move(database).error());
  DayFile file(std::move(*database));
  if (auto made = make_tables(file.database_, mode, schema); !made) return fail(std::move(made).error());
  if (auto ready = file.prepare(); !ready) return fail(std::move(ready).error());
  return file;
}

Result<void> DayFile::prepare() {
  struct Wanted {
    sqlite::Statement* statement;
    std::string_view sql;
  };
  for (const Wanted& wanted : {
           Wanted{&insert_, "INSERT INTO block VALUES(?, ?, ?, ?, ?, ?)"},
           Wanted{&mark_,
                  "INSERT INTO sealed VALUES(?1, ?2) ON CONFLICT(series) DO UPDATE SET "
                  "sequence = max(sequence, ?2)"},
           Wanted{&mark_stale_, "INSERT OR IGNORE INTO stale VALUES(?, ?)"},
           Wanted{&read_, "SELECT last_sequence, data FROM block WHERE series = ? AND t0 < ? AND t1 >= ?"},
       }) {
    auto prepared = database_.prepare(wanted.sql);
    if (!prepared) return fail(std::move(prepared).error());
    *wanted.statement = std::move(*prepared);
  }
  return {};
}

Result<void> DayFile::seal(std::uint64_t sequence, std::span<const Sealing> sealings,
                           std::int64_t longest_hold_ms) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  for (const Sealing& sealing : sealings) {
    const std::int64_t series = number(sealing.series);
    if (auto done = insert(sealing.series, sequence, sealing.samples); !done) return done;
    if (auto done = mark_.bind(1, series).bind(2, static_cast<std::int64_t>(sequence)).run(); !done)
      return done;
    if (!sealing.rolled_up) continue;
    for (const std::int64_t hour : hours_of(sealing.samples.time_ms, longest_hold_ms)) {
      if (auto done = mark_stale_.bind(1, series).bind(2, hour).run(); !done) return done;
    }
  }
  return transaction->commit();
}

Result<void> DayFile::insert(SeriesId series, std::uint64_t sequence, const Samples& samples) {
  if (samples.size() <= samples_of_block) return insert_block(series, sequence, samples);
  for (std::size_t at = 0; at < samples.size(); at += samples_of_block) {
    const std::size_t end = std::min(samples.size(), at + samples_of_block);
    if (auto done = insert_block(series, sequence, part_of(samples, at, end)); !done) return done;
  }
  return {};
}

Result<void> DayFile::insert_block(SeriesId series, std::uint64_t sequence, const Samples& samples) {
  block_.clear();
  encoder_.encode(samples, block_);
  insert_.bind(1, number(series)).bind(2, samples.time_ms.front()).bind(3, samples.time_ms.back());
  insert_.bind(4, static_cast<std::int64_t>(samples.size())).bind(5, static_cast<std::int64_t>(sequence));
  return insert_.bind(6, Bytes(block_)).run();
}

Result<void> DayFile::read(SeriesId series, Range range, std::vector<Piece>& pieces) {
  const std::size_t first = pieces.size();
  read_.bind(1, number(series)).bind(2, range.to_ms).bind(3, range.from_ms);
  for (;;) {
    const auto row = read_.step();
    if (!row) return fail(row.error());
    if (!*row) break;
    auto samples = decode_block(read_.blob(1));
    if (!samples) {
      read_.reset();
      return fail(
          std::move(samples).error().in(fmt::format("{}: series {}", database_.path(), number(series))));
    }
    pieces.push_back(
        {.last_sequence = static_cast<std::uint64_t>(read_.integer(0)), .samples = std::move(*samples)});
  }
  std::ranges::sort(pieces.begin() + static_cast<std::ptrdiff_t>(first), pieces.end(), {},
                    &Piece::last_sequence);
  return {};
}

// ---- Looking after the file

Result<void> StoredBlock::check() const {
  const auto samples = decode_block(data);
  if (!samples) return fail(samples.error());
  if (samples->empty()) return fail(ErrorKind::malformed, "a block without samples");
  const auto [first, last] = std::ranges::minmax(samples->time_ms);
  if (first == first_ms && last == last_ms && samples->size() == static_cast<std::size_t>(count)) return {};
  return fail(ErrorKind::malformed, "its samples are not those that the file says");
}

Result<void> DayFile::each_block(const std::function<void(const StoredBlock&)>& take) {
  auto rows = database_.prepare("SELECT rowid, series, t0, t1, n, data FROM block");
  if (!rows) return fail(std::move(rows).error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    take({.row = rows->integer(0),
          .series = rows->integer(1),
          .first_ms = rows->integer(2),
          .last_ms = rows->integer(3),
          .count = rows->integer(4),
          .data = rows->blob(5)});
  }
}

Result<void> DayFile::remove_blocks(std::span<const std::int64_t> rows) {
  auto remove = database_.prepare("DELETE FROM block WHERE rowid = ?");
  if (!remove) return fail(std::move(remove).error());
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  for (const std::int64_t row : rows)
    if (auto done = remove->bind(1, row).run(); !done) return done;
  return transaction->commit();
}

Result<std::vector<SeriesId>> DayFile::fragmented() {
  auto rows = database_.prepare(
      fmt::format("SELECT series FROM block GROUP BY series HAVING count(*) > (sum(n) + {0} - 1) / {0}",
                  samples_of_block));
  if (!rows) return fail(std::move(rows).error());
  std::vector<SeriesId> found;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return found;
    found.push_back(series_of(rows->integer(0)));
  }
}

Result<DayFile::Merged> DayFile::merge_blocks(std::span<const SeriesId> series) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  Merged sum;
  for (const SeriesId id : series) {
    const auto merged = merge(id);
    if (!merged) return fail(merged.error());
    sum.before += merged->before;
    sum.after += merged->after;
  }
  if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
  return sum;
}

// What is merged is as new as the newest of it: nothing that is older comes later.
Result<DayFile::Merged> DayFile::merge(SeriesId series) {
  constexpr Range all{.from_ms = std::numeric_limits<std::int64_t>::min(),
                      .to_ms = std::numeric_limits<std::int64_t>::max()};
  std::vector<Piece> pieces;
  if (auto done = read(series, all, pieces); !done) return fail(std::move(done).error());
  if (pieces.empty()) return Merged{};
  auto remove = database_.prepare("DELETE FROM block WHERE series = ?");
  if (!remove) return fail(std::move(remove).error());
  if (auto done = remove->bind(1, number(series)).run(); !done) return fail(std::move(done).error());
  const Samples samples = merged(pieces, {}, all);
  if (auto done = insert(series, pieces.back().last_sequence, samples); !done)
    return fail(std::move(done).error());
  return Merged{.before = pieces.size(), .after = (samples.size() + samples_of_block - 1) / samples_of_block};
}

Result<std::map<SeriesId, std::uint64_t>> DayFile::sealed() {
  auto rows = database_.prepare("SELECT series, sequence FROM sealed");
  if (!rows) return fail(std::move(rows).error());
  std::map<SeriesId, std::uint64_t> sealed;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return sealed;
    sealed.emplace_hint(sealed.end(), series_of(rows->integer(0)),
                        static_cast<std::uint64_t>(rows->integer(1)));
  }
}

Result<std::vector<Stale>> DayFile::stale(std::int64_t before_hour, std::size_t most) {
  auto rows = database_.prepare("SELECT series, hour FROM stale WHERE hour < ? LIMIT ?");
  if (!rows) return fail(std::move(rows).error());
  rows->bind(1, before_hour).bind(2, static_cast<std::int64_t>(most));
  std::vector<Stale> found;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return found;
    found.push_back({.series = series_of(rows->integer(0)), .hour = rows->integer(1)});
  }
}

Result<std::vector<std::int64_t>> DayFile::stale_hours(SeriesId series) {
  auto rows = database_.prepare("SELECT hour FROM stale WHERE series = ? ORDER BY hour");
  if (!rows) return fail(std::move(rows).error());
  rows->bind(1, number(series));
  std::vector<std::int64_t> hours;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return hours;
    hours.push_back(rows->integer(0));
  }
}

Result<void> DayFile::rolled_up(std::span<const Stale> hours) {
  auto remove = database_.prepare("DELETE FROM stale WHERE series = ? AND hour = ?");
  if (!remove) return fail(std::move(remove).error());
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  for (const Stale& stale : hours) {
    if (auto done = remove->bind(1, number(stale.series)).bind(2, stale.hour).run(); !done) return done;
  }
  return transaction->commit();
}

}  // namespace iw::historian
