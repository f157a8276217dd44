#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "formats/decimal.hpp"
#include "formats/jsonld.hpp"
#include "formats/jsonld_terms.hpp"
#include "formats/timestamp.hpp"
#include "json/json.hpp"
#include "model/asset.hpp"

namespace iw::formats {
namespace {

using nlohmann::ordered_json;

std::string iri(const model::Mrid& mrid) { return fmt::format("urn:uuid:{}", model::to_string(mrid)); }

std::string dumped(const ordered_json& document) {
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void put_unless_empty(ordered_json& node, const char* term, std::string_view text) {
  if (!text.empty()) node[term] = text;
}

// xsd:double, which has words for what JSON has not.
ordered_json number(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "INF" : "-INF";
  return v;
}

ordered_json to_json(model::Quality quality) {
  const bool substituted = quality.has(model::Detail::substituted);
  ordered_json node{{"validity", model::to_string(quality.validity())},
                    {"source", substituted ? "substituted" : "process"}};
  for (const DetailTerm& row : detail_terms)
    if (quality.has(row.detail)) node[row.term] = true;
  return node;
}

ordered_json asset_of(const CatalogPoint& point) {
  ordered_json node{{"id", iri(point.asset)}};
  if (const auto kind = model::parse_asset_kind(point.asset_kind))
    node["type"] = fmt::format("cim:{}", model::cim_class(*kind));
  put_unless_empty(node, "name", point.asset_name);
  put_unless_empty(node, "kind", point.asset_kind);
  return node;
}

void put_unit(ordered_json& node, const std::string& text) {
  if (text.empty()) return;
  node["unitSymbol"] = text;
  const auto conversion = model::parse_unit(text);
  if (!conversion) return;
  const auto* row = std::ranges::find(unit_terms, conversion->unit, &UnitTerm::unit);
  if (row == unit_terms.end()) return;
  node["hasUnit"] = row->qudt;
  put_unless_empty(node, "unitCode", row->unece);
}

void put_phases(ordered_json& node, model::Phase phase) {
  const std::string_view name = phase == model::Phase::CA ? phase_ac : model::to_string(phase);
  if (!name.empty()) node["phases"] = fmt::format("{}{}", phase_prefix, name);
}

ordered_json to_json(const CatalogPoint& point) {
  ordered_json node{{"id", iri(point.mrid)}, {"type", {point.cim_class, "sosa:ObservableProperty"}}};
  node["alias"] = point.alias;
  node["path"] = point.path;
  node["asset"] = iri(point.asset);
  node["quantity"] = point.quantity;
  put_unless_empty(node, "measurementType", point.measurement_type);
  put_phases(node, point.phase);
  put_unless_empty(node, "component", point.component);
  put_unless_empty(node, "readingType", point.reading_type);
  put_unit(node, point.unit);
  if (point.writable) node["writable"] = true;
  if (point.minimum) node["minimum"] = number(*point.minimum);
  if (point.maximum) node["maximum"] = number(*point.maximum);
  if (!point.texts.empty()) {
    ordered_json aliases = ordered_json::array();
    for (const auto& [value, text] : point.texts)
      aliases.push_back(
          {{"type", "cim:ValueToAlias"}, {"aliasValue", fmt::format("{}", value)}, {"aliasName", text}});
    node["valueAliasSet"] = {{"type", "cim:ValueAliasSet"}, {"aliases", std::move(aliases)}};
  }
  return node;
}

}  // namespace

struct JsonldEncoder::Known {
  struct Point {
    std::string iri;
    const ValueClass* value_class = &class_of_numbers;
  };

  ordered_json context;
  std::unordered_map<std::uint32_t, Point> points;  // by alias

  static ordered_json node_of(const ValueClass& value_class, const std::string& point, std::int64_t time_ms,
                              model::Quality quality) {
    return {{"type", {value_class.value, "sosa:Observation"}},
            {value_class.link, point},
            {"timeStamp", to_timestamp(time_ms)},
            {"quality", to_json(quality)}};
  }

  void put_values(const Batch& batch, ordered_json& values) const {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto point = points.find(batch.alias[i]);
      if (point == points.end()) continue;
      const auto& [iri, value_class] = point->second;
      ordered_json node = node_of(*value_class, iri, batch.time_ms[i], batch.quality[i]);
      const std::optional<std::int64_t> whole = mantissa(batch.value[i], 0);
      if (value_class->holds == Holds::doubles) {
        node["value"] = number(batch.value[i]);
      } else if (value_class->holds == Holds::whole_numbers && whole) {
        node["value"] = fmt::format("{}", *whole);
      } else {
        node["number"] = number(batch.value[i]);
      }
      values.push_back(std::move(node));
    }
  }

  void put_texts(const Batch& batch, ordered_json& values) const {
    for (const TextValue& text : batch.texts) {
      const auto point = points.find(text.alias);
      if (point == points.end()) continue;
      ordered_json node = node_of(class_of_texts, point->second.iri, text.time_ms, text.quality);
      node["value"] = text.text;
      values.push_back(std::move(node));
    }
  }
};

JsonldEncoder::JsonldEncoder(ContextForm form) : known_(std::make_unique<Known>()) {
  if (form == ContextForm::named) {
    known_->context = jsonld_context_iri;
  } else {
    known_->context = ordered_json::parse(jsonld_context()).at("@context");
  }
}

JsonldEncoder::~JsonldEncoder() = default;

std::string JsonldEncoder::encode(const Catalog& catalog) {
  known_->points.clear();
  std::set<model::Mrid> seen;
  ordered_json assets = ordered_json::array();
  ordered_json points = ordered_json::array();
  for (const CatalogPoint& point : catalog.points) {
    const auto* row = std::ranges::find(value_classes, point.cim_class, &ValueClass::point);
    known_->points[point.alias] = {.iri = iri(point.mrid),
                                   .value_class = row != value_classes.end() ? row : &class_of_numbers};
    if (seen.insert(point.asset).second) assets.push_back(asset_of(point));
    points.push_back(to_json(point));
  }
  ordered_json site{{"id", iri(catalog.site)}};
  put_unless_empty(site, "name", catalog.site_name);
  return dumped({{"@context", known_->context},
                 {"id", fmt::format("{}#{}.catalog.{}", iri(catalog.site), catalog.epoch, catalog.version)},
                 {"type", "Catalog"},
                 {"site", std::move(site)},
                 {"epoch", fmt::format("{}", catalog.epoch)},
                 {"version", catalog.version},
                 {"assets", std::move(assets)},
                 {"points", std::move(points)}});
}

std::string JsonldEncoder::encode(const Batch& batch) const {
  ordered_json document{{"@context", known_->context},
                        {"id", fmt::format("{}#{}.{}", iri(batch.site), batch.epoch, batch.sequence)},
                        {"type", {"ValueBatch", "sosa:ObservationCollection"}},
                        {"site", iri(batch.site)},
                        {"epoch", fmt::format("{}", batch.epoch)},
                        {"sequence", fmt::format("{}", batch.sequence)},
                        {"catalogVersion", batch.catalog_version}};
  if (batch.historical) document["historical"] = true;
  if (batch.dropped > 0) document["dropped"] = fmt::format("{}", batch.dropped);
  ordered_json values = ordered_json::array();
  known_->put_values(batch, values);
  known_->put_texts(batch, values);
  document["values"] = std::move(values);
  return dumped(document);
}

}  // namespace iw::formats
