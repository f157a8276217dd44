#include "gateway/controlled_points.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/nearest.hpp"
#include "gateway/line_plan.hpp"

namespace iw::gateway {
namespace {

using config::Findings;
using config::Place;
using config::Value;
using control::Mode;

std::string_view asset_of(std::string_view path) { return path.substr(0, path.rfind('/')); }
std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string_view> words_of(const std::set<std::string, std::less<>>& words) {
  return {words.begin(), words.end()};
}

// What is known of the points of a site before its devices answer.
class KnownPoints {
 public:
  explicit KnownPoints(const SiteConfig& site) {
    for (const DeviceSection& device : site.devices)
      add(device);
    for (const ControlGroup& group : site.control.groups)
      groups_.insert(group.rules().path);
  }

  // Why there can be no such point; empty when there is one, or may be.
  [[nodiscard]] std::string missing(std::string_view path, bool to_be_moved) const {
    if (const auto known = writable_.find(path); known != writable_.end())
      return to_be_moved && !known->second ? fmt::format("{} can only be read", path) : "";
    const std::string_view asset = asset_of(path);
    if (is_open(asset) || (to_be_moved && groups_.contains(path))) return "";
    if (!assets_.contains(asset))
      return fmt::format("no device has '{}'{}", asset, suggestion(asset, words_of(assets_)));
    std::vector<std::string_view> names;
    for (const auto& [other, writable] : writable_)
      if (asset_of(other) == asset && (writable || !to_be_moved)) names.push_back(name_of(other));
    const auto meant = nearest(name_of(path), names);
    return fmt::format("{} has no {}{}", asset, name_of(path),
                       meant ? fmt::format(", did you mean '{}'?", *meant) : "");
  }

  [[nodiscard]] bool has_asset(std::string_view name) const { return assets_.contains(name); }

 private:
  void add(const DeviceSection& device) {
    const model::AssetsByRole assets = assets_of(device);
    for (const auto& [role, asset] : assets)
      assets_.insert(asset.name);
    if (device.described_by == nullptr || !device.described_by->complete) {
      const auto main = assets.find("");
      const std::string& name = main != assets.end() ? main->second.name : device.name;
      assets_.insert(name);
      roots_.insert(name);
      for (const auto& [role, asset] : assets)
        roots_.insert(asset.name);
      return;
    }
    for (const driver::ServedPoint& point : device.described_by->points) {
      const auto asset = assets.find(point.role);
      if (asset != assets.end())
        writable_[fmt::format("{}/{}", asset->second.name, model::to_string(point.name))] |= point.writable;
    }
  }

  // An asset of a device that describes itself: the main one, or one that it makes: "roof-battery" of "roof".
  [[nodiscard]] bool is_open(std::string_view asset) const {
    return std::ranges::any_of(roots_, [&](const std::string& root) {
      return asset == root || (asset.starts_with(root) && asset.substr(root.size()).starts_with('-'));
    });
  }

  std::map<std::string, bool, std::less<>> writable_;  // the paths that are known
  std::set<std::string, std::less<>> assets_;
  std::set<std::string, std::less<>> roots_;
  std::set<std::string, std::less<>> groups_;  // the paths of their points
};

// Where a section speaks of the point, by its path or by its asset; the section when it does not.
const Value* mention(const Value& section, std::string_view path) {
  if (section.kind == config::Kind::scalar && (section.text == path || section.text == asset_of(path)))
    return &section;
  for (const Value& child : section.children)
    if (const Value* found = mention(child, path)) return found;
  return nullptr;
}

class Checker {
 public:
  Checker(const SiteConfig& site, Findings& findings) : site_(site), known_(site), findings_(findings) {}

  void check() {
    if (!site_.devices.empty()) {
      for (const auto& [path, point] : site_.control.points)
        if (!point.group) check_point(path, point);
      for (const ControlGroup& group : site_.control.groups)
        check_group(group);
    }
    for (const control::ControllerSection& section : site_.controllers)
      check_controller(section);
  }

 private:
  void check_point(const std::string& path, const ControlPoint& point) {
    if (const std::string why = known_.missing(path, true); !why.empty())
      findings_.error(point.place->key_place(), why);
    for (const auto& [needed, oldest] : point.needs) {
      if (const std::string why = known_.missing(needed, false); !why.empty())
        findings_.error(point.place->find("needs")->place(), why);
    }
  }

  void check_group(const ControlGroup& group) {
    if (known_.has_asset(group.name))
      findings_.error(group.place->find("name")->place(),
                      fmt::format("'{}' is the name of an asset: a group needs one of its own", group.name));
    const control::GroupRules rules = group.rules();
    for (std::size_t i = 0; i < rules.members.size(); ++i) {
      for (const std::string& path : {rules.members[i].state_of_charge, rules.members[i].beside}) {
        if (path.empty()) continue;
        if (const std::string why = known_.missing(path, false); !why.empty())
          findings_.error(group.members[i].place->place(), why);
      }
    }
  }

  void check_controller(const control::ControllerSection& section) {
    if (section.mode == Mode::off) return;
    const control::ConfiguredController made = control::make_controller(section);
    const control::Declaration& declaration = made.controller->declaration();
    if (!site_.devices.empty()) {
      for (const control::Input& input : declaration.inputs)
        expect(section, input.path, false);
      for (const control::Output& output : declaration.outputs)
        expect(section, output.path, true);
    }
    if (section.mode == Mode::act) check_acting(section, declaration);
  }

  void expect(const control::ControllerSection& section, const std::string& path, bool to_be_moved) {
    const std::string why = known_.missing(path, to_be_moved);
    if (!why.empty()) say(section, path, why, "name a point that a device has");
  }

  void check_acting(const control::ControllerSection& section, const control::Declaration& declaration) {
    if (!site_.control.enabled) {
      return findings_.warning(driver::place_of(*section.place, "mode"),
                               "control is not enabled: nothing is moved", "enabled: true under control:");
    }
    for (const control::Output& output : declaration.outputs) {
      if (site_.control.points.contains(output.path)) continue;
      say(section, output.path, fmt::format("{} is no point that may be controlled", output.path),
          "declare it under control: points:, with its range and its default");
    }
  }

  void say(const control::ControllerSection& section, const std::string& path, const std::string& what,
           const std::string& remedy) {
    const Value* mentioned = mention(*section.place, path);
    const Place place = mentioned != nullptr ? mentioned->place() : section.place->place();
    if (!said_.insert({place.line, place.column, what}).second) return;
    if (section.mode == Mode::act) {
      findings_.error(place, what, remedy);
    } else {
      findings_.warning(place, what, remedy);
    }
  }

  const SiteConfig& site_;
  KnownPoints known_;
  Findings& findings_;
  std::set<std::tuple<int, int, std::string>> said_;
};

}  // namespace

void check_controlled_points(const SiteConfig& site, Findings& findings) { Checker(site, findings).check(); }

}  // namespace iw::gateway
