#include "protocols/modbus/point_loader.hpp"

#include <algorithm>

#include "base/nearest.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::modbus {

using config::Value;

namespace {

std::uint64_t all_ones(unsigned width) { return width >= 64 ? ~0ULL : (1ULL << width) - 1; }

// The pattern of a sentinel for a type; none when the type can not have it.
std::optional<std::uint64_t> pattern(const Sentinel& sentinel, ValueType type) {
  if (is_text(type) || type == ValueType::boolean) return std::nullopt;
  const std::uint64_t ones = all_ones(bit_width(type));
  switch (sentinel.kind) {
    case Sentinel::Kind::signed_min: return is_signed(type) ? std::optional(ones / 2 + 1) : std::nullopt;
    case Sentinel::Kind::signed_max: return is_signed(type) ? std::optional(ones / 2) : std::nullopt;
    case Sentinel::Kind::ones: return is_unsigned(type) ? std::optional(ones) : std::nullopt;
    case Sentinel::Kind::pattern:
      return sentinel.pattern <= ones ? std::optional(sentinel.pattern) : std::nullopt;
  }
  return std::nullopt;
}

// Where it comes from, for people.
std::string source(const PointRow& row, const RegisterPoint& point) {
  std::string out = fmt::format("{} {}", to_string(point.table), point.address);
  if (!is_bits(point.table)) out += fmt::format(" {}", to_string(point.type));
  if (point.bits > 0) {
    out += fmt::format(" bits {}..{}", point.bit, point.bit + point.bits - 1);
  } else if (point.type == ValueType::boolean && !is_bits(point.table)) {
    out += fmt::format(" bit {}", point.bit);
  }
  if (row.scale != 1) out += fmt::format(" x {}", row.scale);
  if (point.scale_register) out += fmt::format(" x 10^({})", point.scale_register->address);
  if (row.unit) out += " " + *row.unit;
  if (!row.label.empty()) out += fmt::format(" ({})", row.label);
  if (point.revert_timer) out += fmt::format(", revert time in {}", point.revert_timer->address);
  if (point.heartbeat) out += fmt::format(", heartbeat in {}", point.heartbeat->address);
  for (const EnableRegister& enable : point.enables)
    out += fmt::format(", then {} in {}", enable.value, enable.address);
  return out;
}

}  // namespace

std::optional<RegisterPoint> PointLoader::load(const PointRow& row) {
  const Value& place = *row.place;
  RegisterPoint point;
  point.point.name = row.name;
  point.point.role = row.role;
  point.point.rate = row.rate.value_or(rows_.defaults.rate);
  point.point.texts = row.texts;
  check_name(place, row);
  if (!placer_.place(place, row, rows_.defaults.type, point)) return std::nullopt;
  check_bits(place, row, point);
  convert(place, row, point);
  add_sentinels(place, row, point);
  add_scale_register(place, row, point);
  check_writable(place, row, point);
  add_enables(place, row, point);
  add_revert(place, row, point);
  add_heartbeat(place, row, point);
  point.point.source = source(row, point);
  return point;
}

void PointLoader::check_name(const Value& place, const PointRow& row) {
  const auto [first, is_new] = names_.try_emplace({row.role, row.name}, place.line);
  if (!is_new) {
    error(place, "name", fmt::format("{} is already in line {}", model::to_string(row.name), first->second),
          "give one of them another phase, part ('.mppt2') or role");
  }
  std::vector<std::string_view> roles;
  for (const ServedAsset& asset : rows_.assets)
    roles.push_back(asset.role);
  if (std::ranges::find(roles, row.role) != roles.end()) return;
  if (row.role.empty()) {
    error(place, {}, "the point has no role, but every asset has one",
          "name the role, or leave it out of an asset");
  } else {
    std::erase(roles, "");
    error(place, "role", fmt::format("no asset has the role '{}'{}", row.role, suggestion(row.role, roles)));
  }
}

void PointLoader::check_bits(const Value& place, const PointRow& row, RegisterPoint& point) {
  point.bit = row.bit.value_or(0);
  point.bits = row.bits.value_or(0);
  if (!row.bit && !row.bits) return;
  const bool whole = is_unsigned(point.type) || is_signed(point.type);
  const unsigned width = point.type == ValueType::boolean ? 16 : bit_width(point.type);
  const unsigned end = point.bit + std::max<unsigned>(point.bits, 1);
  if (is_bits(point.table)) {
    error(place, row.bit ? "bit" : "bits", "a coil or discrete input is one bit already");
  } else if (point.type == ValueType::boolean ? point.bits > 1 : !whole) {
    error(place, "bits", fmt::format("{} has no bit range", to_string(point.type)), "use u16 or u32");
  } else if (point.type != ValueType::boolean && !row.bits) {
    error(place, "bit", "a bit range needs 'bits', its width", "for one bit make the type bool");
  } else if (end > width) {
    error(place, row.bits ? "bits" : "bit",
          fmt::format("the bits end at {}, but {} has {}", end, to_string(point.type), width));
  }
}

// Unit, scale, offset and sign become one line: canonical = raw x scale + offset.
void PointLoader::convert(const Value& place, const PointRow& row, RegisterPoint& point) {
  const model::QuantityInfo& quantity = model::info(row.name.quantity);
  if ((quantity.cim_class == model::CimClass::StringMeasurement) != is_text(point.type)) {
    error(place, "type",
          is_text(point.type) ? fmt::format("{} is a number, not a string", quantity.name)
                              : fmt::format("{} is a text, not {}", quantity.name, to_string(point.type)),
          is_text(point.type) ? "texts have the quantity Text" : "");
    return;
  }
  model::Conversion conversion{quantity.unit, 1, 0};
  const bool needs_unit = quantity.unit != model::Unit::none && quantity.unit != model::Unit::count &&
                          quantity.unit != model::Unit::power_factor;
  if (row.unit) {
    const auto parsed_unit = model::parse_unit(*row.unit);
    if (!parsed_unit) {
      error(place, "unit", fmt::format("'{}' is no unit we know", *row.unit));
      return;
    }
    if (parsed_unit->unit != quantity.unit) {
      error(place, "unit", fmt::format("'{}' can not be the unit of {}", *row.unit, quantity.name),
            needs_unit ? fmt::format("it is measured in {}", model::to_string(quantity.unit))
                       : "leave the unit out");
      return;
    }
    conversion = *parsed_unit;
  } else if (needs_unit) {
    error(place, {},
          fmt::format("'unit' is missing: {} is measured in {}, with or without prefix", quantity.name,
                      model::to_string(quantity.unit)));
    return;
  }
  if (row.scale == 0) error(place, "scale", "a scale of 0 would make every value 0");
  const bool negative = row.negate != (row.scale < 0);
  if (quantity.sign == model::SignRule::never_negative && negative) {
    error(place, row.negate ? "negate" : "scale", fmt::format("{} is never negative", quantity.name),
          "energy and ratings have no sign: for the other direction take the other quantity, as "
          "EnergyExport");
  }
  const double sign = row.negate ? -1 : 1;
  point.scale = row.scale * conversion.scale * sign;
  point.offset = (row.offset * conversion.scale + conversion.offset) * sign;
  if (row.minimum) point.point.minimum = *row.minimum * conversion.scale + conversion.offset;
  if (row.maximum) point.point.maximum = *row.maximum * conversion.scale + conversion.offset;
}

void PointLoader::add_sentinels(const Value& place, const PointRow& row, RegisterPoint& point) {
  for (const Sentinel& sentinel : row.sentinels ? *row.sentinels : rows_.defaults.sentinels) {
    if (const auto bits = pattern(sentinel, point.type)) {
      point.sentinels.push_back(*bits);
    } else if (row.sentinels) {
      error(place, "sentinels",
            sentinel.kind == Sentinel::Kind::pattern
                ? fmt::format("{:#x} is wider than {}", sentinel.pattern, to_string(point.type))
                : fmt::format("{} has no such value", to_string(point.type)),
            "min and max are of signed, ones is of unsigned numbers; NaN needs no mention");
    }
  }
  std::ranges::sort(point.sentinels);
  const auto repeated = std::ranges::unique(point.sentinels);
  point.sentinels.erase(repeated.begin(), repeated.end());
}

void PointLoader::add_scale_register(const Value& place, const PointRow& row, RegisterPoint& point) {
  if (!row.scale_register) return;
  Table table = point.table;
  const auto address = placer_.pdu_address(place, "scale_register", *row.scale_register, table, true);
  if (!address) return;
  const int first = std::min(*address, point.address);
  const int last = std::max(*address + 1, point.address + register_count(point));
  if (last - first > rows_.limits.max_registers) {
    error(place, "scale_register",
          fmt::format("it is too far from the value: both have to come in one read of at most {} registers",
                      rows_.limits.max_registers));
    return;
  }
  point.scale_register = ScaleRegister{*address};
}

void PointLoader::check_writable(const Value& place, const PointRow& row, RegisterPoint& point) {
  if (!row.writable) {
    if (row.minimum || row.maximum)
      error(place, row.minimum ? "min" : "max", "min and max are for writable points");
    return;
  }
  point.point.writable = true;
  if (point.table == Table::input_registers || point.table == Table::discrete_inputs) {
    error(place, "writable", fmt::format("nobody can write to the table {}", to_string(point.table)));
  }
  const auto& [low, high] = std::pair(point.point.minimum, point.point.maximum);
  if (low && high && *low > *high) error(place, "min", "min is greater than max");
  const bool setpoint = model::info(row.name.quantity).cim_class == model::CimClass::SetPoint;
  if (setpoint && (!low || !high)) {
    findings_.warning(place.place(), "a set-point without min and max can be set to anything");
  }
}

void PointLoader::add_enables(const Value& place, const PointRow& row, RegisterPoint& point) {
  if (!row.enables.empty() && !row.writable) error(place, "enable", "enable is for writable points");
  for (const EnableRow& enable : row.enables) {
    Table table = Table::holding_registers;
    const auto address = placer_.pdu_address(*enable.place, "address", enable.address, table, true);
    if (!address) continue;
    if ((enable.value & ~unsigned{enable.mask}) != 0) {
      error(*enable.place, "value",
            fmt::format("{} has bits outside of the mask {:#x}", enable.value, enable.mask));
    }
    point.enables.push_back({.address = *address, .value = enable.value, .mask = enable.mask});
  }
}

void PointLoader::add_revert(const Value& place, const PointRow& row, RegisterPoint& point) {
  if (!row.revert) return;
  const RevertRow& revert = *row.revert;
  if (!row.writable) return error(place, "revert", "revert is for writable points");
  if (revert.after.has_value() == revert.address.has_value()) {
    return error(place, "revert", "revert needs either after or address",
                 "after: 60s where the device has a fixed time, address: of the register that takes it");
  }
  if (revert.after && revert.value) {
    return error(*revert.place, "value", "a value to fall back to needs a timer that is set",
                 "name the register of the time with address");
  }
  point.point.fallback = {.after = revert.after, .to_value = revert.value.has_value()};
  if (revert.after) return;
  Table table = Table::holding_registers;
  const auto address = placer_.pdu_address(*revert.place, "address", *revert.address, table, true);
  if (!address) return;
  point.revert_timer = RevertTimer{.address = *address,
                                   .type = revert.type,
                                   .order = revert.order.value_or(rows_.defaults.order),
                                   .unit = revert.unit};
  if (revert.value)
    point.revert_timer->value_address =
        placer_.pdu_address(*revert.place, "value", *revert.value, table, true);
}

// Of a timer of the device and a heartbeat the shorter one counts.
void PointLoader::add_heartbeat(const Value& place, const PointRow& row, RegisterPoint& point) {
  if (!row.heartbeat) return;
  const HeartbeatRow& heartbeat = *row.heartbeat;
  if (!row.writable) return error(place, "heartbeat", "heartbeat is for writable points");
  Table table = Table::holding_registers;
  const auto address = placer_.pdu_address(*heartbeat.place, "address", heartbeat.address, table, true);
  if (!address) return;
  const std::uint16_t usual = heartbeat.beat == Heartbeat::Beat::count ? 0xFFFF : 1;
  point.heartbeat =
      Heartbeat{.address = *address, .beat = heartbeat.beat, .value = heartbeat.value.value_or(usual)};
  model::Fallback& fallback = point.point.fallback.emplace(point.point.fallback.value_or(model::Fallback{}));
  fallback.after = std::min(fallback.after.value_or(heartbeat.timeout), heartbeat.timeout);
}

}  // namespace iw::modbus
