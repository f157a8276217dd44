#include "historian/rollup_files.hpp"

#include <algorithm>
#include <map>
#include <ranges>

#include <fmt/format.h>

#include "historian/schema.hpp"

namespace iw::historian {
namespace {

constexpr std::size_t most_open = 4;

constexpr std::string_view schema = R"(
  CREATE TABLE IF NOT EXISTS minute(key INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS quarter(key INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS hour(key INTEGER PRIMARY KEY, data BLOB NOT NULL);
)";

// The time that one row covers.
std::int64_t row_ms(Level level) { return level == Level::minute ? hour_ms : day_ms; }

std::string path_of(const std::string& folder, Level level, Day day) {
  return level == Level::minute ? month_path(folder, day) : year_path(folder, day);
}

constexpr int row_bits = 31;  // of a key: which hour or day

std::int64_t key_of(SeriesId series, Level level, std::int64_t time_ms) {
  return std::int64_t{series.value()} << row_bits | floor_to(time_ms, row_ms(level)) / row_ms(level);
}

Result<std::vector<Rollup>> row(sqlite::Statement& select, std::int64_t key) {
  const auto found = select.bind(1, key).step();
  if (!found) return fail(found.error());
  if (!*found) return std::vector<Rollup>{};
  auto rollups = decode_rollups(select.blob(0));
  select.reset();
  return rollups;
}

}  // namespace

Result<void> each_row(sqlite::Database& database, Level level,
                      const std::function<void(const RollupRow&)>& take) {
  auto rows = database.prepare(fmt::format("SELECT key, data FROM {}", to_string(level)));
  if (!rows) return fail(std::move(rows).error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    const std::int64_t key = rows->integer(0);
    const std::int64_t begin = (key & ((std::int64_t{1} << row_bits) - 1)) * row_ms(level);
    take({.level = level,
          .series = SeriesId(static_cast<std::uint32_t>(key >> row_bits)),
          .range = {.from_ms = begin, .to_ms = begin + row_ms(level)},
          .data = rows->blob(1)});
  }
}

Result<sqlite::Database*> RollupFiles::at(const std::string& path) {
  const auto known = std::ranges::find(open_, path, &Open::path);
  if (known != open_.end()) {
    open_.splice(open_.begin(), open_, known);
    return &open_.front().database;
  }
  auto database = sqlite::Database::open({.path = path, .mode = mode_, .vfs = vfs_});
  if (!database) return fail(std::move(database).error());
  if (auto made = make_tables(*database, mode_, schema); !made) return fail(std::move(made).error());
  open_.push_front({.path = path, .database = std::move(*database)});
  if (open_.size() > most_open) open_.pop_back();
  return &open_.front().database;
}

Result<void> RollupFiles::write(std::span<const RolledHour> hours) {
  for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
    std::map<std::string, std::vector<const RolledHour*>> by_file;
    for (const RolledHour& hour : hours)
      by_file[path_of(folder_, level, day_of(hour.hour * hour_ms))].push_back(&hour);
    for (const auto& [path, of_file] : by_file) {
      if (auto done = write_file(path, level, of_file); !done) return done;
    }
  }
  return {};
}

// The buckets of the hour take the place of those that the row has for it.
Result<void> RollupFiles::write_file(const std::string& path, Level level,
                                     std::span<const RolledHour* const> hours) {
  auto database = at(path);
  if (!database) return fail(std::move(database).error());
  auto select = (*database)->prepare(fmt::format("SELECT data FROM {} WHERE key = ?", to_string(level)));
  if (!select) return fail(std::move(select).error());
  auto insert = (*database)->prepare(fmt::format("INSERT OR REPLACE INTO {} VALUES(?, ?)", to_string(level)));
  if (!insert) return fail(std::move(insert).error());
  auto transaction = sqlite::Transaction::begin(**database);
  if (!transaction) return fail(std::move(transaction).error());
  std::vector<std::byte> bytes;
  for (const RolledHour* hour : hours) {
    const std::int64_t begin = hour->hour * hour_ms;
    const std::int64_t key = key_of(hour->series, level, begin);
    // A row that can not be read is lost; what is known goes on.
    std::vector<Rollup> kept = row(*select, key).value_or(std::vector<Rollup>{});
    std::erase_if(kept, [&](const Rollup& r) { return r.start_ms >= begin && r.start_ms < begin + hour_ms; });
    const auto fresh = level == Level::minute ? hour->minutes : combined(hour->minutes, level, hour->energy);
    const auto place = std::ranges::lower_bound(kept, begin, {}, &Rollup::start_ms);
    kept.insert(place, fresh.begin(), fresh.end());
    bytes.clear();
    encode_rollups(kept, bytes);
    if (auto done = insert->bind(1, key).bind(2, Bytes(bytes)).run(); !done) return done;
  }
  return transaction->commit();
}

// Runs of buckets of one row, each in a transaction.
Result<void> RollupFiles::put(SeriesId series, Level level, std::span<const Rollup> rollups) {
  while (!rollups.empty()) {
    const std::int64_t begin = rollups.front().start_ms;
    const std::int64_t key = key_of(series, level, begin);
    const auto end = std::ranges::find_if(
        rollups, [&](const Rollup& r) { return key_of(series, level, r.start_ms) != key; });
    const auto some = rollups.first(static_cast<std::size_t>(end - rollups.begin()));
    rollups = rollups.subspan(some.size());
    auto database = at(path_of(folder_, level, day_of(begin)));
    if (!database) return fail(std::move(database).error());
    auto select = (*database)->prepare(fmt::format("SELECT data FROM {} WHERE key = ?", to_string(level)));
    if (!select) return fail(std::move(select).error());
    auto insert =
        (*database)->prepare(fmt::format("INSERT OR REPLACE INTO {} VALUES(?, ?)", to_string(level)));
    if (!insert) return fail(std::move(insert).error());
    std::map<std::int64_t, Rollup> buckets;
    for (const Rollup& kept : row(*select, key).value_or(std::vector<Rollup>{}))
      buckets[kept.start_ms] = kept;
    for (const Rollup& fresh : some)
      buckets[fresh.start_ms] = fresh;
    const auto values = std::views::values(buckets);
    std::vector<std::byte> bytes;
    encode_rollups(std::vector<Rollup>(values.begin(), values.end()), bytes);
    if (auto done = insert->bind(1, key).bind(2, Bytes(bytes)).run(); !done) return done;
  }
  return {};
}

Result<std::vector<Range>> RollupFiles::ranges(Level level) {
  const auto names = files_->list(folder_);
  if (!names) return fail(names.error());
  std::vector<Range> found;
  for (const std::string& name : *names) {
    const auto days = level == Level::minute ? days_of_month_file(name) : days_of_year_file(name);
    if (days) found.push_back({.from_ms = days->first * day_ms, .to_ms = days->end * day_ms});
  }
  return found;
}

Result<void> RollupFiles::read(SeriesId series, Level level, Range range, std::vector<Rollup>& out) {
  const auto names = files_->list(folder_);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const auto days = level == Level::minute ? days_of_month_file(name) : days_of_year_file(name);
    if (!days || days->end * day_ms <= range.from_ms || days->first * day_ms >= range.to_ms) continue;
    auto database = at(folder_ + "/" + name);
    if (!database && database.error().kind == ErrorKind::not_found) continue;
    if (!database) return fail(std::move(database).error());
    auto rows = (*database)->prepare(
        fmt::format("SELECT data FROM {} WHERE key BETWEEN ? AND ? ORDER BY key", to_string(level)));
    if (!rows) return fail(std::move(rows).error());
    rows->bind(1, key_of(series, level, range.from_ms)).bind(2, key_of(series, level, range.to_ms - 1));
    for (;;) {
      const auto row = rows->step();
      if (!row) return fail(row.error());
      if (!*row) break;
      const auto rollups = decode_rollups(rows->blob(0));
      if (!rollups) return fail(Error(rollups.error()).in(name));
      std::ranges::copy_if(*rollups, std::back_inserter(out), [&](const Rollup& r) {
        return r.start_ms >= range.from_ms && r.start_ms < range.to_ms;
      });
    }
  }
  return {};
}

}  // namespace iw::historian
