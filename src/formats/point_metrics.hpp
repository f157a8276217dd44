// The points of a site as metrics: one metric for each quantity, with its unit in the name
// ("interwatt_active_power_watts"), and a label for each of site, asset, point, unit and phase. A point that
// only counts up is a counter.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "formats/exposition.hpp"
#include "formats/telemetry.hpp"

namespace iw::formats {

struct MetricName {
  std::string family;  // without "_total"
  std::string_view unit;
  MetricType type{};

  [[nodiscard]] std::string sample() const {
    return type == MetricType::counter ? family + "_total" : family;
  }
};

MetricName metric_of(const CatalogPoint& point);
std::vector<Label> labels_of(const Catalog& catalog, const CatalogPoint& point);

struct Present {
  double value = 0;
  model::Quality quality;
  Duration age{};
};

// Values that are of the present; the quality of all points, which says why others are missing; and how old
// the values are. `present` gives none for a point that was never heard of.
void put_points(const Catalog& catalog,
                const std::function<std::optional<Present>(const CatalogPoint&)>& present, Exposition& out);

}  // namespace iw::formats
