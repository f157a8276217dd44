#include "gateway/config_changes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/emit.hpp"
#include "config/same.hpp"

namespace iw::gateway {
namespace {

using config::Kind;
using config::same;
using config::Value;

std::string name_of(const Value& device) {
  const Value* name = device.find("name");
  return name != nullptr ? name->text : "";
}

const Value* device_of(const Value& devices, const std::string& name) {
  const auto found = std::ranges::find(devices.children, name, name_of);
  return found != devices.children.end() ? &*found : nullptr;
}

std::string subject_of(const Value& device) { return fmt::format("device '{}'", name_of(device)); }

class Comparison {
 public:
  std::vector<ConfigChange> run(const Value& before, const Value& after) {
    const Value nothing;
    const auto section = [&](const Value& map, std::string_view key) -> const Value& {
      const Value* found = map.find(key);
      return found != nullptr ? *found : nothing;
    };
    compare_devices(section(before, "devices"), section(after, "devices"));
    for (const Value& value : after.children) {
      if (value.key != "devices") compare(fmt::format("'{}'", value.key), "", before.find(value.key), &value);
    }
    for (const Value& value : before.children) {
      if (value.key != "devices" && after.find(value.key) == nullptr)
        add(fmt::format("'{}'", value.key), "", &value, nullptr);
    }
    return std::move(changes_);
  }

 private:
  void compare_devices(const Value& before, const Value& after) {
    for (const Value& device : after.children)
      compare(subject_of(device), "", device_of(before, name_of(device)), &device);
    for (const Value& device : before.children) {
      if (device_of(after, name_of(device)) == nullptr) add(subject_of(device), "", &device, nullptr);
    }
  }

  void compare(const std::string& subject, const std::string& key, const Value* before, const Value* after) {
    if (before != nullptr && after != nullptr && same_but_key(*before, *after)) return;
    const bool maps =
        before != nullptr && after != nullptr && before->kind == Kind::map && after->kind == Kind::map;
    if (!maps) return add(subject, key, before, after);
    const auto below = [&](const Value& child) { return key.empty() ? child.key : key + "." + child.key; };
    for (const Value& child : after->children)
      compare(subject, below(child), before->find(child.key), &child);
    for (const Value& child : before->children) {
      if (after->find(child.key) == nullptr) add(subject, below(child), &child, nullptr);
    }
  }

  static bool same_but_key(const Value& a, Value b) {
    b.key = a.key;
    return same(a, b);
  }

  void add(const std::string& subject, const std::string& key, const Value* before, const Value* after) {
    const auto shown = [](const Value* value) {
      if (value == nullptr) return std::string();
      return value->kind == Kind::scalar ? config::scalar_to_yaml(*value) : config::to_flow_yaml(*value);
    };
    changes_.push_back({.subject = subject, .key = key, .before = shown(before), .after = shown(after)});
  }

  std::vector<ConfigChange> changes_;
};

}  // namespace

std::vector<ConfigChange> changes_between(const Value& before, const Value& after) {
  return Comparison().run(before, after);
}

std::string in_words(const ConfigChange& change) {
  const std::string& subject = change.subject;
  if (change.key.empty()) {
    const std::string_view what = change.before.empty()  ? "new"
                                  : change.after.empty() ? "removed"
                                                         : "changed";
    return fmt::format("{} is {}", subject, what);
  }
  if (change.before.empty()) return fmt::format("{}: {} is {}", subject, change.key, change.after);
  if (change.after.empty()) return fmt::format("{}: {} is gone, was {}", subject, change.key, change.before);
  return fmt::format("{}: {} is {}, was {}", subject, change.key, change.after, change.before);
}

std::string in_full(const ConfigChange& change) {
  if (!change.key.empty()) return in_words(change);
  if (change.before.empty()) return fmt::format("{}: {}", in_words(change), change.after);
  if (change.after.empty()) return fmt::format("{}, was {}", in_words(change), change.before);
  return fmt::format("{}: {}, was {}", in_words(change), change.after, change.before);
}

}  // namespace iw::gateway
