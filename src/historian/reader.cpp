#include "historian/reader.hpp"

#include <map>
#include <set>

#include "historian/as_measured.hpp"
#include "historian/head_log.hpp"

namespace iw::historian {

// The head log is read before the marks: what is sealed in between is found in both, and counts once.
Result<Reader> Reader::open(io::Files& files, const std::string& folder, Duration longest_hold,
                            const std::string& vfs) {
  auto catalogue = Catalogue::open(catalogue_path(folder), sqlite::Mode::read, vfs);
  if (!catalogue) return fail(std::move(catalogue).error());
  Archive archive(files, folder, sqlite::Mode::read, vfs, ms(longest_hold));
  SealedMarks marks(archive.days());
  Unsealed unsealed;
  const auto first_raw_day = catalogue->mark(Mark::first_raw_day);
  if (!first_raw_day) return fail(first_raw_day.error());
  unsealed.set_earliest(*first_raw_day * day_ms);
  unsealed.resize(catalogue->series().size());
  const auto take = [&](std::uint64_t sequence, const Recording& recording) {
    unsealed.replay(sequence, recording, marks);
  };
  if (auto read = HeadLog::read(files, head_folder(folder), take); !read)
    return fail(std::move(read).error());
  return Reader(std::move(*catalogue), std::move(archive), std::move(unsealed));
}

Result<std::vector<Day>> Reader::days() {
  const auto sealed = archive_.days().days();
  if (!sealed) return sealed;
  std::set<Day> days(sealed->begin(), sealed->end());
  for (std::size_t series = 0; series < unsealed_.size(); ++series) {
    for (const std::int64_t time : unsealed_[series].samples.samples().time_ms)
      days.insert(day_of(time));
  }
  return std::vector<Day>(days.begin(), days.end());
}

Result<std::vector<Rollup>> Reader::stored_rollups(SeriesId series, Level level, Range range) {
  std::vector<Rollup> found;
  if (auto read = archive_.rollup_files().read(series, level, range, found); !read)
    return fail(std::move(read).error());
  return found;
}

// What is in the head log came later than what is in the catalogue.
Result<std::vector<Note>> Reader::notes() {
  auto kept = catalogue_.notes();
  if (!kept) return kept;
  std::map<SeriesId, Note> newest;
  for (Note& note : *kept)
    newest[note.series] = std::move(note);
  for (std::size_t series = 0; series < unsealed_.size(); ++series) {
    const auto& note = unsealed_[series].note;
    if (!note) continue;
    Note& known = newest[note->series];
    if (known.bytes.empty() || known.sequence < note->sequence) known = *note;
  }
  std::vector<Note> notes;
  for (auto& [series, note] : newest)
    notes.push_back(std::move(note));
  return notes;
}

Result<Samples> Reader::raw(SeriesId series, Range range) {
  return archive_.days().read(series, range, unsealed_.samples(series));
}

Result<Samples> Reader::as_measured(SeriesId series, Range range) {
  const auto normalized = raw(series, range);
  if (!normalized || series.value() >= catalogue_.series().size()) return normalized;
  const auto beside = catalogue_.find(historian::as_measured(catalogue_.series()[series.value()]).mrid);
  const auto measured = beside ? raw(*beside, range) : Samples{};
  if (!measured) return measured;
  return historian::as_measured(*normalized, *measured);
}

Result<std::vector<Rollup>> Reader::rollups(SeriesId series, Level level, Range range) {
  if (series.value() >= catalogue_.series().size()) return std::vector<Rollup>{};
  const EnergyOf energy = energy_of(catalogue_.series()[series.value()].name);
  const auto stale_days = catalogue_.stale_days();
  if (!stale_days) return fail(stale_days.error());
  const Samples unsealed = unsealed_.samples(series);
  return archive_.rollups(series, energy, level, range, {.unsealed = unsealed, .stale_days = *stale_days});
}

}  // namespace iw::historian
