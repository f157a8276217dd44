#include "model/site_model.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/nearest.hpp"

namespace iw::model {
namespace {

Unexpected refuse(std::string message, std::string remedy) {
  return fail(ErrorKind::invalid_argument, std::move(message), std::move(remedy));
}

// The asset of a role that the configuration does not name.
Asset make_asset(const Mrid& site, const Asset& main, const std::string& role) {
  std::string name = fmt::format("{}-{}", main.name, role);
  const Mrid mrid = asset_mrid(site, name);
  return {.mrid = mrid, .name = std::move(name), .kind = parse_asset_kind(role).value_or(AssetKind::other)};
}

Result<void> check_name(std::string_view name) {
  if (name.empty()) return refuse("an asset has no name", "give it one");
  if (name.contains('/') || name.starts_with(' ') || name.ends_with(' ')) {
    return refuse(fmt::format("'{}' can not be the name of an asset", name),
                  "leave out '/' and blanks at the ends: the name is part of paths");
  }
  return {};
}

// Two assets are the same, or differ in name and in mRID.
Result<void> check_against(const Asset& asset, const Asset& known, std::string_view device) {
  const bool unstated = asset.kind == AssetKind::other || known.kind == AssetKind::other;
  const bool same_kind = unstated || asset.kind == known.kind;
  if (asset.name == known.name && asset.mrid == known.mrid && same_kind) return {};
  if (asset.name == known.name) {
    return refuse(fmt::format("the asset '{}' of device '{}' has another mRID or kind", asset.name, device),
                  "use another name, or the same mRID and kind for both");
  }
  if (asset.mrid == known.mrid) {
    return refuse(fmt::format("the assets '{}' and '{}' (of device '{}') have the same mRID {}", asset.name,
                              known.name, device, to_string(asset.mrid)),
                  "leave one mRID out: it is then derived from the name");
  }
  return {};
}

}  // namespace

Result<void> SiteModel::check_assets(const Device& device) const {
  for (const Asset& asset : std::views::values(device.assets)) {
    if (auto ok = check_name(asset.name); !ok) return ok;
    for (const Asset& known : std::views::values(device.assets)) {
      if (auto ok = check_against(asset, known, device.name); !ok) return ok;
    }
    for (const Device& other : devices()) {
      if (other.id == device.id) continue;
      for (const Asset& known : std::views::values(other.assets)) {
        if (auto ok = check_against(asset, known, other.name); !ok) return ok;
      }
    }
  }
  return {};
}

// What another role or another device has said of an asset that both serve.
std::optional<AssetKind> SiteModel::known_kind(const Device& device, std::string_view asset) const {
  std::optional<AssetKind> kind;
  const auto look = [&](const Device& at) {
    for (const Asset& known : std::views::values(at.assets)) {
      if (!kind && known.name == asset && known.kind != AssetKind::other) kind = known.kind;
    }
  };
  look(device);
  for (const Device& other : devices()) {
    if (other.id != device.id) look(other);
  }
  return kind;
}

Result<void> SiteModel::add_device(DeviceId id, std::string name, AssetsByRole assets) {
  if (devices_.contains(id)) {
    return refuse(fmt::format("there is already a device {}", id.value()), "remove it first");
  }
  if (std::ranges::any_of(devices(), [&](const Device& other) { return other.name == name; })) {
    return refuse(fmt::format("there is already a device '{}'", name), "use another name");
  }
  if (!assets.contains("")) assets.emplace("", Asset{.mrid = {}, .name = name});
  for (Asset& asset : std::views::values(assets)) {
    if (asset.mrid.nil()) asset.mrid = asset_mrid(site_, asset.name);
  }
  Device device{.id = id, .name = std::move(name), .configured = assets, .assets = std::move(assets)};
  if (auto ok = check_assets(device); !ok) {
    return fail(std::move(ok).error().in(fmt::format("device '{}'", device.name)));
  }
  devices_.emplace(id, std::move(device));
  return {};
}

Result<void> SiteModel::describe(DeviceDescription description) {
  const auto found = devices_.find(description.device);
  if (found == devices_.end()) {
    return fail(ErrorKind::not_found,
                fmt::format("device {} is described, but is not of this site", description.device.value()),
                "add the device first");
  }
  auto described = place(found->second, std::move(description));
  if (!described) {
    return fail(std::move(described).error().in(fmt::format("device '{}'", found->second.name)));
  }
  forget_points(found->second);
  found->second = *std::move(described);
  ++revision_;
  for (const PlacedPoint& placed : found->second.points) {
    by_path_.emplace(placed.path, placed.id);
    by_mrid_.emplace(placed.mrid, placed.id);
  }
  return {};
}

Result<SiteModel::Device> SiteModel::place(const Device& old, DeviceDescription description) const {
  constexpr std::size_t most_points = std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1;
  if (description.points.size() > most_points) {
    return refuse(fmt::format("{} points, more than {}", description.points.size(), most_points),
                  "map fewer points of the device");
  }

  Device device{.id = old.id,
                .name = old.name,
                .configured = old.configured,
                .assets = old.configured,
                .identity = std::move(description.identity)};
  for (const Point& point : description.points) {
    if (device.assets.contains(point.role)) continue;
    device.assets.emplace(point.role, make_asset(site_, device.assets.at(""), point.role));
  }
  for (auto& [role, asset] : device.assets) {
    const auto found = description.kinds.find(role);
    if (asset.kind != AssetKind::other || found == description.kinds.end()) continue;
    asset.kind = known_kind(device, asset.name).value_or(found->second);
  }
  if (auto ok = check_assets(device); !ok) return fail(std::move(ok).error());

  std::unordered_map<std::string, std::uint16_t> own_paths;
  device.points.reserve(description.points.size());
  for (Point& point : description.points) {
    auto name = canonical(std::move(point.name));
    if (!name) return fail(std::move(name).error());
    point.name = *std::move(name);

    const PointId id{.device = device.id, .index = static_cast<std::uint16_t>(device.points.size())};
    const Asset& asset = device.assets.at(point.role);
    std::string path = fmt::format("{}/{}", asset.name, to_string(point.name));
    if (!own_paths.emplace(path, id.index).second) {
      return refuse(fmt::format("two points are called '{}'", path),
                    "give one of them another component or role");
    }
    if (const auto other = by_path_.find(path);
        other != by_path_.end() && other->second.device != device.id) {
      return refuse(fmt::format("the point '{}' is already measured by device '{}'", path,
                                devices_.at(other->second.device).name),
                    "give the asset of one device another name");
    }
    const Mrid mrid = point_mrid(asset, point.name);
    device.points.push_back({.id = id, .point = std::move(point), .path = std::move(path), .mrid = mrid});
  }
  return device;
}

bool SiteModel::remove_device(DeviceId id) {
  const auto found = devices_.find(id);
  if (found == devices_.end()) return false;
  forget_points(found->second);
  devices_.erase(found);
  ++revision_;
  return true;
}

void SiteModel::forget_points(const Device& device) {
  for (const PlacedPoint& placed : device.points) {
    by_path_.erase(placed.path);
    by_mrid_.erase(placed.mrid);
  }
}

const SiteModel::Device* SiteModel::device(DeviceId id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : &found->second;
}

const SiteModel::PlacedPoint* SiteModel::placed(PointId id) const {
  const Device* of = device(id.device);
  return of != nullptr && id.index < of->points.size() ? &of->points[id.index] : nullptr;
}

const Point* SiteModel::point(PointId id) const {
  const PlacedPoint* found = placed(id);
  return found == nullptr ? nullptr : &found->point;
}

const Asset* SiteModel::asset(PointId id) const {
  const PlacedPoint* found = placed(id);
  return found == nullptr ? nullptr : &devices_.at(id.device).assets.at(found->point.role);
}

std::string_view SiteModel::path(PointId id) const {
  const PlacedPoint* found = placed(id);
  return found == nullptr ? std::string_view{} : found->path;
}

std::optional<Mrid> SiteModel::mrid(PointId id) const {
  const PlacedPoint* found = placed(id);
  if (found == nullptr) return std::nullopt;
  return found->mrid;
}

Result<PointId> SiteModel::find(std::string_view path) const {
  if (const auto found = by_path_.find(path); found != by_path_.end()) return found->second;
  std::vector<std::string_view> paths;
  for (const PlacedPoint& placed : points())
    paths.emplace_back(placed.path);
  const auto near = nearest(path, paths);
  return fail(ErrorKind::not_found, fmt::format("no point '{}'{}", path, near ? suggestion(path, paths) : ""),
              "a path is asset/point, as in roof/ActivePower");
}

std::optional<PointId> SiteModel::find(const Mrid& mrid) const {
  const auto found = by_mrid_.find(mrid);
  if (found == by_mrid_.end()) return std::nullopt;
  return found->second;
}

}  // namespace iw::model
