#include "protocols/sunspec/image.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "protocols/sunspec/decode.hpp"

namespace iw::sunspec {

namespace {

constexpr std::uint16_t sun_s[] = {0x5375, 0x6E53};
constexpr std::uint16_t end_marker[] = {0xFFFF, 0};

// The scale factors that devices usually have: 0.1 V, 0.01 A, 1 W.
int usual_exponent(const PointDefinition& point) {
  struct Usual {
    std::string_view unit;
    int exponent;
  };
  constexpr Usual usual[] = {{"V", -1}, {"A", -2},  {"Hz", -2},    {"C", -1},      {"Pct", -1},
                             {"%", -1}, {"PF", -3}, {"cos()", -3}, {"VNomPct", -1}};
  for (const auto& [unit, exponent] : usual)
    if (point.unit == unit) return exponent;
  if (point.unit.starts_with('%')) return -1;
  return point.scale_factor == "PF_SF" ? -3 : 0;
}

std::uint16_t repeat_of(const Shape& shape, const GroupDefinition& group) {
  if (group.repeat == Repeat::once) return 1;
  const auto found = shape.repeat.find(group.repeat == Repeat::counted ? group.count_point : group.name);
  return found == shape.repeat.end() ? 1 : found->second;
}

std::uint32_t size_of(std::span<const PointDefinition> points) {
  return points.empty() ? 0 : points.back().offset + std::uint32_t{points.back().size};
}

std::uint32_t size_of(std::span<const GroupDefinition> groups, const Shape& shape) {
  std::uint32_t size = 0;
  for (const GroupDefinition& group : groups)
    size += repeat_of(shape, group) * (size_of(group.points) + size_of(group.groups, shape));
  return size;
}

std::uint16_t length_of(const ModelDefinition& model, const Shape& shape) {
  const auto fixed = std::max<std::uint32_t>(header_registers, size_of(model.points));
  return static_cast<std::uint16_t>(fixed + size_of(model.groups, shape) - header_registers);
}

std::uint64_t not_implemented(Type type) {
  const auto patterns = sentinels(type);
  return type == Type::pad ? 0x8000 : patterns.empty() ? 0 : patterns.front();
}

std::uint64_t low_bits(std::size_t registers) {
  return registers >= 4 ? ~0ULL : (1ULL << (16 * registers)) - 1;
}

}  // namespace

ModelImage::ModelImage(const ModelDefinition& definition, const Shape& shape) : definition_(&definition) {
  const std::uint16_t length = shape.length.value_or(length_of(definition, shape));
  registers_.assign(std::size_t{header_registers} + length, 0);
  registers_[0] = definition.id;
  registers_[1] = length;
  const auto times = [&](std::string_view point) {
    const auto found = shape.repeat.find(point);
    return found == shape.repeat.end() ? std::uint16_t{1} : found->second;
  };
  points_ = layout(definition, length, [&](std::uint32_t offset) -> std::optional<std::uint16_t> {
    for (const PointDefinition& point : definition.points)
      if (point.offset == offset) return times(point.name);
    return std::nullopt;
  });
  for (const PlacedPoint& placed : points_)
    if (placed.definition->type != Type::string) store(placed, not_implemented(placed.definition->type));
  for (const std::uint16_t offset : count_offsets(definition)) {
    for (const PlacedPoint& placed : points_)
      if (placed.offset == offset) store(placed, times(placed.definition->name));
  }
}

ModelImage& ModelImage::set(std::string_view point, double value) {
  const PlacedPoint& placed = find(point);
  const PointDefinition& definition = *placed.definition;
  const Type type = definition.type;
  if (!is_number(type))
    throw std::invalid_argument(fmt::format("{} is a {}, not a number", point, to_string(type)));
  if (std::isnan(value)) return set_raw(point, not_implemented(type));
  if (type == Type::float32) return set_raw(point, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  if (type == Type::float64) return set_raw(point, std::bit_cast<std::uint64_t>(value));

  const double steps = std::round(scale_by(value, -exponent(placed)));
  const double range = std::ldexp(1.0, 16 * definition.size);
  if (is_accumulator(type))
    return set_raw(point, static_cast<std::uint64_t>(std::fmod(std::abs(steps), range)));
  const double lowest = is_signed(type) ? -range / 2 : 0;
  const double highest = is_signed(type) ? range / 2 : range;
  if (steps < lowest || steps >= highest) {
    throw std::invalid_argument(fmt::format("{} = {} does not fit {} registers: choose a larger {}", point,
                                            value, definition.size, definition.scale_factor));
  }
  return set_raw(point, is_signed(type) ? static_cast<std::uint64_t>(static_cast<std::int64_t>(steps))
                                        : static_cast<std::uint64_t>(steps));
}

ModelImage& ModelImage::set(std::string_view point, std::string_view text) {
  const PlacedPoint& placed = find(point);
  if (placed.definition->type != Type::string || text.size() > std::size_t{placed.definition->size} * 2)
    throw std::invalid_argument(fmt::format("{} can not hold the text \"{}\"", point, text));
  for (std::size_t i = 0; i < placed.definition->size; ++i) {
    const auto at = [&](std::size_t n) { return n < text.size() ? static_cast<unsigned char>(text[n]) : 0U; };
    registers_[placed.offset + i] = static_cast<std::uint16_t>(at(2 * i) << 8U | at(2 * i + 1));
  }
  return *this;
}

ModelImage& ModelImage::set_raw(std::string_view point, std::uint64_t raw) {
  store(find(point), raw);
  return *this;
}

std::uint32_t ModelImage::offset(std::string_view point) const { return find(point).offset; }

const PlacedPoint& ModelImage::find(std::string_view point) const {
  const auto found = std::ranges::find(points_, point, &PlacedPoint::path);
  if (found == points_.end())
    throw std::invalid_argument(fmt::format("model {} has no point \"{}\"", definition_->id, point));
  return *found;
}

void ModelImage::store(const PlacedPoint& placed, std::uint64_t raw) {
  const std::size_t size = placed.definition->size;
  raw &= low_bits(size);
  for (std::size_t i = size; i-- > 0; raw >>= 16U)
    registers_[placed.offset + i] = static_cast<std::uint16_t>(raw);
}

int ModelImage::exponent(const PlacedPoint& placed) {
  if (!placed.scale_offset) return placed.exponent;
  std::uint16_t& scale = registers_[*placed.scale_offset];
  if (!scale_factor(scale)) scale = static_cast<std::uint16_t>(usual_exponent(*placed.definition));
  return *scale_factor(scale);
}

ModelImage& Image::add(std::uint16_t model, const Shape& shape) {
  const ModelDefinition* definition = find_model(model);
  if (definition == nullptr) throw std::invalid_argument(fmt::format("there is no public model {}", model));
  return add(*definition, shape);
}

ModelImage& Image::add(const ModelDefinition& definition, const Shape& shape) {
  return models_.emplace_back(definition, shape);
}

std::uint32_t Image::address(const ModelImage& model) const {
  std::uint32_t address = base_ + std::uint32_t{2};
  for (const ModelImage& each : models_) {
    if (&each == &model) return address;
    address += static_cast<std::uint32_t>(each.registers().size());
  }
  throw std::invalid_argument("the model is not part of this image");
}

std::vector<std::uint16_t> Image::registers() const {
  std::vector<std::uint16_t> all(std::begin(sun_s), std::end(sun_s));
  for (const ModelImage& model : models_)
    all.insert(all.end(), model.registers().begin(), model.registers().end());
  all.insert(all.end(), std::begin(end_marker), std::end(end_marker));
  return all;
}

}  // namespace iw::sunspec
