// What is recorded and not yet sealed, of all series, with the notes that are not in the catalogue yet: the
// memory of a historian while it runs, and what a start or another process finds in the head log.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "historian/catalogue.hpp"
#include "historian/day_files.hpp"
#include "historian/open_series.hpp"

namespace iw::historian {

// Which recordings the day files hold already, series by series.
class SealedMarks {
 public:
  explicit SealedMarks(DayFiles& files) : files_(files) {}

  // Reads the day's marks when it is asked for the first time. A file that can not be read holds nothing:
  // what is recorded twice by that counts once when it is read.
  bool holds(Day day, SeriesId series, std::uint64_t sequence);
  // The files that could not be read, and why.
  [[nodiscard]] const std::vector<std::string>& damages() const { return damages_; }

 private:
  using Marks = std::vector<std::uint64_t>;  // by series
  Result<Marks> read(Day day);

  DayFiles& files_;
  std::map<Day, Marks> marks_;
  std::vector<std::string> damages_;
};

class Unsealed {
 public:
  struct Entry {
    OpenSeries samples;
    std::optional<Note> note;  // the newest; its series is the entry's
    bool note_kept = true;     // in the catalogue
  };

  // How many series there are; others are passed over.
  void resize(std::size_t series) { entries_.resize(series); }
  // Older samples are passed over.
  void set_earliest(std::int64_t time_ms) { earliest_ms_ = std::max(earliest_ms_, time_ms); }

  // How many samples were taken.
  std::size_t add(std::uint64_t sequence, const Recording& recording);
  // Those of a recording that are not sealed yet.
  std::size_t replay(std::uint64_t sequence, const Recording& recording, SealedMarks& marks);
  void set_kept(Note note);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Entry& operator[](std::size_t series) { return entries_[series]; }
  [[nodiscard]] const Entry& operator[](std::size_t series) const { return entries_[series]; }
  [[nodiscard]] Samples samples(SeriesId series) const;
  // The oldest recording of which something is here; none: all is sealed.
  [[nodiscard]] std::optional<std::uint64_t> oldest() const;

 private:
  template <class Wanted>
  std::size_t take(std::uint64_t sequence, const Recording& recording, Wanted wanted);
  void add_notes(std::uint64_t sequence, const Notes& notes);

  // Of a time before the year 2000 or after 2199 the clock is wrong, and a file for its day would stay.
  static constexpr std::int64_t latest_ms = 7'258'118'400'000;
  std::int64_t earliest_ms_ = 946'684'800'000;
  std::vector<Entry> entries_;  // by series
  Packing packing_;
};

}  // namespace iw::historian
