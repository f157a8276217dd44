#include "protocols/bacnet/server/objects.hpp"

#include <algorithm>
#include <array>

namespace iw::bacnet::server {
namespace {

using enum PropertyId;

constexpr std::array of_every_object{object_identifier, object_name, object_type, property_list};
constexpr std::array of_inputs{present_value, status_flags, event_state, out_of_service};
constexpr std::array of_analogs{present_value, status_flags, event_state, out_of_service, units};
constexpr std::array of_analog_outputs{
    present_value, status_flags,   event_state,        out_of_service,
    units,         priority_array, relinquish_default, current_command_priority};
constexpr std::array of_binary_inputs{present_value, status_flags, event_state, out_of_service, polarity};
constexpr std::array of_binary_outputs{
    present_value, status_flags,   event_state,        out_of_service,
    polarity,      priority_array, relinquish_default, current_command_priority};
constexpr std::array of_multi_states{present_value, status_flags, event_state, out_of_service,
                                     number_of_states};
constexpr std::array of_multi_state_outputs{
    present_value,    status_flags,   event_state,        out_of_service,
    number_of_states, priority_array, relinquish_default, current_command_priority};
constexpr std::array of_accumulators{present_value, status_flags, event_state,   out_of_service,
                                     scale,         units,        max_pres_value};
constexpr std::array of_texts{present_value, status_flags};
constexpr std::array of_load_controls{present_value,        status_flags, event_state,
                                      requested_shed_level, start_time,   shed_duration,
                                      duty_window,          enable,       expected_shed_level,
                                      actual_shed_level,    shed_levels,  shed_level_descriptions};
constexpr std::array of_trend_logs{enable,      stop_when_full, buffer_size,
                                   log_buffer,  record_count,   total_record_count,
                                   event_state, status_flags,   logging_type};
constexpr std::array of_notification_classes{notification_class, priority, ack_required, recipient_list};
constexpr std::array of_network_ports{status_flags,           reliability,     out_of_service,
                                      network_type,           protocol_level,  network_number,
                                      network_number_quality, changes_pending, apdu_length};
constexpr std::array of_devices{system_status,
                                vendor_name,
                                vendor_identifier,
                                model_name,
                                firmware_revision,
                                application_software_version,
                                protocol_version,
                                protocol_revision,
                                protocol_services_supported,
                                protocol_object_types_supported,
                                object_list,
                                max_apdu_length_accepted,
                                segmentation_supported,
                                max_segments_accepted,
                                apdu_segment_timeout,
                                apdu_timeout,
                                number_of_apdu_retries,
                                device_address_binding,
                                database_revision,
                                active_cov_subscriptions};

struct Required {
  ObjectType type;
  std::span<const PropertyId> properties;
};
const std::array required_table{
    Required{ObjectType::analog_input, of_analogs},
    Required{ObjectType::analog_output, of_analog_outputs},
    Required{ObjectType::analog_value, of_analogs},
    Required{ObjectType::binary_input, of_binary_inputs},
    Required{ObjectType::binary_output, of_binary_outputs},
    Required{ObjectType::binary_value, of_inputs},
    Required{ObjectType::device, of_devices},
    Required{ObjectType::multi_state_input, of_multi_states},
    Required{ObjectType::multi_state_output, of_multi_state_outputs},
    Required{ObjectType::notification_class, of_notification_classes},
    Required{ObjectType::multi_state_value, of_multi_states},
    Required{ObjectType::trend_log, of_trend_logs},
    Required{ObjectType::accumulator, of_accumulators},
    Required{ObjectType::load_control, of_load_controls},
    Required{ObjectType::characterstring_value, of_texts},
    Required{ObjectType::network_port, of_network_ports},
};

// Present_Value comes first among what is read all the time.
Object begin(ObjectType type, const ObjectHead& head, const Value& present) {
  Object object({type, head.instance}, head.name);
  object.set(present_value, present);
  object.set_condition({});
  object.set(description, CharacterString::utf8(head.description));
  return object;
}

void set_limits(Object& object, const AnalogTraits& traits) {
  if (traits.minimum) object.set(min_pres_value, static_cast<float>(*traits.minimum));
  if (traits.maximum) object.set(max_pres_value, static_cast<float>(*traits.maximum));
}

void set_texts(Object& object, std::span<const std::string> texts) {
  std::vector<Value> values;
  values.reserve(texts.size());
  for (const std::string& text : texts)
    values.emplace_back(CharacterString::utf8(text));
  object.set(number_of_states, Unsigned{texts.size()});
  object.set_list(state_text, values);
}

}  // namespace

Object analog_object(ObjectType type, const ObjectHead& head, const AnalogTraits& traits) {
  Object object = begin(type, head, traits.relinquish_default.value_or(0.0F));
  object.set(units, Enumerated{traits.units});
  object.set(cov_increment, traits.cov_increment);
  set_limits(object, traits);
  if (traits.relinquish_default)
    object.make_commandable(Commandable(*traits.relinquish_default, traits.minimum, traits.maximum));
  object.list_properties();
  return object;
}

Object binary_object(ObjectType type, const ObjectHead& head, const BinaryTraits& traits) {
  const Value initial = Enumerated{traits.relinquish_default.value_or(false) ? 1U : 0U};
  Object object = begin(type, head, initial);
  if (type != ObjectType::binary_value) object.set(polarity, Enumerated{0});  // normal
  object.set(inactive_text, CharacterString::utf8(traits.inactive_text));
  object.set(active_text, CharacterString::utf8(traits.active_text));
  if (traits.relinquish_default) object.make_commandable(Commandable(initial, 0, 1));
  object.list_properties();
  return object;
}

Object multi_state_object(ObjectType type, const ObjectHead& head, const MultiStateTraits& traits) {
  const Value initial = Unsigned{traits.relinquish_default.value_or(1)};
  Object object = begin(type, head, initial);
  set_texts(object, traits.states);
  if (traits.relinquish_default)
    object.make_commandable(Commandable(initial, 1, static_cast<double>(traits.states.size())));
  object.list_properties();
  return object;
}

Object accumulator_object(const ObjectHead& head, const AccumulatorTraits& traits) {
  Object object = begin(ObjectType::accumulator, head, Unsigned{0});
  object.set(units, Enumerated{traits.units});
  std::array<std::byte, 8> buffer;
  ParameterWriter out(buffer);
  out.context(1, Signed{traits.scale});  // BACnetScale: integer-scale
  object.set_encoded(scale, out.written());
  object.set(max_pres_value, Unsigned{traits.maximum});
  object.list_properties();
  return object;
}

Object text_object(const ObjectHead& head) {
  Object object = begin(ObjectType::characterstring_value, head, CharacterString::utf8(""));
  object.list_properties();
  return object;
}

std::span<const PropertyId> required_properties(ObjectType type) {
  const auto found = std::ranges::find(required_table, type, &Required::type);
  return found != required_table.end() ? found->properties : std::span<const PropertyId>();
}

bool is_required(ObjectType type, PropertyId property) {
  const auto has = [&](std::span<const PropertyId> all) {
    return std::ranges::find(all, property) != all.end();
  };
  return has(of_every_object) || has(required_properties(type));
}

}  // namespace iw::bacnet::server
