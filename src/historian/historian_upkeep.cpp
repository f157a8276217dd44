// What the historian does beside recording and sealing: roll-ups, retention, and room on a full disk.
#include <algorithm>
#include <array>

#include "historian/historian.hpp"

namespace iw::historian {
namespace {

// So many hours of series are rolled up in one step: some milliseconds.
constexpr std::size_t hours_of_step = 64;
// By then the fast series have sealed what belongs to the hour; what comes later is rolled up again.
constexpr std::int64_t rollup_delay_ms = 15 * minute_ms;

// Never given up for space.
constexpr Day days_kept = 2;

constexpr std::size_t reserve_step = std::size_t{4} << 20U;
constexpr std::array<std::byte, std::size_t{64} << 10U> zeros{};

}  // namespace

// ---- Roll-ups

Result<void> Historian::add_stale_day(Day day) {
  if (stale_days_.contains(day)) return {};
  if (auto added = catalogue_.add_stale_day(day); !added) return added;
  stale_days_.insert(day);
  return {};
}

Result<void> Historian::remove_stale_day(Day day) {
  if (auto removed = catalogue_.remove_stale_day(day); !removed) return removed;
  stale_days_.erase(day);
  return {};
}

Result<void> Historian::roll_up(WallTime wall) {
  for (;;) {
    const auto more = roll_up_some(ms(wall.time_since_epoch()));
    if (!more) return fail(more.error());
    if (!*more) return {};
  }
}

// One step; whether there may be more to do. Written first, and then marked as done: after a crash in between
// it is done again.
Result<bool> Historian::roll_up_some(std::int64_t wall_ms) {
  const std::int64_t before_hour = floor_to(wall_ms - rollup_delay_ms, hour_ms) / hour_ms;
  for (const Day day : std::vector(stale_days_.begin(), stale_days_.end())) {
    auto file = archive_.days().at(day);
    if (!file) return fail(std::move(file).error());
    const auto hours = (*file)->stale(before_hour, hours_of_step);
    if (!hours) return fail(hours.error());
    if (hours->empty()) {
      const bool over = (day + 1) * day_ms + ms(settings_.longest_hold) < before_hour * hour_ms;
      if (!over) continue;
      if (auto removed = remove_stale_day(day); !removed) return fail(std::move(removed).error());
      continue;
    }
    const auto energy = [&series = catalogue_.series()](SeriesId id) {
      return id.value() < series.size() ? energy_of(series[id.value()].name) : EnergyOf::none;
    };
    if (auto rolled = archive_.roll_up(*hours, energy); !rolled) return fail(std::move(rolled).error());
    file = archive_.days().at(day);
    if (!file) return fail(std::move(file).error());
    if (auto marked = (*file)->rolled_up(*hours); !marked) return fail(std::move(marked).error());
    return true;
  }
  return false;
}

// ---- Retention

Result<void> Historian::retain(std::int64_t wall_ms) {
  const Day today = day_of(wall_ms);
  const auto first_day = catalogue_.mark(Mark::first_raw_day);
  if (!first_day) return fail(first_day.error());
  if (const auto dropped = drop_oldest_day(std::max(*first_day, today - settings_.raw_days)); !dropped)
    return fail(dropped.error());
  if (const auto dropped = drop_oldest_minutes(today - settings_.minute_days); !dropped)
    return fail(dropped.error());
  const auto names = files_->list(settings_.folder);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    constexpr Day longest_year = 366;
    const auto days = days_of_year_file(name);
    if (!days || days->end > today - settings_.rollup_years * longest_year) continue;
    archive_.close();
    if (auto removed = remove_database(*files_, settings_.folder + "/" + name); !removed) return removed;
  }
  if (settings_.most_bytes == 0 || disk_bytes_ + log_.bytes() <= settings_.most_bytes) return {};
  const auto dropped = drop_oldest_day(today - days_kept + 1);
  if (!dropped) return fail(dropped.error());
  if (*dropped) return {};
  if (const auto minutes = drop_oldest_minutes(today); !minutes) return fail(minutes.error());
  return {};
}

// The oldest day before this one, if its roll-ups are made: they stay. Whether there was one.
Result<bool> Historian::drop_oldest_day(Day before) {
  const auto days = archive_.days().days();
  if (!days) return fail(days.error());
  for (const Day day : *days) {
    if (day >= before) break;
    auto file = archive_.days().at(day);
    if (!file) return fail(std::move(file).error());
    const auto stale = (*file)->stale(before * 24, 1);
    if (!stale) return fail(stale.error());
    if (!stale->empty()) {
      if (auto added = add_stale_day(day); !added) return fail(std::move(added).error());
      continue;
    }
    if (auto dropped = drop_day(day); !dropped) return fail(std::move(dropped).error());
    return true;
  }
  return false;
}

Result<void> Historian::give_up_values_before(Day day) {
  const auto days = archive_.days().days();
  if (!days) return fail(days.error());
  const auto first = catalogue_.mark(Mark::first_raw_day);
  if (!first) return fail(first.error());
  if (day <= *first || (!days->empty() && days->front() < day)) return {};
  unsealed_.set_earliest(day * day_ms);
  return catalogue_.set(Mark::first_raw_day, day);
}

// From then on samples of that day are refused: alone they would spoil its roll-ups.
Result<void> Historian::drop_day(Day day) {
  const auto first = catalogue_.mark(Mark::first_raw_day);
  if (!first) return fail(first.error());
  if (day >= *first) {
    if (auto marked = catalogue_.set(Mark::first_raw_day, day + 1); !marked) return marked;
    unsealed_.set_earliest((day + 1) * day_ms);
  }
  if (auto removed = remove_stale_day(day); !removed) return removed;
  return archive_.days().remove(day);
}

Result<bool> Historian::drop_oldest_minutes(Day before) {
  const auto names = files_->list(settings_.folder);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const auto days = days_of_month_file(name);
    if (!days || days->end > before) continue;
    archive_.close();
    if (auto removed = remove_database(*files_, settings_.folder + "/" + name); !removed)
      return fail(std::move(removed).error());
    return true;
  }
  return false;
}

// ---- A full disk

// One sacrifice a step, until the disk can be written again: the reserve, then the oldest raw days, then the
// oldest minutes. The coarser roll-ups, which keep the registers of the counters, and the catalogue stay.
void Historian::make_room(std::int64_t wall_ms) {
  const auto& trouble = log_.trouble() ? log_.trouble() : trouble_;
  if (!trouble || trouble->kind != ErrorKind::exhausted) return;
  if (reserved_ > 0) {
    reserve_.reset();
    if (files_->remove(reserve_path(settings_.folder))) reserved_ = 0;
    return;
  }
  const Day today = day_of(wall_ms);
  if (drop_oldest_day(today - days_kept + 1).value_or(false)) return;
  (void)drop_oldest_minutes(today);
}

// In small steps, and only when it leaves as much again.
void Historian::fill_reserve() {
  if (reserved_ >= settings_.reserve) return;
  const std::string path = reserve_path(settings_.folder);
  if (!reserve_) {
    if (files_->free_space(settings_.folder).value_or(0) < 2 * settings_.reserve) return;
    if (reserved_ > 0 && !files_->remove(path)) return;
    reserved_ = 0;
    auto file = files_->create(path, 0640);
    if (!file) return;
    reserve_ = std::move(*file);
  }
  const std::uint64_t end = std::min<std::uint64_t>(settings_.reserve, reserved_ + reserve_step);
  while (reserved_ < end) {
    const auto part = std::min<std::uint64_t>(zeros.size(), end - reserved_);
    if (!reserve_->append(std::span(zeros).first(part))) break;
    reserved_ += part;
  }
  if (reserved_ >= settings_.reserve) reserve_.reset();
}

// What can not be seen stays as it was.
void Historian::look_at_disk() {
  disk_bytes_ = bytes_in(*files_, settings_.folder).value_or(disk_bytes_);
  free_bytes_ = files_->free_space(settings_.folder).value_or(free_bytes_);
}

}  // namespace iw::historian
