#include "historian/unsealed.hpp"

#include <algorithm>

namespace iw::historian {

bool SealedMarks::holds(Day day, SeriesId series, std::uint64_t sequence) {
  auto known = marks_.find(day);
  if (known == marks_.end()) {
    auto marks = read(day);
    if (!marks) damages_.push_back(marks.error().message);
    known = marks_.emplace(day, marks ? std::move(*marks) : Marks{}).first;
  }
  return series.value() < known->second.size() && sequence <= known->second[series.value()];
}

Result<SealedMarks::Marks> SealedMarks::read(Day day) {
  const auto days = files_.days();
  if (!days) return fail(days.error());
  if (!std::ranges::binary_search(*days, day)) return Marks{};
  auto file = files_.at(day);
  if (!file && file.error().kind == ErrorKind::not_found) return Marks{};
  if (!file) return fail(std::move(file).error());
  auto sealed = (*file)->sealed();
  if (!sealed) return fail(std::move(sealed).error());
  Marks marks;
  for (const auto& [series, sequence] : *sealed) {
    marks.resize(series.value() + 1);
    marks[series.value()] = sequence;
  }
  return marks;
}

template <class Wanted>
std::size_t Unsealed::take(std::uint64_t sequence, const Recording& recording, Wanted wanted) {
  const Samples& samples = recording.samples;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < recording.size(); ++i) {
    const SeriesId series = recording.series[i];
    const std::int64_t time = samples.time_ms[i];
    if (series.value() >= entries_.size() || time < earliest_ms_ || time >= latest_ms) continue;
    ++taken;
    if (wanted(time, series))
      entries_[series.value()].samples.add(sequence, time, samples.value[i], samples.quality[i], packing_);
  }
  add_notes(sequence, recording.notes);
  return taken;
}

std::size_t Unsealed::add(std::uint64_t sequence, const Recording& recording) {
  return take(sequence, recording, [](std::int64_t, SeriesId) { return true; });
}

std::size_t Unsealed::replay(std::uint64_t sequence, const Recording& recording, SealedMarks& marks) {
  return take(sequence, recording, [&](std::int64_t time, SeriesId series) {
    return !marks.holds(day_of(time), series, sequence);
  });
}

void Unsealed::add_notes(std::uint64_t sequence, const Notes& notes) {
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (notes.series(i).value() >= entries_.size()) continue;
    Entry& entry = entries_[notes.series(i).value()];
    if (entry.note && entry.note_kept && sequence <= entry.note->sequence) continue;
    if (!entry.note) entry.note.emplace();
    entry.note->series = notes.series(i);
    entry.note->sequence = sequence;
    entry.note->bytes.assign(notes.bytes(i).begin(), notes.bytes(i).end());
    entry.note_kept = false;
  }
}

void Unsealed::set_kept(Note note) {
  if (note.series.value() >= entries_.size()) return;
  Entry& entry = entries_[note.series.value()];
  entry.note = std::move(note);
  entry.note_kept = true;
}

Samples Unsealed::samples(SeriesId series) const {
  if (series.value() >= entries_.size()) return {};
  return entries_[series.value()].samples.samples();
}

std::optional<std::uint64_t> Unsealed::oldest() const {
  std::optional<std::uint64_t> oldest;
  const auto consider = [&](std::uint64_t sequence) {
    oldest = std::min(oldest.value_or(sequence), sequence);
  };
  for (const Entry& entry : entries_) {
    if (!entry.samples.empty()) consider(entry.samples.first_sequence());
    if (!entry.note_kept) consider(entry.note->sequence);
  }
  return oldest;
}

}  // namespace iw::historian
