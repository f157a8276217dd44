#include "historian/historian.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "historian/as_measured.hpp"

namespace iw::historian {
namespace {

// So many series at most are sealed in one step, in one transaction: some milliseconds.
constexpr std::size_t series_of_step = 64;
constexpr Duration seal_interval = 1s;
constexpr Duration look_interval = 1min;

// Series are sealed at different times, neighbours together: their blocks share pages of the index.
constexpr std::size_t neighbours = 16;
constexpr std::size_t slots = 512;

// So many times the samples of a block may wait for an ill disk.
constexpr std::size_t most_blocks_open = 16;

std::size_t slot_of(std::size_t series) { return series / neighbours * 197 % slots; }

// In the order of time, each time once: the one that came last.
Samples in_order(const Samples& samples) {
  constexpr Range all{.from_ms = std::numeric_limits<std::int64_t>::min(),
                      .to_ms = std::numeric_limits<std::int64_t>::max()};
  return merged({}, samples, all);
}

}  // namespace

Result<Historian> Historian::open(io::Files& files, Settings settings, Instant now) {
  if (auto made = files.make_folder(settings.folder); !made) return fail(std::move(made).error());
  auto catalogue = Catalogue::open(catalogue_path(settings.folder), sqlite::Mode::create, settings.vfs);
  if (!catalogue) return fail(std::move(catalogue).error());
  auto notes = catalogue->notes();
  if (!notes) return fail(std::move(notes).error());
  const auto forgotten = catalogue->mark(Mark::forgotten);
  if (!forgotten) return fail(forgotten.error());

  const auto first_raw_day = catalogue->mark(Mark::first_raw_day);
  if (!first_raw_day) return fail(first_raw_day.error());
  Archive archive(files, settings.folder, sqlite::Mode::create, settings.vfs, ms(settings.longest_hold));
  SealedMarks marks(archive.days());
  Unsealed unsealed;
  unsealed.set_earliest(*first_raw_day * day_ms);
  unsealed.resize(catalogue->series().size());
  for (Note& note : *notes)
    unsealed.set_kept(std::move(note));
  Recovery recovery;
  auto log = HeadLog::open(
      files,
      {.folder = head_folder(settings.folder), .sync = settings.sync, .interval = settings.sync_interval},
      static_cast<std::uint64_t>(*forgotten),
      [&](std::uint64_t sequence, const Recording& recording) {
        unsealed.replay(sequence, recording, marks);
      },
      recovery);
  if (!log) return fail(std::move(log).error());
  recovery.damages.insert(recovery.damages.end(), marks.damages().begin(), marks.damages().end());
  auto stale_days = catalogue->stale_days();
  if (!stale_days) return fail(std::move(stale_days).error());
  Historian historian(files, std::move(settings), std::move(*catalogue), std::move(archive),
                      std::move(unsealed), std::move(*log), std::move(recovery), now);
  historian.stale_days_ = std::move(*stale_days);
  return historian;
}

Historian::Historian(io::Files& files, Settings settings, Catalogue catalogue, Archive archive,
                     Unsealed unsealed, HeadLog log, Recovery recovery, Instant now)
    : files_(&files),
      settings_(std::move(settings)),
      catalogue_(std::move(catalogue)),
      archive_(std::move(archive)),
      unsealed_(std::move(unsealed)),
      log_(std::move(log)),
      recovery_(std::move(recovery)),
      next_seal_(now) {
  pace_.resize(unsealed_.size());
  for (std::size_t series = 0; series < pace_.size(); ++series)
    set_pace(series, now);
  reserved_ = files.size(reserve_path(settings_.folder)).value_or(0);
}

// A series begins in the middle of a block, each group of neighbours elsewhere.
void Historian::set_pace(std::size_t series, Instant now) {
  const std::size_t slot = slot_of(series);
  const std::size_t limit = std::max<std::size_t>(1, settings_.seal_samples * (slot + 1) / slots);
  Pace& pace = pace_[series];
  pace.limit = limit > unsealed_[series].samples.size() ? limit : settings_.seal_samples;
  pace.seal_at = now + settings_.seal_after * static_cast<int>(slot + 1) / static_cast<int>(slots);
}

Result<std::vector<SeriesId>> Historian::series(std::span<const SeriesInfo> infos) {
  auto ids = catalogue_.assign(infos);
  unsealed_.resize(catalogue_.series().size());
  for (std::size_t series = pace_.size(); series < unsealed_.size(); ++series) {
    pace_.emplace_back();
    set_pace(series, next_seal_);
  }
  return ids;
}

// ---- Recording

std::uint64_t Historian::record(const Recording& recording, Instant now) {
  const std::uint64_t sequence = log_.append(recording, now);
  const std::size_t taken = unsealed_.add(sequence, recording);
  recorded_ += taken;
  refused_ += recording.size() - taken;
  return sequence;
}

void Historian::tick(WallTime wall, Instant now) {
  const std::int64_t wall_ms = ms(wall.time_since_epoch());
  log_.tick(now);
  if (now < next_seal_) return;
  const auto series = due(now);
  if (series.size() < series_of_step) next_seal_ = now + seal_interval;
  auto done = series.empty() ? Result<void>{} : seal(series, now);
  if (done) done = roll_up_some(wall_ms).map([](bool /*more*/) {});
  if (done && now >= next_look_) {
    look_at_disk();
    done = retain(wall_ms);
    if (done) next_look_ = now + look_interval;
  }
  settle(std::move(done));
  if (trouble_ || log_.trouble()) {
    bound_memory();
    make_room(wall_ms);
  } else {
    fill_reserve();
  }
}

void Historian::sync() { log_.sync(); }

std::optional<Bytes> Historian::note(SeriesId series) const {
  if (series.value() >= unsealed_.size() || !unsealed_[series.value()].note) return std::nullopt;
  return Bytes(unsealed_[series.value()].note->bytes);
}

// ---- Sealing

std::vector<SeriesId> Historian::due(Instant now) const {
  const std::uint64_t early = log_.bytes() > settings_.most_head_bytes ? log_.end_of_oldest() : 0;
  std::vector<SeriesId> found;
  for (std::size_t i = 0; i < pace_.size() && found.size() < series_of_step; ++i) {
    const auto& [samples, note, note_kept] = unsealed_[i];
    if (samples.empty() && note_kept) continue;
    const std::uint64_t oldest = samples.empty() ? note->sequence : samples.first_sequence();
    if (samples.size() >= pace_[i].limit || now >= pace_[i].seal_at || oldest <= early)
      found.emplace_back(static_cast<std::uint32_t>(i));
  }
  return found;
}

Result<void> Historian::seal() {
  for (std::size_t at = 0; at < unsealed_.size(); at += series_of_step) {
    std::vector<SeriesId> some;
    for (std::size_t i = at; i < std::min(unsealed_.size(), at + series_of_step); ++i)
      some.emplace_back(static_cast<std::uint32_t>(i));
    if (auto done = seal(some, next_seal_); !done) return done;
  }
  return {};
}

// The head log first: a number that it could still lose would be given again, and what is recorded with it
// then taken for sealed.
Result<void> Historian::seal(std::span<const SeriesId> due, Instant now) {
  log_.sync();
  if (log_.durable() < log_.last()) return fail(log_.trouble().value_or(Error{}));
  if (auto kept = keep_notes(due); !kept) return kept;
  if (auto sealed = seal_days(due); !sealed) return sealed;
  for (const SeriesId id : due) {
    unsealed_[id.value()].samples.clear();
    pace_[id.value()] = {.limit = settings_.seal_samples, .seal_at = now + settings_.seal_after};
  }
  return forget();
}

Result<void> Historian::keep_notes(std::span<const SeriesId> due) {
  std::vector<Note> notes;
  for (const SeriesId id : due) {
    const auto& entry = unsealed_[id.value()];
    if (!entry.note_kept) notes.push_back(*entry.note);
  }
  if (auto kept = catalogue_.keep(notes); !kept) return kept;
  for (const Note& note : notes)
    unsealed_[note.series.value()].note_kept = true;
  return {};
}

// Each day in a transaction of its own, with its own mark: a day that is done before another fails is sealed
// again, which does no harm.
Result<void> Historian::seal_days(std::span<const SeriesId> due) {
  std::map<Day, std::vector<Sealing>> days;
  for (const SeriesId id : due) {
    const Samples samples = in_order(unsealed_.samples(id));
    const bool rolled_up = !is_as_measured(catalogue_.series()[id.value()]);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      auto& of_day = days[day_of(samples.time_ms[i])];
      if (of_day.empty() || of_day.back().series != id)
        of_day.push_back({.series = id, .samples = {}, .rolled_up = rolled_up});
      of_day.back().samples.add(samples.time_ms[i], samples.value[i], samples.quality[i]);
    }
  }
  for (const auto& [day, sealings] : days) {
    if (auto marked = add_stale_day(day); !marked) return marked;
    auto file = archive_.days().at(day);
    if (!file) return fail(std::move(file).error());
    if (auto sealed = (*file)->seal(log_.last(), sealings, ms(settings_.longest_hold)); !sealed)
      return sealed;
  }
  return {};
}

// The catalogue keeps the numbers going on when no segment is left.
Result<void> Historian::forget() {
  const auto oldest = unsealed_.oldest();
  const std::uint64_t up_to = oldest ? *oldest - 1 : log_.last();
  if (up_to < log_.end_of_oldest()) return {};
  if (auto marked = catalogue_.set(Mark::forgotten, static_cast<std::int64_t>(up_to)); !marked) return marked;
  return log_.forget(up_to);
}

// As long as the disk is ill, memory holds what comes; not for ever.
void Historian::bound_memory() {
  for (std::size_t i = 0; i < unsealed_.size(); ++i) {
    OpenSeries& samples = unsealed_[i].samples;
    while (samples.size() > settings_.seal_samples * most_blocks_open) {
      const std::size_t dropped = samples.drop_oldest();
      if (dropped == 0) break;
      lost_ += dropped;
    }
  }
}

// What is open is closed after an error: SQLite finds the truth in the file again.
void Historian::settle(Result<void> done) {
  if (done) {
    trouble_.reset();
    return;
  }
  trouble_ = std::move(done).error();
  archive_.close();
}

// ---- Reading

Result<Samples> Historian::raw(SeriesId series, Range range) {
  return archive_.days().read(series, range, unsealed_.samples(series));
}

Result<std::vector<Rollup>> Historian::rollups(SeriesId series, Level level, Range range) {
  if (series.value() >= catalogue_.series().size()) return std::vector<Rollup>{};
  const EnergyOf energy = energy_of(catalogue_.series()[series.value()].name);
  const Samples unsealed = unsealed_.samples(series);
  return archive_.rollups(series, energy, level, range, {.unsealed = unsealed, .stale_days = stale_days_});
}

Excerpt Historian::excerpt(const Excerpt::Wanted& wanted) const {
  return {catalogue_, unsealed_, stale_days_, wanted,
          Archive(*files_, settings_.folder, sqlite::Mode::read, settings_.vfs, ms(settings_.longest_hold))};
}

Status Historian::status() const {
  Status status{.recorded = recorded_,
                .refused = refused_,
                .lost = lost_,
                .last = log_.last(),
                .durable = log_.durable(),
                .unsealed = 0,
                .disk_bytes = disk_bytes_ + log_.bytes(),
                .free_bytes = free_bytes_,
                .trouble = log_.trouble() ? log_.trouble() : trouble_};
  for (std::size_t i = 0; i < unsealed_.size(); ++i)
    status.unsealed += unsealed_[i].samples.size();
  return status;
}

}  // namespace iw::historian
