#include "transfer/history_export.hpp"

#include <algorithm>
#include <limits>

#include "historian/as_measured.hpp"
#include "transfer/counter_csv.hpp"
#include "transfer/rollup_csv.hpp"

namespace iw::transfer {
namespace {

using historian::Day;
using historian::day_ms;
using historian::Level;
using historian::Range;
using historian::SeriesId;
using historian::SeriesInfo;

constexpr Range everything{.from_ms = std::numeric_limits<std::int64_t>::min(),
                           .to_ms = std::numeric_limits<std::int64_t>::max()};

Range common(Range a, Range b) {
  return {.from_ms = std::max(a.from_ms, b.from_ms), .to_ms = std::min(a.to_ms, b.to_ms)};
}

class Exporter {
 public:
  Exporter(historian::Reader& reader, io::Files& files, const ExportSettings& settings)
      : reader_(reader), files_(files), settings_(settings), range_(settings.range.value_or(everything)) {
    choose_series();
  }

  Result<Exported> run() {
    auto days = reader_.days();
    if (!days) return fail(std::move(days).error());
    if (auto done = export_samples(*days); !done) return fail(std::move(done).error());
    const auto values_from = reader_.first_raw_day();
    if (!values_from) return fail(values_from.error());
    done_.values_from = *values_from;
    if (auto done = export_rollups(); !done) return fail(std::move(done).error());
    if (!settings_.range)
      if (auto done = export_counters(); !done) return fail(std::move(done).error());
    return std::move(done_);
  }

 private:
  void choose_series() {
    const auto& all = reader_.series();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!settings_.wanted || settings_.wanted(historian::path_of_point(all[i])))
        ids_.emplace_back(static_cast<std::uint32_t>(i));
    }
    std::ranges::sort(ids_, {}, [&](SeriesId id) {
      return std::pair(std::string_view(all[id.value()].path), all[id.value()].mrid);
    });
    for (const SeriesId id : ids_)
      series_.push_back(all[id.value()]);
    done_.series = series_.size();
  }

  Result<OutputFile> create(std::string_view name) {
    done_.files.emplace_back(name);
    return OutputFile::create(files_, settings_.folder + "/" + std::string(name));
  }

  Result<void> export_samples(const std::vector<Day>& days) {
    auto file = create(file_name(settings_.form));
    if (!file) return fail(std::move(file).error());
    auto writer = write_samples(settings_.form, std::move(*file), series_);
    if (!writer) return fail(std::move(writer).error());
    for (const Day day : days) {
      const Range part = common(range_, {.from_ms = day * day_ms, .to_ms = (day + 1) * day_ms});
      if (part.from_ms >= part.to_ms) continue;
      if (settings_.progress) settings_.progress(done_.samples, day);
      for (std::size_t i = 0; i < ids_.size(); ++i) {
        const auto samples = reader_.raw(ids_[i], part);
        if (!samples) return fail(Error(samples.error()).in(series_[i].path));
        done_.samples += samples->size();
        if (samples->empty()) continue;
        if (auto put = (*writer)->put(i, *samples); !put) return put;
      }
    }
    return (*writer)->finish();
  }

  // Of the first day that has values, the first hour has a part from the day before.
  Result<void> export_rollups() {
    auto file = create(rollups_name);
    if (!file) return fail(std::move(file).error());
    RollupWriter writer(std::move(*file));
    if (auto begun = writer.begin(); !begun) return begun;
    const std::int64_t end_ms = done_.values_from > 0 ? done_.values_from * day_ms + historian::hour_ms : 0;
    for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
      const auto parts = reader_.rollup_ranges(level);
      if (!parts) return fail(parts.error());
      for (const Range part : *parts) {
        const Range wanted = common(common(range_, part), {.from_ms = everything.from_ms, .to_ms = end_ms});
        if (wanted.from_ms >= wanted.to_ms) continue;
        if (auto done = export_rollups(level, wanted, writer); !done) return done;
      }
    }
    return writer.finish();
  }

  Result<void> export_rollups(Level level, Range part, RollupWriter& writer) {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto rollups = reader_.stored_rollups(ids_[i], level, part);
      if (!rollups) return fail(Error(rollups.error()).in(series_[i].path));
      done_.rollups += rollups->size();
      if (auto put = writer.put(series_[i], level, *rollups); !put) return put;
    }
    return {};
  }

  Result<void> export_counters() {
    const auto notes = reader_.notes();
    if (!notes) return fail(notes.error());
    auto file = create(counters_name);
    if (!file) return fail(std::move(file).error());
    CounterWriter writer(std::move(*file));
    if (auto begun = writer.begin(); !begun) return begun;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto note = std::ranges::find(*notes, ids_[i], &historian::Note::series);
      if (note == notes->end()) continue;
      const auto state = normalize::counter_state(note->bytes);
      if (!state) return fail(Error(state.error()).in(series_[i].path));
      if (auto put = writer.put(series_[i], *state); !put) return put;
    }
    return writer.finish();
  }

  historian::Reader& reader_;
  io::Files& files_;
  const ExportSettings& settings_;
  Range range_;
  std::vector<SeriesId> ids_;
  std::vector<SeriesInfo> series_;  // of the same place
  Exported done_;
};

}  // namespace

Result<Exported> export_history(historian::Reader& reader, io::Files& files, const ExportSettings& settings) {
  return Exporter(reader, files, settings).run();
}

}  // namespace iw::transfer
