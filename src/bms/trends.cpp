#include "bms/trends.hpp"

#include <algorithm>
#include <cmath>

#include "historian/layout.hpp"
#include "historian/reader.hpp"
#include "model/quantity.hpp"

namespace iw::bms {
namespace {

using bacnet::server::LogItem;

std::int64_t ms_of(std::uint32_t minute) { return std::int64_t{minute} * historian::minute_ms; }

bacnet::Value value_of(const historian::Rollup& rollup, model::CimClass cim) {
  using model::CimClass;
  if (cim == CimClass::Accumulator)
    return bacnet::Unsigned{static_cast<std::uint64_t>(std::max(0.0, rollup.last))};
  if (cim == CimClass::Discrete) return static_cast<float>(rollup.last);
  return static_cast<float>(rollup.average());
}

}  // namespace

Result<std::vector<LogItem>> trend_of(historian::Excerpt& history, const bacnet::server::LogBounds& minutes) {
  std::vector<LogItem> items;
  if (minutes.count() == 0 || history.series().empty()) return items;
  auto rollups = history.rollups(0, historian::Level::minute,
                                 {.from_ms = ms_of(minutes.first), .to_ms = ms_of(minutes.last + 1)});
  if (!rollups) return fail(std::move(rollups).error());
  const model::CimClass cim = model::info(history.series().front().name.quantity).cim_class;
  for (const historian::Rollup& rollup : *rollups) {
    if (rollup.covered_ms == 0 || !std::isfinite(rollup.last)) continue;
    items.push_back({.sequence = static_cast<std::uint32_t>(rollup.start_ms / historian::minute_ms),
                     .value = value_of(rollup, cim)});
  }
  return items;
}

// The names of the day files say it; a history of which nothing is sealed yet is short, and read.
Result<std::optional<WallTime>> history_since(io::Files& files, const std::string& folder) {
  const auto sealed = historian::days_in(files, folder);
  if (sealed && !sealed->empty()) return WallTime(std::chrono::days(sealed->front()));
  auto reader = historian::Reader::open(files, folder);
  if (!reader) return fail(std::move(reader).error());
  auto days = reader->days();
  if (!days) return fail(std::move(days).error());
  if (days->empty()) return std::nullopt;
  return WallTime(std::chrono::days(days->front()));
}

}  // namespace iw::bms
