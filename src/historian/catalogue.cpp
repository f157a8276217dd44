#include "historian/catalogue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "historian/schema.hpp"

namespace iw::historian {
namespace {

constexpr std::string_view schema = R"(
  CREATE TABLE IF NOT EXISTS series(id INTEGER PRIMARY KEY, mrid TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
                                    point TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS note(series INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS stale_day(day INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
)";

std::string_view name_of(Mark mark) { return mark == Mark::forgotten ? "forgotten" : "first_raw_day"; }

}  // namespace

Result<Catalogue> Catalogue::open(const std::string& path, sqlite::Mode mode, const std::string& vfs) {
  auto database = sqlite::Database::open({.path = path, .mode = mode, .vfs = vfs});
  if (!database) return fail(std::move(database).error());
  if (auto made = make_tables(*database, mode, schema); !made) return fail(std::move(made).error());
  Catalogue catalogue(std::move(*database));
  if (auto loaded = catalogue.load(); !loaded) return fail(std::move(loaded).error());
  return catalogue;
}

Result<void> Catalogue::load() {
  auto rows = database_.prepare("SELECT id, mrid, path, point FROM series ORDER BY id");
  if (!rows) return fail(std::move(rows).error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    const auto mrid = model::parse_mrid(rows->text(1));
    const auto name = model::parse_point_name(rows->text(3));
    if (!mrid || !name || static_cast<std::size_t>(rows->integer(0)) != series_.size()) {
      return fail(ErrorKind::malformed,
                  fmt::format("{}: series {} makes no sense", database_.path(), rows->integer(0)),
                  "restore the file from a backup");
    }
    number_.emplace(*mrid, SeriesId(static_cast<std::uint32_t>(series_.size())));
    series_.push_back({.mrid = *mrid, .path = std::string(rows->text(2)), .name = *name});
  }
}

Result<std::vector<SeriesId>> Catalogue::assign(std::span<const SeriesInfo> wanted) {
  std::vector<SeriesId> ids;
  std::vector<SeriesInfo> series = series_;
  std::map<model::Mrid, SeriesId> number = number_;
  std::vector<SeriesId> changed;
  for (const SeriesInfo& info : wanted) {
    const auto [known, is_new] =
        number.try_emplace(info.mrid, SeriesId(static_cast<std::uint32_t>(series.size())));
    ids.push_back(known->second);
    if (is_new) series.push_back(info);
    SeriesInfo& kept = series[known->second.value()];
    if (is_new || kept != info) changed.push_back(known->second);
    kept = info;
  }
  if (changed.empty()) return ids;

  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  auto insert = database_.prepare("INSERT OR REPLACE INTO series VALUES(?, ?, ?, ?)");
  if (!insert) return fail(std::move(insert).error());
  for (const SeriesId id : changed) {
    const SeriesInfo& info = series[id.value()];
    const std::string mrid = model::to_string(info.mrid);
    const std::string point = model::to_string(info.name);
    insert->bind(1, std::int64_t{id.value()}).bind(2, std::string_view(mrid));
    insert->bind(3, std::string_view(info.path)).bind(4, std::string_view(point));
    if (auto done = insert->run(); !done) return fail(std::move(done).error());
  }
  if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
  series_ = std::move(series);
  number_ = std::move(number);
  return ids;
}

std::optional<SeriesId> Catalogue::find(const model::Mrid& mrid) const {
  const auto known = number_.find(mrid);
  return known == number_.end() ? std::nullopt : std::optional(known->second);
}

Result<std::vector<Note>> Catalogue::notes() {
  auto rows = database_.prepare("SELECT series, sequence, data FROM note");
  if (!rows) return fail(std::move(rows).error());
  std::vector<Note> notes;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return notes;
    const Bytes data = rows->blob(2);
    notes.push_back({.series = SeriesId(static_cast<std::uint32_t>(rows->integer(0))),
                     .sequence = static_cast<std::uint64_t>(rows->integer(1)),
                     .bytes = {data.begin(), data.end()}});
  }
}

Result<void> Catalogue::keep(std::span<const Note> notes) {
  if (notes.empty()) return {};
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  auto insert = database_.prepare(
      "INSERT INTO note VALUES(?1, ?2, ?3) ON CONFLICT(series) DO UPDATE SET sequence = ?2, data = ?3 "
      "WHERE sequence < ?2");
  if (!insert) return fail(std::move(insert).error());
  for (const Note& note : notes) {
    insert->bind(1, std::int64_t{note.series.value()}).bind(2, static_cast<std::int64_t>(note.sequence));
    insert->bind(3, Bytes(note.bytes));
    if (auto done = insert->run(); !done) return done;
  }
  return transaction->commit();
}

Result<std::set<Day>> Catalogue::stale_days() {
  auto rows = database_.prepare("SELECT day FROM stale_day");
  if (!rows) return fail(std::move(rows).error());
  std::set<Day> days;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return days;
    days.insert(rows->integer(0));
  }
}

Result<void> Catalogue::add_stale_day(Day day) {
  auto insert = database_.prepare("INSERT OR IGNORE INTO stale_day VALUES(?)");
  if (!insert) return fail(std::move(insert).error());
  return insert->bind(1, day).run();
}

Result<void> Catalogue::remove_stale_day(Day day) {
  auto remove = database_.prepare("DELETE FROM stale_day WHERE day = ?");
  if (!remove) return fail(std::move(remove).error());
  return remove->bind(1, day).run();
}

Result<std::int64_t> Catalogue::mark(Mark mark) {
  auto rows = database_.prepare("SELECT number FROM mark WHERE name = ?");
  if (!rows) return fail(std::move(rows).error());
  const auto row = rows->bind(1, name_of(mark)).step();
  if (!row) return fail(row.error());
  return *row ? rows->integer(0) : 0;
}

Result<void> Catalogue::set(Mark mark, std::int64_t number) {
  auto insert = database_.prepare("INSERT OR REPLACE INTO mark VALUES(?, ?)");
  if (!insert) return fail(std::move(insert).error());
  return insert->bind(1, name_of(mark)).bind(2, number).run();
}

}  // namespace iw::historian
