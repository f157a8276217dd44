#include "protocols/sunspec/models.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "protocols/sunspec/tables.hpp"

namespace iw::sunspec {

namespace {

// Lays out one model: walks points and groups with a cursor, as long as they fit.
class Placer {
 public:
  Placer(const ModelDefinition& model, std::uint16_t length, const RegisterAt& at)
      : model_(model), end_(std::uint32_t{header_registers} + length), at_(at) {}

  std::vector<PlacedPoint> place() && {
    points(model_.points, 0, {});
    const auto last = model_.points.empty() ? PointDefinition{} : model_.points.back();
    cursor_ = std::max<std::uint32_t>(header_registers, last.offset + std::uint32_t{last.size});
    groups(model_.groups, {});
    return std::move(placed_);
  }

 private:
  struct Scope {
    std::string path;    // "Crv[2]."
    std::string family;  // "Crv."
    std::uint16_t repetition = 0;
  };

  void points(std::span<const PointDefinition> points, std::uint32_t base, const Scope& scope) {
    for (const PointDefinition& point : points) {
      const std::uint32_t offset = base + point.offset;
      if (offset + point.size > end_) return;
      PlacedPoint placed{.definition = &point,
                         .path = scope.path + std::string(point.name),
                         .family = scope.family + std::string(point.name),
                         .repetition = scope.repetition,
                         .offset = offset};
      if (find_scale(point, points, base, placed)) placed_.push_back(std::move(placed));
    }
  }

  // False when the point has a scale factor and it lies beyond the end.
  bool find_scale(const PointDefinition& point, std::span<const PointDefinition> siblings, std::uint32_t base,
                  PlacedPoint& placed) const {
    const std::string_view name = point.scale_factor;
    if (name.empty()) return true;
    if (is_constant(name)) {
      std::from_chars(name.data(), name.data() + name.size(), placed.exponent);
      return true;
    }
    if (const PointDefinition* own = find_point(siblings, name)) {
      placed.scale_offset = base + own->offset;
    } else {
      placed.scale_offset = find_point(model_.points, name)->offset;
    }
    return *placed.scale_offset < end_;
  }

  void groups(std::span<const GroupDefinition> groups, const Scope& scope) {
    for (const GroupDefinition& group : groups) {
      const std::uint32_t times = repetitions(group);
      for (std::uint32_t i = 1; i <= times && cursor_ < end_; ++i) {
        // The last of a group that fills the model must fit as a whole.
        if (group.repeat == Repeat::to_end && cursor_ + size(group.points) > end_) return;
        Scope inner{.path = scope.path + std::string(group.name),
                    .family = fmt::format("{}{}.", scope.family, group.name),
                    .repetition = scope.repetition};
        if (group.repeat != Repeat::once) {
          inner.path += fmt::format("[{}]", i);
          if (inner.repetition == 0) inner.repetition = static_cast<std::uint16_t>(i);
        }
        inner.path += '.';
        points(group.points, cursor_, inner);
        cursor_ += size(group.points);
        this->groups(group.groups, inner);
      }
    }
  }

  static std::uint32_t size(std::span<const PointDefinition> points) {
    return points.empty() ? 0 : points.back().offset + std::uint32_t{points.back().size};
  }

  [[nodiscard]] std::uint32_t repetitions(const GroupDefinition& group) const {
    switch (group.repeat) {
      case Repeat::once: return 1;
      case Repeat::to_end: return end_;
      case Repeat::counted: break;
    }
    const auto count = at_(find_point(model_.points, group.count_point)->offset);
    return count.value_or(0) == 0xFFFF ? 0 : count.value_or(0);
  }

  const ModelDefinition& model_;
  std::uint32_t end_;
  const RegisterAt& at_;
  std::uint32_t cursor_ = 0;
  std::vector<PlacedPoint> placed_;
};

void collect_count_offsets(const ModelDefinition& model, std::span<const GroupDefinition> groups,
                           std::vector<std::uint16_t>& offsets) {
  for (const GroupDefinition& group : groups) {
    if (group.repeat == Repeat::counted) offsets.push_back(model.find(group.count_point)->offset);
    collect_count_offsets(model, group.groups, offsets);
  }
}

}  // namespace

std::string_view to_string(Type type) {
  constexpr std::array names{
      std::string_view{"int16"},      std::string_view{"uint16"}, std::string_view{"count"},
      std::string_view{"acc16"},      std::string_view{"enum16"}, std::string_view{"bitfield16"},
      std::string_view{"pad"},        std::string_view{"sunssf"}, std::string_view{"int32"},
      std::string_view{"uint32"},     std::string_view{"acc32"},  std::string_view{"enum32"},
      std::string_view{"bitfield32"}, std::string_view{"ipaddr"}, std::string_view{"float32"},
      std::string_view{"int64"},      std::string_view{"uint64"}, std::string_view{"acc64"},
      std::string_view{"float64"},    std::string_view{"eui48"},  std::string_view{"ipv6addr"},
      std::string_view{"string"}};
  static_assert(names.size() == static_cast<std::size_t>(Type::string) + 1);
  return names.at(static_cast<std::size_t>(type));
}

bool is_accumulator(Type type) { return type == Type::acc16 || type == Type::acc32 || type == Type::acc64; }
bool is_float(Type type) { return type == Type::float32 || type == Type::float64; }
bool is_bitfield(Type type) { return type == Type::bitfield16 || type == Type::bitfield32; }

bool is_signed(Type type) {
  return type == Type::int16 || type == Type::int32 || type == Type::int64 || type == Type::sunssf;
}

bool is_number(Type type) {
  return type != Type::string && type != Type::pad && type != Type::ipaddr && type != Type::ipv6addr &&
         type != Type::eui48;
}

std::span<const std::uint64_t> sentinels(Type type) {
  static constexpr std::array<std::uint64_t, 1> zero{0};
  static constexpr std::array<std::uint64_t, 1> lowest_16{0x8000};
  static constexpr std::array<std::uint64_t, 1> lowest_32{0x8000'0000};
  static constexpr std::array<std::uint64_t, 1> lowest_64{0x8000'0000'0000'0000};
  static constexpr std::array<std::uint64_t, 1> ones_16{0xFFFF};
  static constexpr std::array<std::uint64_t, 1> ones_32{0xFFFF'FFFF};
  static constexpr std::array<std::uint64_t, 1> ones_64{0xFFFF'FFFF'FFFF'FFFF};
  static constexpr std::array<std::uint64_t, 2> bits_16{0xFFFF, 0x8000};
  static constexpr std::array<std::uint64_t, 2> bits_32{0xFFFF'FFFF, 0x8000'0000};
  static constexpr std::array<std::uint64_t, 2> ones_48{0x0000'FFFF'FFFF'FFFF, 0xFFFF'FFFF'FFFF'FFFF};
  static constexpr std::array<std::uint64_t, 1> nan_32{0x7FC0'0000};
  static constexpr std::array<std::uint64_t, 1> nan_64{0x7FF8'0000'0000'0000};
  switch (type) {
    case Type::int16:
    case Type::sunssf: return lowest_16;
    case Type::uint16:
    case Type::count:
    case Type::enum16: return ones_16;
    case Type::bitfield16: return bits_16;
    case Type::int32: return lowest_32;
    case Type::uint32:
    case Type::enum32: return ones_32;
    case Type::bitfield32: return bits_32;
    case Type::int64: return lowest_64;
    case Type::uint64: return ones_64;
    case Type::eui48: return ones_48;
    case Type::float32: return nan_32;
    case Type::float64: return nan_64;
    case Type::acc16:
    case Type::acc32:
    case Type::acc64:
    case Type::ipaddr: return zero;
    case Type::pad:
    case Type::ipv6addr:
    case Type::string: return {};
  }
  return {};
}

bool is_sentinel(Type type, std::uint64_t raw) {
  switch (type) {
    case Type::bitfield16: return (raw & 0x8000) != 0;
    case Type::bitfield32: return (raw & 0x8000'0000) != 0;
    case Type::float32: return (raw & 0x7FFF'FFFF) > 0x7F80'0000;
    case Type::float64: return (raw & 0x7FFF'FFFF'FFFF'FFFF) > 0x7FF0'0000'0000'0000;
    default: break;
  }
  const auto none = sentinels(type);
  return std::ranges::find(none, raw) != none.end();
}

const PointDefinition* ModelDefinition::find(std::string_view point) const {
  return find_point(points, point);
}

std::vector<const ModelDefinition*> all_models() {
  std::vector<const ModelDefinition*> all;
  for (const auto table : {common_models(), inverter_models(), meter_models(), site_models(), der_models(),
                           storage_models(), vendor_models()}) {
    for (const ModelDefinition& model : table)
      all.push_back(&model);
  }
  return all;
}

const ModelDefinition* find_model(std::uint16_t id) {
  const auto all = all_models();
  const auto found = std::ranges::find(all, id, &ModelDefinition::id);
  return found == all.end() ? nullptr : *found;
}

std::vector<PlacedPoint> layout(const ModelDefinition& model, std::uint16_t length, const RegisterAt& at) {
  return Placer(model, length, at).place();
}

std::vector<std::uint16_t> count_offsets(const ModelDefinition& model) {
  std::vector<std::uint16_t> offsets;
  collect_count_offsets(model, model.groups, offsets);
  std::ranges::sort(offsets);
  const auto repeated = std::ranges::unique(offsets);
  offsets.erase(repeated.begin(), repeated.end());
  return offsets;
}

}  // namespace iw::sunspec
