#include "gateway/config_changes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace iw::gateway {
namespace {

using config::Value;

// Where it stands in the file does not matter.
bool same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.text == b.text && a.key == b.key &&
         std::ranges::equal(a.children, b.children, same);
}

std::string name_of(const Value& device) {
  const Value* name = device.find("name");
  return name != nullptr ? name->text : "";
}

const Value* device_of(const Value& devices, const std::string& name) {
  const auto found = std::ranges::find(devices.children, name, name_of);
  return found != devices.children.end() ? &*found : nullptr;
}

void compare_devices(const Value& before, const Value& after, std::vector<std::string>& changes) {
  for (const Value& device : after.children) {
    const Value* old = device_of(before, name_of(device));
    if (old == nullptr) {
      changes.push_back(fmt::format("device '{}' is new", name_of(device)));
    } else if (!same(*old, device)) {
      changes.push_back(fmt::format("device '{}' is changed", name_of(device)));
    }
  }
  for (const Value& device : before.children) {
    if (device_of(after, name_of(device)) == nullptr)
      changes.push_back(fmt::format("device '{}' is removed", name_of(device)));
  }
}

}  // namespace

std::vector<std::string> changes_between(const Value& before, const Value& after) {
  std::vector<std::string> changes;
  const Value nothing;
  const auto section = [&](const Value& map, const std::string& key) -> const Value& {
    const Value* found = map.find(key);
    return found != nullptr ? *found : nothing;
  };
  compare_devices(section(before, "devices"), section(after, "devices"), changes);
  for (const Value& value : after.children) {
    if (value.key != "devices" && !same(section(before, value.key), value))
      changes.push_back(fmt::format("'{}' is changed", value.key));
  }
  for (const Value& value : before.children) {
    if (value.key != "devices" && after.find(value.key) == nullptr)
      changes.push_back(fmt::format("'{}' is removed", value.key));
  }
  return changes;
}

}  // namespace iw::gateway
