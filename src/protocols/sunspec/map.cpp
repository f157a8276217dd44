#include "protocols/sunspec/map.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/asset.hpp"
#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/mapping.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::sunspec {

namespace {

using model::Quantity;

constexpr std::uint16_t max_repetitions = 64;  // of a group: more parts than that is a broken count
constexpr std::uint32_t address_space = 0x10000;

constexpr std::uint16_t enum_sentinel = 0xFFFF;  // of enum16: not implemented

// 714.PrtTyp
constexpr std::uint16_t port_pv = 0;
constexpr std::uint16_t port_ess = 1;

// Where to find what a percentage is of, the best first.
struct Rating {
  PercentOf of{};
  std::uint16_t model = 0;
  std::string_view point;
};
constexpr std::array ratings{
    Rating{PercentOf::max_power, 702, "WMax"}, Rating{PercentOf::max_power, 702, "WMaxRtg"},
    Rating{PercentOf::max_power, 121, "WMax"}, Rating{PercentOf::max_power, 120, "WRtg"},
    Rating{PercentOf::max_charge_power, 124, "WChaMax"}};

constexpr std::array<std::uint16_t, 4> storage_models{124, 713, 802, 803};

std::optional<std::size_t> rank_of(std::uint16_t model) {
  const auto order = preference();
  const auto found = std::ranges::find(order, model);
  if (found == order.end()) return std::nullopt;
  return static_cast<std::size_t>(found - order.begin());
}

const Mapping* find_mapping(std::uint16_t model, std::string_view family) {
  const auto rows = mappings();
  const auto found = std::ranges::find_if(rows, [&](const Mapping& row) {
    return row.first <= model && model <= row.last && row.point == family;
  });
  return found == rows.end() ? nullptr : &*found;
}

RegisterAt facts_of(const ModelBlock& block) {
  return [&block](std::uint32_t offset) -> std::optional<std::uint16_t> {
    const auto fact = block.facts.find(offset);
    return fact == block.facts.end() ? std::nullopt : fact->second;
  };
}

std::vector<PlacedPoint> layout_of(const ModelBlock& block) {
  auto placed = layout(*find_model(block.id), block.length, facts_of(block));
  std::erase_if(placed, [&](const PlacedPoint& point) {
    return point.repetition > max_repetitions ||
           std::uint32_t{block.address} + point.offset + point.definition->size > address_space;
  });
  return placed;
}

// Can value and scale factor be read in one request?
bool within_reach(const PlacedPoint& placed, std::uint16_t max_registers) {
  if (!placed.scale_offset) return true;
  const std::uint32_t first = std::min(placed.offset, *placed.scale_offset);
  const std::uint32_t end = std::max(placed.offset + placed.definition->size, *placed.scale_offset + 1);
  return end - first <= max_registers;
}

modbus::ValueType value_type(Type type) {
  using enum modbus::ValueType;
  switch (type) {
    case Type::int16:
    case Type::sunssf: return i16;
    case Type::uint16:
    case Type::count:
    case Type::acc16:
    case Type::enum16:
    case Type::bitfield16:
    case Type::pad: return u16;
    case Type::int32: return i32;
    case Type::uint32:
    case Type::acc32:
    case Type::enum32:
    case Type::bitfield32:
    case Type::ipaddr: return u32;
    case Type::float32: return f32;
    case Type::float64: return f64;
    case Type::int64: return i64;
    case Type::uint64:
    case Type::acc64:
    case Type::eui48: return u64;
    case Type::ipv6addr:
    case Type::string: return string;
  }
  return u16;
}

// Whether the device has a point that it may leave out; its first register tells.
bool is_there(const ModelBlock& block, std::string_view name) {
  const PointDefinition& point = *find_model(block.id)->find(name);
  const auto first = facts_of(block)(point.offset);
  if (!first) return false;
  return *first != static_cast<std::uint16_t>(sentinels(point.type).front() >> (16U * (point.size - 1U)));
}

// One asset behind the unit: the first 203 of the second sub-device, as a meter.
struct AssetKey {
  std::uint16_t sub_device = 0;
  std::uint16_t occurrence = 0;  // of the same model in the sub-device
  Asset asset{};

  friend auto operator<=>(const AssetKey&, const AssetKey&) = default;
};

struct Candidate {
  std::size_t rank = 0;
  AssetKey key;
  modbus::RegisterPoint point;
};

class Mapper {
 public:
  Mapper(const Chain& chain, const MapOptions& options) : chain_(chain), options_(options) {}

  modbus::RegisterMap map() && {
    std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint16_t> seen;  // sub-device, model -> how often
    for (const ModelBlock& block : chain_.models) {
      const std::uint16_t occurrence = seen[{block.sub_device, block.id}]++;
      if (const auto rank = rank_of(block.id)) add(block, *rank, occurrence);
    }
    name_roles();

    modbus::RegisterMap map{.points = {}, .limits = options_.limits, .identity = {}};
    for (const auto& [key, role] : roles_)
      map.kinds.emplace(role, kind_of(key));
    if (!chain_.sub_devices.empty()) map.identity = chain_.sub_devices.front();
    std::ranges::sort(candidates_, {}, [](const Candidate& candidate) {
      return std::tuple{candidate.rank, candidate.point.address};
    });
    std::set<std::pair<std::string, model::PointName>> taken;
    for (Candidate& candidate : candidates_) {
      model::Point& point = candidate.point.point;
      point.role = roles_[candidate.key];
      if (taken.emplace(point.role, point.name).second) map.points.push_back(std::move(candidate.point));
    }
    std::ranges::sort(map.points, {}, &modbus::RegisterPoint::address);
    return map;
  }

 private:
  void add(const ModelBlock& block, std::size_t rank, std::uint16_t occurrence) {
    const std::vector<PlacedPoint> points = layout_of(block);
    const PortNames ports = name_ports(block, points);
    for (const PlacedPoint& placed : points) {
      const Mapping* row = find_mapping(block.id, placed.family);
      if (row == nullptr) continue;
      AssetKey key{.sub_device = block.sub_device, .occurrence = occurrence, .asset = row->asset};
      auto point = register_point(block, placed, *row);
      if (!point) continue;
      point->point.name.component = component(placed, *row, ports);
      if (row->more.parts == Parts::port && ports.storage.contains(placed.repetition))
        key.asset = Asset::battery;
      // Nameplates of inverters have places for a battery; there is one only if a storage model says so.
      if (key.asset == Asset::battery && !has_storage(block)) continue;
      candidates_.push_back({.rank = rank, .key = key, .point = std::move(*point)});
    }
  }

  [[nodiscard]] bool has_storage(const ModelBlock& block) const {
    return block.id == 714 || std::ranges::any_of(chain_.models, [&](const ModelBlock& other) {
             return other.sub_device == block.sub_device &&
                    std::ranges::find(storage_models, other.id) != storage_models.end();
           });
  }

  // The ports of model 714, by repetition.
  struct PortNames {
    std::map<std::uint16_t, std::string> names;
    std::set<std::uint16_t> storage;
  };

  static PortNames name_ports(const ModelBlock& block, std::span<const PlacedPoint> points) {
    PortNames ports;
    unsigned pv = 0;
    for (const PlacedPoint& placed : points) {
      if (block.id != 714 || placed.family != "Prt.PrtTyp") continue;
      const auto type = facts_of(block)(placed.offset);
      std::string& name = ports.names[placed.repetition];
      name = fmt::format("port{}", placed.repetition);
      if (type == port_pv) name = fmt::format("mppt{}", ++pv);
      if (type == port_ess && ports.storage.empty()) name.clear();
      if (type == port_ess) ports.storage.insert(placed.repetition);
    }
    return ports;
  }

  static std::string component(const PlacedPoint& placed, const Mapping& row, const PortNames& ports) {
    const std::string_view name = row.more.component;
    switch (row.more.parts) {
      case Parts::none: break;
      case Parts::mppt: return fmt::format("mppt{}", placed.repetition);
      case Parts::string: return fmt::format("string{}", placed.repetition);
      case Parts::sensor:
        return placed.repetition == 1 ? std::string(name) : fmt::format("{}{}", name, placed.repetition);
      case Parts::port: {
        const auto port = ports.names.find(placed.repetition);
        return port == ports.names.end() ? fmt::format("port{}", placed.repetition) : port->second;
      }
    }
    return std::string(name);
  }

  // In watts; none when the device does not say it.
  [[nodiscard]] std::optional<double> rating(PercentOf of, std::uint16_t sub_device) const {
    for (const Rating& rating : ratings) {
      for (const ModelBlock& block : chain_.models) {
        if (rating.of != of || block.id != rating.model || block.sub_device != sub_device) continue;
        const ModelDefinition& definition = *find_model(block.id);
        const PointDefinition& point = *definition.find(rating.point);
        const auto raw = facts_of(block)(point.offset);
        const auto scale = facts_of(block)(definition.find(point.scale_factor)->offset);
        if (!raw || is_sentinel(point.type, *raw) || *raw == 0 || !scale || !scale_factor(*scale)) continue;
        return scale_by(*raw, *scale_factor(*scale));
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] double sign(Frame frame) const {
    switch (frame) {
      case Frame::generator: return -1;
      case Frame::meter: return options_.meter_sign;
      case Frame::storage: return options_.battery_sign;
      case Frame::canonical:
      case Frame::magnitude: break;
    }
    return 1;
  }

  [[nodiscard]] std::optional<int> overridden(const ModelBlock& block, const PointDefinition& point) const {
    for (const ScaleOverride& each : options_.scale_overrides)
      if (each.model == block.id && each.scale_factor == point.scale_factor) return each.exponent;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<modbus::RegisterPoint> register_point(const ModelBlock& block,
                                                                    const PlacedPoint& placed,
                                                                    const Mapping& row) const {
    const PointDefinition& definition = *placed.definition;
    modbus::RegisterPoint point{.point = {},
                                .address = static_cast<std::uint16_t>(block.address + placed.offset)};
    point.point.name = {.quantity = row.quantity, .phase = row.phase};
    point.point.rate = rate_of(row.quantity);
    point.point.writable = row.more.writable;
    point.type = value_type(definition.type);
    point.magnitude = row.frame == Frame::magnitude;
    if (row.more.bit_0) point.bits = 1;
    if (is_accumulator(definition.type)) {
      point.zero_is_sentinel = (definition.flags & mandatory) == 0;
    } else {
      const auto none = sentinels(definition.type);
      point.sentinels.assign(none.begin(), none.end());
    }

    double factor = sign(row.frame);
    if (row.quantity == Quantity::PowerFactor && definition.unit == "Pct") factor *= 0.01;
    const auto watts = rating(row.more.percent_of, block.sub_device);
    if (row.more.percent_of != PercentOf::nothing) {
      if (!watts) return std::nullopt;
      factor *= *watts / 100;
    }
    point.point.source =
        fmt::format("{}.{} at {} {}", block.id, placed.path, point.address, to_string(definition.type));
    set_scale(point, block, placed, factor);
    if (point.point.writable) {
      set_revert(point, block, placed);
      set_enables(point, block, placed);
    }
    set_words(point.point, point.translate, row.more.words);
    set_range(
        point.point, row,
        row.more.percent_of != PercentOf::nothing ? watts : rating(PercentOf::max_power, block.sub_device));
    return point;
  }

  void set_scale(modbus::RegisterPoint& point, const ModelBlock& block, const PlacedPoint& placed,
                 double factor) const {
    std::optional<int> exponent = placed.exponent;
    std::string& source = point.point.source;
    const std::string_view name = placed.definition->scale_factor;
    if (placed.scale_offset) {
      exponent = overridden(block, *placed.definition);
      // Out of reach of the value's request: what it was at discovery.
      if (!exponent && !within_reach(placed, options_.limits.max_registers)) {
        if (const auto raw = facts_of(block)(*placed.scale_offset)) exponent = scale_factor(*raw);
      }
      if (!exponent) {
        point.scale_register = {static_cast<std::uint16_t>(block.address + *placed.scale_offset)};
        source += fmt::format(" x 10^{}({})", name, point.scale_register->address);
      } else {
        source += fmt::format(" x 10^{} ({})", *exponent, name);
      }
    } else if (placed.exponent != 0) {
      source += fmt::format(" x 10^{}", placed.exponent);
    }
    point.scale = scale_by(factor, exponent.value_or(0));
    if (factor != 1) source += fmt::format(" x {:.6g}", factor);
  }

  static void set_revert(modbus::RegisterPoint& point, const ModelBlock& block, const PlacedPoint& placed) {
    const auto rows = revertings();
    const auto row = std::ranges::find_if(
        rows, [&](const Reverting& each) { return each.model == block.id && each.point == placed.family; });
    if (row == rows.end()) return;
    const auto address = [&](std::string_view name) -> std::optional<std::uint16_t> {
      if (name.empty() || !is_there(block, name)) return std::nullopt;
      return static_cast<std::uint16_t>(block.address + find_model(block.id)->find(name)->offset);
    };
    const auto time = address(row->time);
    if (!time) return;
    modbus::RevertTimer timer{.address = *time,
                              .type = value_type(find_model(block.id)->find(row->time)->type)};
    const auto value = address(row->value);
    const auto enable = address(row->enable);
    if (value && enable) {
      timer.value_address = value;
      timer.value_enable = modbus::EnableRegister{.address = *enable};
    }
    point.point.fallback = model::Fallback{.after = {}, .to_value = timer.value_address.has_value()};
    point.revert_timer = timer;
    point.point.source += fmt::format(", held for {} at {}", row->time, timer.address);
  }

  static void set_enables(modbus::RegisterPoint& point, const ModelBlock& block, const PlacedPoint& placed) {
    for (const Enabling& row : enablings()) {
      if (row.model != block.id || row.point != placed.family) continue;
      const std::uint32_t offset = find_model(block.id)->find(row.by)->offset;
      if (offset >= std::uint32_t{header_registers} + block.length) continue;
      const auto address = static_cast<std::uint16_t>(block.address + offset);
      point.enables.push_back({.address = address,
                               .value = row.value,
                               .mask = row.mask,
                               .sentinel = row.optional ? std::optional(enum_sentinel) : std::nullopt});
      point.point.source += fmt::format(", enabled by {} at {}", row.by, address);
    }
  }

  static void set_words(model::Point& point, std::vector<std::pair<std::int64_t, std::int64_t>>& translate,
                        std::span<const Word> words) {
    const bool same = std::ranges::all_of(words, [](const Word& word) { return word.raw == word.canonical; });
    for (const Word& word : words) {
      point.texts.emplace_back(word.canonical, word.text);
      if (!same) translate.emplace_back(word.raw, word.canonical);
    }
    std::ranges::sort(point.texts);
  }

  static void set_range(model::Point& point, const Mapping& row, std::optional<double> watts) {
    if (!row.more.writable) return;
    if (!point.texts.empty()) {
      point.minimum = static_cast<double>(point.texts.front().first);
      point.maximum = static_cast<double>(point.texts.back().first);
    } else if (row.more.percent_of != PercentOf::nothing) {
      point.minimum = 0;
      point.maximum = watts;
    } else if (row.quantity == Quantity::ActivePowerSetpoint && watts) {
      point.minimum = -*watts;
      point.maximum = watts;
    }
  }

  // The first inverter is the main asset, without an inverter the first asset.
  void name_roles() {
    std::vector<AssetKey> keys;
    for (const Candidate& candidate : candidates_)
      if (std::ranges::find(keys, candidate.key) == keys.end()) keys.push_back(candidate.key);
    if (keys.empty()) return;
    const auto inverter = std::ranges::find(keys, Asset::inverter, &AssetKey::asset);
    const AssetKey main = inverter == keys.end() ? keys.front() : *inverter;
    const bool is_storage = kind_of(main) == model::AssetKind::battery && has_storage_model(main.sub_device);
    std::map<Asset, unsigned> count;
    for (const AssetKey& key : keys) {
      std::string& role = roles_[key];
      const bool of_main = key.sub_device == main.sub_device && key.occurrence == main.occurrence;
      if (is_storage && of_main && key.asset == Asset::battery) continue;
      const unsigned number = ++count[key.asset];
      if (key == main) continue;
      role =
          number == 1 ? std::string(to_string(key.asset)) : fmt::format("{}{}", to_string(key.asset), number);
    }
  }

  // A model of the storage itself, not only the inverter's controls of it (124).
  [[nodiscard]] bool has_storage_model(std::uint16_t sub_device) const {
    return std::ranges::any_of(chain_.models, [&](const ModelBlock& block) {
      return block.sub_device == sub_device && (block.id == 713 || block.id == 802 || block.id == 803);
    });
  }

  // An inverter with a storage model and no input of PV is the battery's: to the site it is the battery.
  [[nodiscard]] model::AssetKind kind_of(const AssetKey& key) const {
    switch (key.asset) {
      case Asset::meter: return model::AssetKind::meter;
      case Asset::battery: return model::AssetKind::battery;
      case Asset::weather: return model::AssetKind::weather_station;
      case Asset::inverter: break;
    }
    const auto is_of = [&](Asset asset, std::string_view component) {
      return std::ranges::any_of(candidates_, [&](const Candidate& candidate) {
        return candidate.key.sub_device == key.sub_device && candidate.key.asset == asset &&
               candidate.point.point.name.component.starts_with(component);
      });
    };
    const bool storage_only = is_of(Asset::battery, "") && !is_of(Asset::inverter, "mppt");
    return storage_only ? model::AssetKind::battery : model::AssetKind::inverter;
  }

  const Chain& chain_;
  const MapOptions& options_;
  std::vector<Candidate> candidates_;
  std::map<AssetKey, std::string> roles_;
};

}  // namespace

modbus::RegisterMap make_map(const Chain& chain, const MapOptions& options) {
  return Mapper(chain, options).map();
}

std::optional<std::uint32_t> open_question(const ModelBlock& block) {
  const auto unknown = [&](std::uint32_t offset) {
    return offset < std::uint32_t{header_registers} + block.length && !block.facts.contains(offset);
  };
  const ModelDefinition* definition = find_model(block.id);
  if (definition == nullptr) return std::nullopt;
  for (const Rating& rating : ratings) {
    if (rating.model != block.id) continue;
    const PointDefinition& point = *definition->find(rating.point);
    for (const std::uint16_t offset : {point.offset, definition->find(point.scale_factor)->offset})
      if (unknown(offset)) return offset;
  }
  if (!rank_of(block.id)) return std::nullopt;
  for (const Reverting& row : revertings()) {
    if (row.model != block.id) continue;
    for (const std::string_view name : {row.time, row.value, row.enable}) {
      if (name.empty()) continue;
      if (const std::uint16_t offset = definition->find(name)->offset; unknown(offset)) return offset;
    }
  }
  for (const std::uint16_t offset : count_offsets(*definition))
    if (unknown(offset)) return offset;
  for (const PlacedPoint& placed : layout_of(block)) {
    if (placed.family == "Prt.PrtTyp" && unknown(placed.offset)) return placed.offset;
    if (find_mapping(block.id, placed.family) == nullptr) continue;
    if (!within_reach(placed, modbus::DeviceLimits{}.max_registers) && unknown(*placed.scale_offset)) {
      return placed.scale_offset;
    }
  }
  return std::nullopt;
}

}  // namespace iw::sunspec
