// The tables of models, one file for each hundred, and what makes a table right. For models.cpp only.
#pragma once

#include <span>
#include <string_view>

#include "protocols/sunspec/models.hpp"

namespace iw::sunspec {

std::span<const ModelDefinition> common_models();
std::span<const ModelDefinition> inverter_models();
std::span<const ModelDefinition> meter_models();
std::span<const ModelDefinition> site_models();
std::span<const ModelDefinition> der_models();
std::span<const ModelDefinition> storage_models();
std::span<const ModelDefinition> vendor_models();

// Registers of a type; 0: the point says it (string).
constexpr std::uint16_t registers_of(Type type) {
  if (type == Type::string) return 0;
  if (type <= Type::sunssf) return 1;
  if (type <= Type::float32) return 2;
  return type == Type::ipv6addr ? 8 : 4;
}

constexpr bool is_constant(std::string_view scale_factor) {
  return !scale_factor.empty() &&
         (scale_factor[0] == '-' || (scale_factor[0] >= '0' && scale_factor[0] <= '9'));
}

constexpr const PointDefinition* find_point(std::span<const PointDefinition> points, std::string_view name) {
  for (const PointDefinition& point : points)
    if (point.name == name) return &point;
  return nullptr;
}

// The points follow each other without a hole, have the registers of their type, and each scale factor is a
// sunssf of the same points or of `outer`.
constexpr bool well_formed(std::span<const PointDefinition> points, std::uint32_t begin,
                           std::span<const PointDefinition> outer) {
  for (const PointDefinition& point : points) {
    if (point.offset != begin) return false;
    if (registers_of(point.type) != 0 && registers_of(point.type) != point.size) return false;
    begin += point.size;
    if (point.scale_factor.empty() || is_constant(point.scale_factor)) continue;
    const PointDefinition* scale = find_point(points, point.scale_factor);
    if (scale == nullptr) scale = find_point(outer, point.scale_factor);
    if (scale == nullptr || scale->type != Type::sunssf) return false;
  }
  return true;
}

constexpr bool well_formed(std::span<const GroupDefinition> groups, std::span<const PointDefinition> model) {
  for (const GroupDefinition& group : groups) {
    if (!well_formed(group.points, 0, model) || !well_formed(group.groups, model)) return false;
    if ((group.repeat == Repeat::counted) != (find_point(model, group.count_point) != nullptr)) return false;
  }
  return true;
}

constexpr bool well_formed(std::span<const ModelDefinition> models) {
  for (const ModelDefinition& model : models)
    if (!well_formed(model.points, header_registers, {}) || !well_formed(model.groups, model.points))
      return false;
  return true;
}

}  // namespace iw::sunspec
