#include "formats/point_metrics.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "model/unit.hpp"

namespace iw::formats {
namespace {

using model::Unit;

struct UnitWords {
  Unit unit;
  std::string_view words;
};

// Hours in one word: Prometheus takes one of their own for a unit of time that should be seconds.
constexpr std::array unit_words{
    UnitWords{Unit::A, "amperes"},
    UnitWords{Unit::deg, "degrees"},
    UnitWords{Unit::degC, "celsius"},
    UnitWords{Unit::s, "seconds"},
    UnitWords{Unit::V, "volts"},
    UnitWords{Unit::Hz, "hertz"},
    UnitWords{Unit::W, "watts"},
    UnitWords{Unit::VA, "volt_amperes"},
    UnitWords{Unit::VAr, "vars"},
    UnitWords{Unit::VAh, "volt_amperehours"},
    UnitWords{Unit::Wh, "watthours"},
    UnitWords{Unit::VArh, "varhours"},
    UnitWords{Unit::Ah, "amperehours"},
    UnitWords{Unit::W_per_m2, "watts_per_square_metre"},
    UnitWords{Unit::percent, "percent"},
    UnitWords{Unit::m_per_s, "metres_per_second"},
    UnitWords{Unit::currency_per_Wh, "currency_per_watthour"},
    UnitWords{Unit::g_per_kWh, "grams_per_kilowatthour"},
};

// OpenMetrics keeps the ending "_count" for histograms.
constexpr std::string_view count = "count";

std::string_view words_of(const std::string& unit) {
  const auto conversion = model::parse_unit(unit);
  if (!conversion) return {};
  const auto* row = std::ranges::find(unit_words, conversion->unit, &UnitWords::unit);
  return row != unit_words.end() ? row->words : std::string_view();
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// "Voltage.LN" to "voltage_ln", "StateOfCharge" to "state_of_charge".
std::string snake_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (is_upper(c) && i > 0 && is_lower(name[i - 1])) out += '_';
    if (is_upper(c)) {
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += is_lower(c) ? c : '_';
    }
  }
  return out;
}

bool is_number(const CatalogPoint& point) { return point.cim_class != "StringMeasurement"; }

std::vector<Label> short_labels(const Catalog& catalog, const CatalogPoint& point) {
  const auto slash = point.path.rfind('/');
  return {{"site", catalog.site_name},
          {"asset", point.asset_name},
          {"point", slash == std::string::npos ? point.path : point.path.substr(slash + 1)}};
}

void put_quality(const Catalog& catalog, const std::vector<std::optional<Present>>& present,
                 Exposition& out) {
  out.family("interwatt_point_quality", MetricType::gauge, "",
             "Quality of a point: 0 good, 1 questionable, 2 invalid.");
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (!present[i]) continue;
    out.sample(short_labels(catalog, catalog.points[i]), static_cast<double>(present[i]->quality.validity()));
  }
  out.family("interwatt_point_age_seconds", MetricType::gauge, "seconds",
             "How long ago the point was last heard of.");
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (!present[i]) continue;
    out.sample(short_labels(catalog, catalog.points[i]),
               std::chrono::duration<double>(present[i]->age).count());
  }
}

}  // namespace

MetricName metric_of(const CatalogPoint& point) {
  MetricName metric{.family = fmt::format("interwatt_{}", snake_case(point.quantity)),
                    .unit = words_of(point.unit),
                    .type = point.cim_class == "Accumulator" ? MetricType::counter : MetricType::gauge};
  if (metric.family.ends_with(count))
    metric.family.replace(metric.family.size() - count.size(), count.size(), "number");
  if (!metric.unit.empty()) metric.family += fmt::format("_{}", metric.unit);
  return metric;
}

std::vector<Label> labels_of(const Catalog& catalog, const CatalogPoint& point) {
  std::vector<Label> labels = short_labels(catalog, point);
  labels.push_back({"unit", point.unit});
  labels.push_back({"phase", std::string(model::to_string(point.phase))});
  return labels;
}

void put_points(const Catalog& catalog,
                const std::function<std::optional<Present>(const CatalogPoint&)>& present, Exposition& out) {
  std::vector<std::optional<Present>> all;
  std::map<std::string, std::vector<std::size_t>> families;
  for (const CatalogPoint& point : catalog.points) {
    if (is_number(point)) families[metric_of(point).family].push_back(all.size());
    all.push_back(present(point));
  }
  for (const auto& [family, members] : families) {
    const CatalogPoint& first = catalog.points[members.front()];
    const MetricName metric = metric_of(first);
    out.family(family, metric.type, metric.unit,
               fmt::format("{} of the points whose value is of the present.", first.quantity));
    for (const std::size_t i : members) {
      if (all[i] && is_present(all[i]->quality))
        out.sample(labels_of(catalog, catalog.points[i]), all[i]->value);
    }
  }
  put_quality(catalog, all, out);
}

}  // namespace iw::formats
