#include "historian/day_files.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace iw::historian {
namespace {

// Today, yesterday for what comes late, and two for whoever reads.
constexpr std::size_t most_open = 4;

void append_within(const Samples& from, Range range, Samples& to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from.time_ms[i] >= range.from_ms && from.time_ms[i] < range.to_ms)
      to.add(from.time_ms[i], from.value[i], from.quality[i]);
  }
}

// Of samples in the order of time.
void append_part(const Samples& from, Range range, Samples& to) {
  const auto begin = std::ranges::lower_bound(from.time_ms, range.from_ms) - from.time_ms.begin();
  const auto end = std::ranges::lower_bound(from.time_ms, range.to_ms) - from.time_ms.begin();
  const auto append = [&](const auto& column, auto& out) {
    out.insert(out.end(), column.begin() + begin, column.begin() + end);
  };
  append(from.time_ms, to.time_ms);
  append(from.value, to.value);
  append(from.quality, to.quality);
}

}  // namespace

Samples merged(std::span<const Piece> pieces, const Samples& unsealed, Range range) {
  std::size_t most = unsealed.size();
  for (const Piece& piece : pieces)
    most += piece.samples.size();
  Samples all;
  all.reserve(most);
  for (const Piece& piece : pieces)
    append_part(piece.samples, range, all);
  append_within(unsealed, range, all);
  if (std::ranges::is_sorted(all.time_ms, std::less_equal{})) return all;

  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(all.time_ms[i], i); });
  Samples sorted;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t i = order[k];
    const bool corrected = k + 1 < order.size() && all.time_ms[order[k + 1]] == all.time_ms[i];
    if (!corrected) sorted.add(all.time_ms[i], all.value[i], all.quality[i]);
  }
  return sorted;
}

Result<DayFile*> DayFiles::at(Day day) {
  const auto known = std::ranges::find(open_, day, &Open::day);
  if (known != open_.end()) {
    open_.splice(open_.begin(), open_, known);
    return &open_.front().file;
  }
  auto file = DayFile::open(day_path(folder_, day), mode_, vfs_);
  if (!file) return fail(std::move(file).error());
  open_.push_front({.day = day, .file = std::move(*file)});
  if (open_.size() > most_open) open_.pop_back();
  return &open_.front().file;
}

Result<void> DayFiles::remove(Day day) {
  std::erase_if(open_, [&](const Open& open) { return open.day == day; });
  return remove_database(*files_, day_path(folder_, day));
}

Result<Samples> DayFiles::read(SeriesId series, Range range, const Samples& unsealed) {
  auto known = days();
  if (!known) return fail(std::move(known).error());
  std::vector<Piece> pieces;
  for (const Day day : *known) {
    if (day * day_ms >= range.to_ms || (day + 1) * day_ms <= range.from_ms) continue;
    auto file = at(day);
    if (!file && file.error().kind == ErrorKind::not_found) continue;  // not begun yet, or just removed
    if (!file) return fail(std::move(file).error());
    if (auto done = (*file)->read(series, range, pieces); !done) return fail(std::move(done).error());
  }
  return merged(pieces, unsealed, range);
}

}  // namespace iw::historian
