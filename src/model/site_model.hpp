// SiteModel: the static picture of the running site: which devices there are, which assets they serve, and
// what the points of the assets are called. Values are elsewhere (bus, historian).
//
// A plain value for one thread, without IO. Ids are those of the process; mRIDs last (mrid.hpp): a device
// that is removed and comes back, or is replaced by another make with another profile, keeps the mRIDs of its
// assets and of the points that both have.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "model/asset.hpp"
#include "model/ids.hpp"
#include "model/mrid.hpp"
#include "model/point.hpp"

namespace iw::model {

// The assets that a device serves, by role; "" is the main one.
using AssetsByRole = std::map<std::string, Asset, std::less<>>;

class SiteModel {
 public:
  struct PlacedPoint {
    PointId id;
    Point point;
    std::string path;  // "asset/PointName"
    Mrid mrid;
  };

  struct Device {
    DeviceId id;
    std::string name;
    AssetsByRole configured;  // as given to add_device
    AssetsByRole assets;      // and as completed by the description
    DeviceIdentity identity = {};
    std::vector<PlacedPoint> points = {};  // position = PointId::index; empty until described
  };

  explicit SiteModel(const Mrid& site) : site_(site) {}

  [[nodiscard]] const Mrid& site() const { return site_; }

  // The main asset, where none is given, is called as the device. An asset without an mRID gets the derived
  // one. Refuses an id that exists, a second device of that name, and an asset that is already known with
  // another mRID or kind; `other` is no statement. Two devices may serve one asset, as an inverter and a
  // battery controller do.
  Result<void> add_device(DeviceId id, std::string name, AssetsByRole assets = {});

  // Sets or replaces the points of the device; on an error nothing is changed. A role without an asset makes
  // one: role "battery" of the main asset "roof" is the battery "roof-battery". An asset whose kind nobody
  // has stated is what the device says it is. Refuses a name that no point can have and two points of one
  // path.
  Result<void> describe(DeviceDescription description);

  bool remove_device(DeviceId id);

  [[nodiscard]] const Device* device(DeviceId id) const;
  [[nodiscard]] const Point* point(PointId id) const;
  [[nodiscard]] const Asset* asset(PointId id) const;
  [[nodiscard]] std::string_view path(
      PointId id) const;  // empty when there is no such point; valid until described anew
  [[nodiscard]] std::optional<Mrid> mrid(PointId id) const;

  [[nodiscard]] Result<PointId> find(std::string_view path) const;
  [[nodiscard]] std::optional<PointId> find(const Mrid& mrid) const;

  // Grows whenever a point may have come, changed or gone.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  // In the order of the ids.
  [[nodiscard]] auto devices() const { return std::views::values(devices_); }
  [[nodiscard]] auto points() const {
    return std::views::values(devices_) | std::views::transform(&Device::points) | std::views::join;
  }

 private:
  [[nodiscard]] const PlacedPoint* placed(PointId id) const;
  [[nodiscard]] Result<void> check_assets(const Device& device) const;
  [[nodiscard]] std::optional<AssetKind> known_kind(const Device& device, std::string_view asset) const;
  [[nodiscard]] Result<Device> place(const Device& old, DeviceDescription description) const;
  void forget_points(const Device& device);

  struct PathHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  Mrid site_;
  std::uint64_t revision_ = 0;
  std::map<DeviceId, Device> devices_;
  std::unordered_map<std::string, PointId, PathHash, std::equal_to<>> by_path_;
  std::unordered_map<Mrid, PointId> by_mrid_;
};

}  // namespace iw::model
