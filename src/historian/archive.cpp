#include "historian/archive.hpp"

#include <algorithm>

namespace iw::historian {
namespace {

// A counter that says nothing for longer begins anew where a range begins.
constexpr std::int64_t counter_memory_ms = day_ms;

}  // namespace

Result<std::vector<Rollup>> Archive::rollups(SeriesId series, EnergyOf energy, Level level, Range range,
                                             const Pending& pending) {
  const std::int64_t memory = energy == EnergyOf::counter ? counter_memory_ms : 0;
  const Range wider{.from_ms = range.from_ms - memory, .to_ms = range.to_ms};
  const auto open = open_hours(series, wider, pending);
  if (!open) return fail(open.error());
  std::vector<Rollup> found;
  if (auto read = rollups_.read(series, level, wider, found); !read) return fail(std::move(read).error());
  std::erase_if(found, [&](const Rollup& r) { return open->contains(r.start_ms / hour_ms); });
  for (const std::int64_t hour : *open) {
    auto fresh = minutes(series, energy, hour, pending.unsealed);
    if (!fresh) return fail(std::move(fresh).error());
    if (level != Level::minute) fresh = combined(*fresh, level, energy);
    found.insert(found.end(), fresh->begin(), fresh->end());
  }
  std::ranges::sort(found, {}, &Rollup::start_ms);
  give_energy(found, energy);
  std::erase_if(found,
                [&](const Rollup& r) { return r.start_ms < range.from_ms || r.start_ms >= range.to_ms; });
  return found;
}

// The day before has a part: its last values may hold into the range.
Result<std::set<std::int64_t>> Archive::open_hours(SeriesId series, Range range, const Pending& pending) {
  const std::int64_t first = floor_to(range.from_ms, hour_ms) / hour_ms;
  std::set<std::int64_t> open;
  const auto add = [&](const std::vector<std::int64_t>& hours) {
    for (const std::int64_t hour : hours)
      if (hour >= first && hour * hour_ms < range.to_ms) open.insert(hour);
  };
  add(hours_of(pending.unsealed.time_ms, longest_hold_ms_));
  const auto days = days_.days();
  if (!days) return fail(days.error());
  for (const Day day : *days) {
    if (!pending.stale_days.contains(day)) continue;
    if (day < day_of(range.from_ms) - 1 || day * day_ms >= range.to_ms) continue;
    auto file = days_.at(day);
    if (!file && file.error().kind == ErrorKind::not_found) continue;
    if (!file) return fail(std::move(file).error());
    const auto stale = (*file)->stale_hours(series);
    if (!stale) return fail(stale.error());
    add(*stale);
  }
  return open;
}

Result<std::vector<Rollup>> Archive::minutes(SeriesId series, EnergyOf energy, std::int64_t hour,
                                             const Samples& unsealed) {
  const Range range{.from_ms = hour * hour_ms, .to_ms = (hour + 1) * hour_ms};
  const auto samples =
      days_.read(series, {.from_ms = range.from_ms - longest_hold_ms_, .to_ms = range.to_ms}, unsealed);
  if (!samples) return fail(samples.error());
  return minutes_of(*samples, range, longest_hold_ms_, energy);
}

Result<void> Archive::roll_up(std::span<const Stale> hours, const std::function<EnergyOf(SeriesId)>& energy) {
  std::vector<RolledHour> rolled;
  for (const Stale& stale : hours) {
    const EnergyOf of = energy(stale.series);
    auto made = minutes(stale.series, of, stale.hour, {});
    if (!made) return fail(std::move(made).error());
    rolled.push_back({.series = stale.series, .hour = stale.hour, .energy = of, .minutes = std::move(*made)});
  }
  return rollups_.write(rolled);
}

}  // namespace iw::historian
