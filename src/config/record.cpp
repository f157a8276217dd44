#include "config/record.hpp"

#include <algorithm>

#include "base/nearest.hpp"

namespace iw::config::detail {
namespace {

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

}  // namespace

void Fields::add(std::string_view name, Shape shape, std::string_view help, bool required, Reader reader) {
  shape.name = name;
  shape.required = required;
  shape.help = help;
  readers_.emplace_back(shape_.parts.size(), std::move(reader));
  shape_.parts.push_back(std::move(shape));
}

void Fields::also(const Shape& others) {
  for (Shape field : others.parts) {
    field.required = false;
    const auto known = std::ranges::find(shape_.parts, field.name, &Shape::name);
    if (known == shape_.parts.end()) {
      shape_.parts.push_back(std::move(field));
      continue;
    }
    known->help += "; " + field.help;
    if (known->default_value != field.default_value) known->default_value.clear();
  }
}

bool Fields::check_keys(const Value& map, Findings& findings) const {
  const std::size_t before = findings.size();
  std::vector<std::string_view> names;
  names.reserve(shape_.parts.size());
  for (const Shape& field : shape_.parts)
    names.push_back(field.name);
  for (const Value& child : map.children) {
    if (std::ranges::find(names, child.key) != names.end()) continue;
    findings.error(child.key_place(), fmt::format("no such key here{}", suggestion(child.key, names)));
  }
  return findings.size() == before;
}

bool Fields::read(const Value& map, void* object, Findings& findings) const {
  bool good = has_required(map, shape_, findings);
  for (const auto& [field, reader] : readers_) {
    const Shape& shape = shape_.parts[field];
    const Value* found = map.find(shape.name);
    if (found == nullptr) continue;
    good = has_value(*found, shape, findings) && reader(*found, object, findings) && good;
  }
  return good;
}

}  // namespace iw::config::detail
