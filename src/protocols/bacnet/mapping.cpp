#include "protocols/bacnet/mapping.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocols/bacnet/units.hpp"

namespace iw::bacnet {
namespace {

using model::Phase;
using model::Quantity;
using model::Unit;

// Words in the name of an object, lower case, split at everything that is no letter or digit and where a
// capital follows small letters: not in kW.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  char before = ' ';
  const auto flush = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (!upper && !lower && !digit) {
      flush();
    } else {
      if (upper && before >= 'a' && before <= 'z' && word.size() > 1) flush();
      word.push_back(upper ? static_cast<char>(c + 32) : c);
    }
    before = c;
  }
  flush();
  return words;
}

bool has_any(const std::vector<std::string>& words, std::span<const std::string_view> wanted) {
  return std::ranges::any_of(words, [&](const std::string& word) {
    return std::ranges::find(wanted, std::string_view(word)) != wanted.end();
  });
}

constexpr std::array<std::string_view, 9> export_words{"export", "exported", "delivered", "feed",      "fed",
                                                       "supply", "produced", "generated", "generation"};
constexpr std::array<std::string_view, 5> setpoint_words{"setpoint", "sp", "setpt", "stpt", "target"};
constexpr std::array<std::string_view, 4> limit_words{"limit", "max", "cap", "curtailment"};
constexpr std::array<std::string_view, 4> charge_words{"soc", "charge", "battery", "level"};
constexpr std::array<std::string_view, 3> cabinet_words{"cabinet", "enclosure", "inverter"};
constexpr std::array<std::string_view, 5> alarm_words{"alarm", "fault", "alm", "trip", "flt"};
constexpr std::array<std::string_view, 2> dc_words{"dc", "pv"};

// A number in the unit, for which the words of the name decide.
Quantity quantity_of(Unit unit, const std::vector<std::string>& words) {
  const bool out = has_any(words, export_words);
  const bool dc = has_any(words, dc_words);
  switch (unit) {
    case Unit::W:
      if (has_any(words, setpoint_words)) return Quantity::ActivePowerSetpoint;
      if (has_any(words, limit_words)) return Quantity::ActivePowerLimit;
      return dc ? Quantity::DcPower : Quantity::ActivePower;
    case Unit::VAr:
      return has_any(words, setpoint_words) ? Quantity::ReactivePowerSetpoint : Quantity::ReactivePower;
    case Unit::VA: return Quantity::ApparentPower;
    case Unit::Wh: return out ? Quantity::EnergyExport : Quantity::EnergyImport;
    case Unit::VArh: return out ? Quantity::ReactiveEnergyExport : Quantity::ReactiveEnergyImport;
    case Unit::VAh: return out ? Quantity::ApparentEnergyExport : Quantity::ApparentEnergyImport;
    case Unit::A: return dc ? Quantity::DcCurrent : Quantity::Current;
    case Unit::V: return dc ? Quantity::DcVoltage : Quantity::VoltageLN;
    case Unit::Hz: return Quantity::Frequency;
    case Unit::power_factor: return Quantity::PowerFactor;
    case Unit::degC:
      return has_any(words, cabinet_words) ? Quantity::CabinetTemperature : Quantity::AirTemperature;
    case Unit::W_per_m2: return Quantity::Irradiance;
    case Unit::m_per_s: return Quantity::WindSpeed;
    case Unit::percent: return has_any(words, charge_words) ? Quantity::StateOfCharge : Quantity::Count;
    default: return Quantity::Count;
  }
}

struct PhaseWord {
  std::string_view word;
  Phase phase;
};

constexpr std::array phase_words{
    PhaseWord{"l1", Phase::A},     PhaseWord{"l2", Phase::B},     PhaseWord{"l3", Phase::C},
    PhaseWord{"l1n", Phase::AN},   PhaseWord{"l2n", Phase::BN},   PhaseWord{"l3n", Phase::CN},
    PhaseWord{"l1l2", Phase::AB},  PhaseWord{"l2l3", Phase::BC},  PhaseWord{"l3l1", Phase::CA},
    PhaseWord{"l12", Phase::AB},   PhaseWord{"l23", Phase::BC},   PhaseWord{"l31", Phase::CA},
    PhaseWord{"phasea", Phase::A}, PhaseWord{"phaseb", Phase::B}, PhaseWord{"phasec", Phase::C},
    PhaseWord{"ab", Phase::AB},    PhaseWord{"bc", Phase::BC},    PhaseWord{"ca", Phase::CA},
    PhaseWord{"an", Phase::AN},    PhaseWord{"bn", Phase::BN},    PhaseWord{"cn", Phase::CN},
};

std::optional<Phase> phase_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    // "L1-L2" and "phase A" are two words.
    const std::string pair = i + 1 < words.size() ? words[i] + words[i + 1] : std::string();
    for (const std::string_view word : {std::string_view(pair), std::string_view(words[i])}) {
      const auto found = std::ranges::find(phase_words, word, &PhaseWord::word);
      if (found != phase_words.end()) return found->phase;
    }
  }
  return std::nullopt;
}

void set_phase(model::PointName& name, const std::vector<std::string>& words) {
  const auto phase = phase_in(words);
  if (!phase) return;
  const bool between = *phase == Phase::AB || *phase == Phase::BC || *phase == Phase::CA;
  if (name.quantity == Quantity::VoltageLN && between) name.quantity = Quantity::VoltageLL;
  name.phase = model::canonical_phase(name.quantity, *phase).value_or(Phase::none);
}

// What has no usable name is called by its type and instance.
std::string component_or_number(const ObjectFacts& facts) {
  std::string name = component_of(facts.name);
  return name.empty() ? short_name(facts.id) : name;
}

bool is_binary(ObjectType type) {
  return type == ObjectType::binary_input || type == ObjectType::binary_output ||
         type == ObjectType::binary_value;
}

bool is_multi_state(ObjectType type) {
  return type == ObjectType::multi_state_input || type == ObjectType::multi_state_output ||
         type == ObjectType::multi_state_value;
}

bool is_output(ObjectType type) {
  return type == ObjectType::analog_output || type == ObjectType::binary_output ||
         type == ObjectType::multi_state_output;
}

void add_states(const ObjectFacts& facts, model::Point& point) {
  const std::int64_t first = is_binary(facts.id.type) ? 0 : 1;
  for (std::size_t i = 0; i < facts.state_texts.size(); ++i)
    point.texts.emplace_back(first + static_cast<std::int64_t>(i), facts.state_texts[i]);
}

void convert(const ObjectFacts& facts, const std::vector<std::string>& words, ObjectPoint& point) {
  const auto conversion = facts.units ? conversion_of(*facts.units) : std::nullopt;
  model::PointName& name = point.point.name;
  name.quantity = conversion ? quantity_of(conversion->unit, words) : Quantity::Count;
  const double factor = facts.scale.value_or(1);
  if (conversion && model::info(name.quantity).unit == conversion->unit) {
    point.scale = factor * conversion->scale;
    point.offset = conversion->offset;
  } else {
    point.scale = factor;
  }
  set_phase(name, words);
  if (facts.id.type == ObjectType::accumulator && name.quantity == Quantity::Count)
    name.quantity = Quantity::PulseCount;
  const auto canonical = [&](std::optional<double> value) -> std::optional<double> {
    if (!value || !point.point.writable) return std::nullopt;
    return *value * point.scale + point.offset;
  };
  point.point.minimum = canonical(facts.minimum);
  point.point.maximum = canonical(facts.maximum);
}

}  // namespace

std::string short_name(ObjectId id) {
  switch (id.type) {
    case ObjectType::analog_input: return fmt::format("ai{}", id.instance);
    case ObjectType::analog_output: return fmt::format("ao{}", id.instance);
    case ObjectType::analog_value: return fmt::format("av{}", id.instance);
    case ObjectType::binary_input: return fmt::format("bi{}", id.instance);
    case ObjectType::binary_output: return fmt::format("bo{}", id.instance);
    case ObjectType::binary_value: return fmt::format("bv{}", id.instance);
    case ObjectType::multi_state_input: return fmt::format("msi{}", id.instance);
    case ObjectType::multi_state_output: return fmt::format("mso{}", id.instance);
    case ObjectType::multi_state_value: return fmt::format("msv{}", id.instance);
    case ObjectType::accumulator: return fmt::format("acc{}", id.instance);
    default: return fmt::format("o{}-{}", static_cast<unsigned>(id.type), id.instance);
  }
}

std::string component_of(std::string_view name) {
  std::string component = fmt::format("{}", fmt::join(words_of(name), "-"));
  return model::parse_phase(component) ? std::string() : component;
}

bool is_measurable(ObjectType type) {
  switch (type) {
    case ObjectType::analog_input:
    case ObjectType::analog_output:
    case ObjectType::analog_value:
    case ObjectType::large_analog_value:
    case ObjectType::integer_value:
    case ObjectType::positive_integer_value:
    case ObjectType::accumulator:
    case ObjectType::pulse_converter:
    case ObjectType::characterstring_value: return true;
    default: return is_binary(type) || is_multi_state(type);
  }
}

std::optional<ObjectPoint> propose(const ObjectFacts& facts) {
  const ObjectType type = facts.id.type;
  if (!is_measurable(type)) return std::nullopt;
  ObjectPoint point{.object = facts.id, .commandable = facts.commandable || is_output(type)};
  point.point.writable = point.commandable;
  const auto words = words_of(facts.name);
  if (type == ObjectType::characterstring_value) {
    point.point.name.quantity = Quantity::Text;
    point.point.writable = false;
  } else if (is_binary(type) || is_multi_state(type)) {
    point.point.name.quantity = has_any(words, alarm_words) ? Quantity::AlarmWord : Quantity::OperatingState;
    add_states(facts, point.point);
  } else {
    convert(facts, words, point);
  }
  point.point.name.component = component_or_number(facts);
  point.point.rate = point.point.name.quantity == Quantity::AirTemperature ? model::RateClass::thermal
                                                                           : model::RateClass::normal;
  point.point.source = to_string(facts.id);
  if (facts.units && facts.units != 95U) point.point.source += fmt::format(" in {}", unit_name(*facts.units));
  if (facts.prescale) point.point.source += fmt::format(", {}", to_string(*facts.prescale));
  if (!facts.description.empty()) point.point.source += fmt::format(" ({})", facts.description);
  return point;
}

void add_point(ObjectMap& map, ObjectPoint point) {
  model::PointName& name = point.point.name;
  const auto is_taken = [&](const ObjectPoint& other) {
    return other.point.name == name && other.point.role == point.point.role;
  };
  if (std::ranges::any_of(map.points, is_taken)) {
    if (!name.component.empty()) name.component += "-";
    name.component += short_name(point.object);
  }
  map.points.push_back(std::move(point));
}

ObjectMap propose(std::span<const ObjectFacts> objects) {
  ObjectMap map;
  for (const ObjectFacts& facts : objects)
    if (auto point = propose(facts)) add_point(map, std::move(*point));
  return map;
}

}  // namespace iw::bacnet
