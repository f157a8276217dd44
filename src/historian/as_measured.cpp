#include "historian/as_measured.hpp"

#include <limits>
#include <string>

namespace iw::historian {
namespace {

constexpr std::string_view suffix = "#raw";  // no path of a point has that: its last part is a quantity

}  // namespace

SeriesInfo as_measured(const SeriesInfo& of_point) {
  return {.mrid = model::derive(of_point.mrid, "raw"),
          .path = of_point.path + std::string(suffix),
          .name = of_point.name};
}

bool is_as_measured(const SeriesInfo& series) { return series.path.ends_with(suffix); }

std::string_view path_of_point(const SeriesInfo& series) {
  std::string_view path = series.path;
  if (is_as_measured(series)) path.remove_suffix(suffix.size());
  return path;
}

bool is_made(model::Quality quality) {
  return quality.has(model::Detail::substituted) || quality.has(model::Detail::interpolated) ||
         quality.has(model::Detail::filtered);
}

Samples as_measured(const Samples& normalized, const Samples& measured) {
  Samples all;
  std::size_t next = 0;  // of the measured
  const auto take_measured_before = [&](std::int64_t time_ms) {
    for (; next < measured.size() && measured.time_ms[next] < time_ms; ++next)
      all.add(measured.time_ms[next], measured.value[next], measured.quality[next]);
  };
  for (std::size_t i = 0; i < normalized.size(); ++i) {
    take_measured_before(normalized.time_ms[i]);
    if (next < measured.size() && measured.time_ms[next] == normalized.time_ms[i]) continue;
    if (!is_made(normalized.quality[i]))
      all.add(normalized.time_ms[i], normalized.value[i], normalized.quality[i]);
  }
  take_measured_before(std::numeric_limits<std::int64_t>::max());
  return all;
}

}  // namespace iw::historian
