#include "config/record.hpp"

#include <algorithm>

#include "base/nearest.hpp"

namespace iw::config::detail {

bool check_keys(const Value& map, const Shape& record, Findings& findings) {
  const std::size_t before = findings.size();
  std::vector<std::string_view> names;
  names.reserve(record.parts.size());
  for (const Shape& field : record.parts)
    names.push_back(field.name);
  for (const Value& child : map.children) {
    if (std::ranges::find(names, child.key) != names.end()) continue;
    findings.error(child.key_place(), fmt::format("no such key here{}", suggestion(child.key, names)));
  }
  return findings.size() == before;
}

bool has_required(const Value& map, const Shape& record, Findings& findings) {
  const std::size_t before = findings.size();
  for (const Shape& field : record.parts) {
    if (!field.required || map.find(field.name) != nullptr) continue;
    findings.error(map.key_place(), fmt::format("'{}' is missing: {}", field.name, field.help));
  }
  return findings.size() == before;
}

bool has_value(const Value& field, const Shape& shape, Findings& findings) {
  if (field.kind != Kind::null || shape.kind == Shape::Kind::any) return true;
  findings.error(field.key_place(), fmt::format("has no value, expected {}", shape.what),
                 "give one or leave the key out");
  return false;
}

}  // namespace iw::config::detail
