// The catalogue of a historian, catalogue.db: which number each series has, the newest note of each, which
// days have roll-ups to be made, and marks that outlive the head log. A series keeps its number for ever.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "historian/layout.hpp"
#include "historian/samples.hpp"
#include "model/mrid.hpp"
#include "model/point.hpp"
#include "sqlite/database.hpp"

namespace iw::historian {

struct SeriesInfo {
  model::Mrid mrid;         // of the point: the identity of the series
  std::string path;         // for people, "site/battery/ActivePower"; may change
  model::PointName name{};  // says the unit, and how energy is made of the values

  friend bool operator==(const SeriesInfo&, const SeriesInfo&) = default;
};

struct Series {
  SeriesId id;
  SeriesInfo info;
};

struct Note {
  SeriesId series;
  std::uint64_t sequence = 0;  // of the recording that it came with
  std::vector<std::byte> bytes = {};
};

// Numbers kept by name.
enum class Mark : std::uint8_t {
  forgotten,      // recordings up to this number are not in the head log any more
  first_raw_day,  // raw samples of the days before were removed to make room
};

class Catalogue {
 public:
  static Result<Catalogue> open(const std::string& path, sqlite::Mode mode, const std::string& vfs);

  // The numbers of the series, in their order; new ones get the next, and what changed is written down.
  Result<std::vector<SeriesId>> assign(std::span<const SeriesInfo> wanted);
  // In the order of their numbers: series 0 first.
  [[nodiscard]] const std::vector<SeriesInfo>& series() const { return series_; }

  [[nodiscard]] std::optional<SeriesId> find(const model::Mrid& mrid) const;

  Result<std::vector<Note>> notes();
  // Keeps those that are newer than what is kept.
  Result<void> keep(std::span<const Note> notes);

  // Days whose files have stale hours, so that nobody opens all others to ask. Added before the hours are
  // marked, removed after the last of them.
  Result<std::set<Day>> stale_days();
  Result<void> add_stale_day(Day day);
  Result<void> remove_stale_day(Day day);

  Result<std::int64_t> mark(Mark mark);
  Result<void> set(Mark mark, std::int64_t number);

  [[nodiscard]] sqlite::Database& database() { return database_; }

 private:
  explicit Catalogue(sqlite::Database database) : database_(std::move(database)) {}
  Result<void> load();

  sqlite::Database database_;
  std::vector<SeriesInfo> series_;
  std::map<model::Mrid, SeriesId> number_;
};

}  // namespace iw::historian
