#include "model/asset.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.hpp"

namespace iw::model {
namespace {

struct Kind {
  AssetKind kind;
  std::string_view name;
  std::string_view cim_class;
};

// IEC 61970-301 has no class for a charger: it is a consumer of energy. A meter, a building controller and a
// weather station are of IEC 61968.
constexpr std::array kinds{
    Kind{AssetKind::inverter, "inverter", "PowerElectronicsConnection"},
    Kind{AssetKind::battery, "battery", "BatteryUnit"},
    Kind{AssetKind::meter, "meter", "Meter"},
    Kind{AssetKind::feeder, "feeder", "Feeder"},
    Kind{AssetKind::charger, "charger", "EnergyConsumer"},
    Kind{AssetKind::load, "load", "EnergyConsumer"},
    Kind{AssetKind::building_controller, "building_controller", "EndDevice"},
    Kind{AssetKind::weather_station, "weather_station", "EnvironmentalMonitoringStation"},
    Kind{AssetKind::other, "other", "PowerSystemResource"},
};

constexpr std::size_t position(AssetKind kind) { return static_cast<std::size_t>(kind); }

static_assert(kinds.size() == position(AssetKind::other) + 1);
static_assert(std::ranges::is_sorted(kinds, {}, &Kind::kind),
              "the rows stand in the order of the enumeration");

}  // namespace

std::string_view to_string(AssetKind kind) { return kinds[position(kind)].name; }

std::string_view cim_class(AssetKind kind) { return kinds[position(kind)].cim_class; }

Result<AssetKind> parse_asset_kind(std::string_view text) {
  std::vector<std::string_view> names;
  for (const Kind& row : kinds) {
    if (row.name == text) return row.kind;
    names.push_back(row.name);
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is not a kind of asset{}", text, suggestion(text, names)));
}

Mrid asset_mrid(const Mrid& site, std::string_view name) { return derive(site, name); }

Mrid point_mrid(const Asset& asset, const PointName& name) { return derive(asset.mrid, to_string(name)); }

}  // namespace iw::model
