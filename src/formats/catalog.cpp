#include "formats/telemetry.hpp"

namespace iw::formats {
namespace {

CatalogPoint point_of(const model::SiteModel::PlacedPoint& placed, const model::Asset& asset) {
  const model::PointName& name = placed.point.name;
  const model::QuantityInfo& info = model::info(name.quantity);
  return {
      .mrid = placed.mrid,
      .path = placed.path,
      .asset = asset.mrid,
      .asset_name = asset.name,
      .asset_kind = std::string(model::to_string(asset.kind)),
      .quantity = std::string(info.name),
      .unit = std::string(model::to_string(info.unit)),
      .phase = name.phase,
      .component = name.component,
      .reading_type = reading_type(name.quantity, name.phase),
      .cim_class = std::string(model::to_string(info.cim_class)),
      .measurement_type = std::string(model::measurement_type(name.quantity, name.phase)),
      .writable = placed.point.writable,
      .minimum = placed.point.minimum,
      .maximum = placed.point.maximum,
      .texts = placed.point.texts,
  };
}

}  // namespace

Catalog catalog_of(const model::SiteModel& site, const std::function<bool(std::string_view)>& wanted) {
  Catalog catalog{.site = site.site()};
  for (const model::SiteModel::PlacedPoint& placed : site.points()) {
    if (!wanted(placed.path)) continue;
    catalog.points.push_back(point_of(placed, *site.asset(placed.id)));
    catalog.points.back().alias = static_cast<std::uint32_t>(catalog.points.size() - 1);
  }
  return catalog;
}

bool is_present(model::Quality quality) {
  using model::Detail;
  return quality.validity() != model::Validity::invalid && !quality.has(Detail::old_data) &&
         !quality.has(Detail::no_connection) && !quality.has(Detail::forecast) &&
         !quality.has(Detail::historical);
}

}  // namespace iw::formats
