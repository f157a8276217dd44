// Asset: a thing with an identity (CIM PowerSystemResource or EndDevice), which points belong to. It is what
// people name in the configuration; the device that serves it may be replaced, the asset stays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/mrid.hpp"
#include "model/point.hpp"

namespace iw::model {

enum class AssetKind : std::uint8_t {
  inverter,
  battery,
  meter,
  feeder,
  charger,
  load,
  building_controller,
  weather_station,
  other,
};

std::string_view to_string(AssetKind kind);  // "building_controller"
Result<AssetKind> parse_asset_kind(std::string_view text);
std::string_view cim_class(AssetKind kind);  // "PowerElectronicsConnection"

struct Asset {
  Mrid mrid;
  std::string name;  // unique in the site; not empty, no '/' and no blank at the ends
  AssetKind kind = AssetKind::other;

  friend bool operator==(const Asset&, const Asset&) = default;
};

// Derived from the site and the name: the same for whatever device serves the asset.
Mrid asset_mrid(const Mrid& site, std::string_view name);
Mrid point_mrid(const Asset& asset, const PointName& name);

}  // namespace iw::model
