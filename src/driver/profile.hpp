// Profile: what every device profile has, whatever the protocol: what such a device is, what it serves, and
// what to beware of.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "model/asset.hpp"
#include "model/point.hpp"

namespace iw::driver {

// A device serves one asset (role "") or several: a hybrid inverter with its battery and meter.
struct ServedAsset {
  std::string role;
  model::AssetKind kind = model::AssetKind::other;

  friend bool operator==(const ServedAsset&, const ServedAsset&) = default;
};

struct ServedPoint {
  model::PointName name;
  std::string role = {};  // the asset that it belongs to
  bool writable = false;
  std::optional<model::Fallback> fallback = {};

  friend auto operator<=>(const ServedPoint&, const ServedPoint&) = default;
};

struct Caveat {
  std::string text;
  std::string link;
};

struct Profile {
  std::string id;  // "huawei/sun2000": its path in the catalogue
  std::string manufacturer;
  std::vector<std::string> models;
  std::string description;
  std::vector<ServedAsset> assets;
  std::vector<Caveat> caveats;
  std::vector<ServedPoint> points;
  bool complete = true;  // there are no other points than these

  // Of any of its assets.
  [[nodiscard]] bool has(const model::PointName& name) const {
    return std::ranges::find(points, name, &ServedPoint::name) != points.end();
  }
};

}  // namespace iw::driver
