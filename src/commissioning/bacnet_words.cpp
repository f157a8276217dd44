#include "commissioning/bacnet_words.hpp"

#include <fmt/format.h>

#include "protocols/bacnet/accumulator.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"

namespace iw::commissioning {

using bacnet::PropertyId;
using bacnet::ReadValue;

std::string shown(const ReadValue& value) {
  if (value.error) return bacnet::to_string(*value.error);
  std::string text;
  bacnet::ParameterReader in(value.value);
  while (in.more()) {
    const auto type = in.next_type();
    const Bytes element = in.element();
    bacnet::ParameterReader one(element);
    if (!text.empty()) text += ", ";
    text += type ? bacnet::to_string(one.value()) : "{...}";
  }
  return text;
}

std::string in_words(PropertyId property, const ReadValue& value) {
  if (property == PropertyId::scale && value.ok()) {
    if (const auto scale = bacnet::decode_scale(value.value)) return fmt::format("{}", *scale);
  }
  if (property == PropertyId::prescale && value.ok()) {
    if (const auto prescale = bacnet::decode_prescale(value.value)) return to_string(*prescale);
  }
  const auto first = value.first();
  const auto* number = first ? std::get_if<bacnet::Enumerated>(&*first) : nullptr;
  if (number == nullptr) return shown(value);
  switch (property) {
    case PropertyId::units: return bacnet::unit_name(number->value);
    case PropertyId::reliability: return bacnet::name_or_number(bacnet::reliability_names(), number->value);
    case PropertyId::event_state: return bacnet::name_or_number(bacnet::event_state_names(), number->value);
    case PropertyId::segmentation_supported:
      return bacnet::name_or_number(bacnet::segmentation_names(), number->value);
    case PropertyId::system_status:
      return bacnet::name_or_number(bacnet::device_status_names(), number->value);
    default: return shown(value);
  }
}

}  // namespace iw::commissioning
