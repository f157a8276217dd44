// What the tests of the map share: a device of an image, its points by name, and their values done slowly.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "model/asset.hpp"
#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/image.hpp"
#include "protocols/sunspec/map.hpp"
#include "protocols/sunspec/mapping.hpp"
#include "protocols/sunspec/test_device.hpp"

namespace iw::sunspec {

using modbus::RegisterMap;
using modbus::RegisterPoint;

inline Chain discover(const Image& image) {
  TestDevice device(image);
  Discovery discovery;
  REQUIRE(std::holds_alternative<Done>(device.answer(discovery)));
  return discovery.chain();
}

inline std::string full_name(const RegisterPoint& point) {
  return (point.point.role.empty() ? "" : point.point.role + "/") + to_string(point.point.name);
}

inline const RegisterPoint* find(const RegisterMap& map, std::string_view name) {
  const auto found = std::ranges::find(map.points, name, full_name);
  return found == map.points.end() ? nullptr : &*found;
}

inline const RegisterPoint& get(const RegisterMap& map, std::string_view name) {
  const RegisterPoint* point = find(map, name);
  REQUIRE_MESSAGE(point != nullptr, name);
  return *point;
}

// What registers.hpp promises of a RegisterPoint, done slowly: none is "not available".
inline std::optional<double> evaluate(const RegisterPoint& point,
                                      const std::map<std::uint32_t, std::uint16_t>& registers) {
  std::uint64_t raw = 0;
  const unsigned count = modbus::register_count(point);
  for (unsigned i = 0; i < count; ++i)
    raw = raw << 16U | registers.at(point.address + i);
  if (std::ranges::find(point.sentinels, raw) != point.sentinels.end()) return std::nullopt;
  if (point.zero_is_sentinel && raw == 0) return std::nullopt;
  if (point.bits != 0) raw = raw >> point.bit & ((1ULL << point.bits) - 1);
  const auto signed_raw = to_signed(raw, count);
  double value = static_cast<double>(raw);
  using enum modbus::ValueType;
  if (point.type == i16 || point.type == i32 || point.type == i64) value = static_cast<double>(signed_raw);
  if (point.type == f32) value = double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))};
  if (!std::isfinite(value)) return std::nullopt;
  if (!point.translate.empty()) {
    for (const auto& [from, to] : point.translate)
      if (from == static_cast<std::int64_t>(raw)) return static_cast<double>(to);
    return std::nullopt;
  }
  if (point.scale_register) {
    const auto exponent = scale_factor(registers.at(point.scale_register->address));
    if (!exponent) return std::nullopt;
    value = scale_by(value, *exponent);
  }
  value = value * point.scale + point.offset;
  return point.magnitude ? std::abs(value) : value;
}

inline std::map<std::string, std::optional<double>> values(const Image& image,
                                                           const MapOptions& options = {}) {
  const TestDevice device(image);
  std::map<std::string, std::optional<double>> all;
  for (const RegisterPoint& point : make_map(discover(image), options).points)
    all[full_name(point)] = evaluate(point, device.registers);
  return all;
}

inline double value(const std::map<std::string, std::optional<double>>& all, const std::string& name) {
  const auto found = all.find(name);
  REQUIRE_MESSAGE(found != all.end(), name);
  REQUIRE_MESSAGE(found->second.has_value(), name);
  return *found->second;
}

}  // namespace iw::sunspec
