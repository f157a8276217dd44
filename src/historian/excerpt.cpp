#include "historian/excerpt.hpp"

#include "historian/as_measured.hpp"

namespace iw::historian {

// What is sealed between now and the reading is found in both, and counts once.
Excerpt::Excerpt(const Catalogue& catalogue, const Unsealed& unsealed, const std::set<Day>& stale_days,
                 const Wanted& wanted, Archive archive)
    : stale_days_(stale_days), archive_(std::move(archive)) {
  const auto part = [&](SeriesId id) { return Part{.id = id, .unsealed = unsealed.samples(id)}; };
  for (std::size_t i = 0; i < catalogue.series().size(); ++i) {
    const SeriesInfo& info = catalogue.series()[i];
    if (!wanted(info)) continue;
    series_.push_back(info);
    parts_.push_back(part(SeriesId(static_cast<std::uint32_t>(i))));
    measured_.push_back(catalogue.find(historian::as_measured(info).mrid).transform(part));
  }
}

Result<Samples> Excerpt::read(const Part& part, Range range) {
  return archive_.days().read(part.id, range, part.unsealed);
}

Result<Samples> Excerpt::raw(std::size_t place, Range range) { return read(parts_[place], range); }

Result<Samples> Excerpt::as_measured(std::size_t place, Range range) {
  auto normalized = raw(place, range);
  if (!normalized) return normalized;
  auto measured = measured_[place] ? read(*measured_[place], range) : Samples{};
  if (!measured) return measured;
  return historian::as_measured(*normalized, *measured);
}

Result<std::vector<Rollup>> Excerpt::rollups(std::size_t place, Level level, Range range) {
  const Part& part = parts_[place];
  return archive_.rollups(part.id, energy_of(series_[place].name), level, range,
                          {.unsealed = part.unsealed, .stale_days = stale_days_});
}

}  // namespace iw::historian
