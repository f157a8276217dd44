#include "bms/point_object.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace iw::bms {
namespace {

using bacnet::Enumerated;
using bacnet::ObjectType;
using bacnet::Unsigned;
using bacnet::Value;
using bacnet::server::Object;
using bacnet::server::ObjectHead;
using formats::CatalogPoint;
using model::Quantity;

constexpr std::uint32_t no_units = 95;
constexpr std::string_view unlisted_state = "other";

// Which object shows a thing that is measured, that could be set, and that can be commanded.
struct Types {
  ObjectType measured, settable, commanded;
};
constexpr Types analog{ObjectType::analog_input, ObjectType::analog_value, ObjectType::analog_output};
constexpr Types binary{ObjectType::binary_input, ObjectType::binary_value, ObjectType::binary_output};
constexpr Types multi_state{ObjectType::multi_state_input, ObjectType::multi_state_value,
                            ObjectType::multi_state_output};

Quantity quantity_of(const CatalogPoint& point) {
  return model::parse_quantity(point.quantity).value_or(Quantity::Count);
}

bool is_binary(const CatalogPoint& point) {
  const Quantity quantity = quantity_of(point);
  if (point.texts.empty())
    return quantity == Quantity::GridConnection || quantity == Quantity::ConnectCommand;
  return point.texts.size() == 2 && point.texts[0].first == 0 && point.texts[1].first == 1;
}

bool is_settable(model::CimClass cim) {
  return cim == model::CimClass::SetPoint || cim == model::CimClass::Command ||
         cim == model::CimClass::EndDeviceControl;
}

// A device may be in a state that it has no text for: inputs have one more.
std::vector<std::string> states_of(const CatalogPoint& point, bool commanded) {
  std::vector<std::string> states;
  for (const auto& [value, text] : point.texts)
    states.push_back(text);
  if (!commanded) states.emplace_back(unlisted_state);
  return states;
}

std::uint32_t state_of(const CatalogPoint& point, double value) {
  const auto number = std::llround(value);
  const auto found = std::ranges::find(point.texts, number, [](const auto& text) { return text.first; });
  return static_cast<std::uint32_t>(found - point.texts.begin() + 1);
}

// A hundredth of a per cent of what is usual for the unit: what is worth a notification when nobody said
// otherwise.
float increment_of(const model::QuantityInfo& info) {
  switch (info.unit) {
    case model::Unit::W:
    case model::Unit::VAr:
    case model::Unit::VA: return 10;
    case model::Unit::V:
    case model::Unit::percent: return 0.5F;
    case model::Unit::A:
    case model::Unit::degC: return 0.1F;
    case model::Unit::Hz: return 0.01F;
    case model::Unit::power_factor: return 0.01F;
    default: return 0;
  }
}

Object analog_of(const CatalogPoint& point, bacnet::ObjectId id, const ObjectHead& head,
                 const std::optional<control::Rules>& rules) {
  const model::QuantityInfo& info = model::info(quantity_of(point));
  bacnet::server::AnalogTraits traits{.units = info.bacnet_units != 0 ? info.bacnet_units : no_units,
                                      .minimum = point.minimum,
                                      .maximum = point.maximum,
                                      .cov_increment = increment_of(info)};
  if (rules) {
    traits.minimum = rules->minimum;
    traits.maximum = rules->maximum;
    traits.relinquish_default = static_cast<float>(rules->fallback);
  }
  return analog_object(id.type, head, traits);
}

}  // namespace

ObjectType type_of(const CatalogPoint& point, bool commandable) {
  const model::CimClass cim = model::info(quantity_of(point)).cim_class;
  if (cim == model::CimClass::StringMeasurement) return ObjectType::characterstring_value;
  if (cim == model::CimClass::Accumulator) return ObjectType::accumulator;
  const Types& types = is_binary(point) ? binary : point.texts.empty() ? analog : multi_state;
  return commandable ? types.commanded : is_settable(cim) ? types.settable : types.measured;
}

Object object_of(const CatalogPoint& point, bacnet::ObjectId id, const std::optional<control::Rules>& rules) {
  const ObjectHead head{.instance = id.instance,
                        .name = point.path,
                        .description = fmt::format("{} of {}", point.quantity, point.asset_name)};
  const auto make = [&] {
    switch (id.type) {
      case ObjectType::characterstring_value: return bacnet::server::text_object(head);
      case ObjectType::accumulator: {
        const std::uint32_t units = model::info(quantity_of(point)).bacnet_units;
        return accumulator_object(head, {.units = units != 0 ? units : no_units});
      }
      case ObjectType::binary_input:
      case ObjectType::binary_output:
      case ObjectType::binary_value: {
        bacnet::server::BinaryTraits traits{.inactive_text = "off", .active_text = "on"};
        if (point.texts.size() == 2) {
          traits.inactive_text = point.texts[0].second;
          traits.active_text = point.texts[1].second;
        }
        if (rules) traits.relinquish_default = rules->fallback != 0;
        return binary_object(id.type, head, traits);
      }
      case ObjectType::multi_state_input:
      case ObjectType::multi_state_output:
      case ObjectType::multi_state_value: {
        bacnet::server::MultiStateTraits traits{.states = states_of(point, rules.has_value())};
        if (rules) traits.relinquish_default = state_of(point, rules->fallback);
        return multi_state_object(id.type, head, traits);
      }
      default: return analog_of(point, id, head, rules);
    }
  };
  Object object = make();
  object.set_condition({.reliability = communication_failure});
  return object;
}

std::optional<Value> shown(const CatalogPoint& point, ObjectType type, double value) {
  if (!std::isfinite(value)) return std::nullopt;
  switch (type) {
    case ObjectType::characterstring_value: return std::nullopt;
    case ObjectType::accumulator:
      if (value < 0) return std::nullopt;
      return Unsigned{static_cast<std::uint64_t>(value)};
    case ObjectType::binary_input:
    case ObjectType::binary_output:
    case ObjectType::binary_value: return Enumerated{value != 0 ? 1U : 0U};
    case ObjectType::multi_state_input:
    case ObjectType::multi_state_output:
    case ObjectType::multi_state_value: return Unsigned{state_of(point, value)};
    default: return static_cast<float>(value);
  }
}

std::optional<double> meant(const CatalogPoint& point, ObjectType type, const Value& value) {
  if (type != ObjectType::multi_state_output) return bacnet::number(value);
  const auto* state = std::get_if<Unsigned>(&value);
  if (state == nullptr || state->value < 1 || state->value > point.texts.size()) return std::nullopt;
  return static_cast<double>(point.texts[state->value - 1].first);
}

std::uint32_t reliability_of(model::Quality quality) {
  using model::Detail;
  const bool lost = quality.has(Detail::no_connection) || quality.has(Detail::old_data);
  if (lost) return communication_failure;
  if (quality.validity() != model::Validity::invalid) return no_fault_detected;
  return quality.has(Detail::failure) ? communication_failure : unreliable_other;
}

}  // namespace iw::bms
