// What a BACnet device consists of: objects with properties, and how they are referred to (clause 12, 21).
//
// The enumerations are open: any number of the wire is a value of them. Enumerators stand for what the code
// has to know; the names of all are in tables.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iw::bacnet {

enum class ObjectType : std::uint16_t {
  analog_input = 0,
  analog_output = 1,
  analog_value = 2,
  binary_input = 3,
  binary_output = 4,
  binary_value = 5,
  calendar = 6,
  command = 7,
  device = 8,
  event_enrollment = 9,
  file = 10,
  loop = 12,
  multi_state_input = 13,
  multi_state_output = 14,
  notification_class = 15,
  program = 16,
  schedule = 17,
  averaging = 18,
  multi_state_value = 19,
  trend_log = 20,
  accumulator = 23,
  pulse_converter = 24,
  event_log = 25,
  trend_log_multiple = 27,
  load_control = 28,
  structured_view = 29,
  bitstring_value = 39,
  characterstring_value = 40,
  integer_value = 45,
  large_analog_value = 46,
  positive_integer_value = 48,
  network_port = 56,
};

constexpr std::uint16_t max_object_type = 1023;
constexpr std::uint32_t max_instance = 4'194'302;
constexpr std::uint32_t wildcard_instance = 4'194'303;  // "whatever yours is" in a read, "none" in a value

// BACnetObjectIdentifier: type and instance in 32 bits (20.2.14).
struct ObjectId {
  ObjectType type = ObjectType::device;
  std::uint32_t instance = wildcard_instance;

  static constexpr ObjectId from_bits(std::uint32_t bits) {
    return {static_cast<ObjectType>(bits >> 22), bits & wildcard_instance};
  }
  [[nodiscard]] constexpr std::uint32_t bits() const {
    return static_cast<std::uint32_t>(type) << 22 | (instance & wildcard_instance);
  }

  friend constexpr auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

constexpr ObjectId device_object(std::uint32_t instance) { return {ObjectType::device, instance}; }

enum class PropertyId : std::uint32_t {
  acked_transitions = 0,
  ack_required = 1,
  active_text = 4,
  alarm_value = 6,
  all = 8,
  apdu_segment_timeout = 10,
  apdu_timeout = 11,
  application_software_version = 12,
  notification_class = 17,
  cov_increment = 22,
  daylight_savings_status = 24,
  deadband = 25,
  description = 28,
  device_address_binding = 30,
  event_enable = 35,
  event_state = 36,
  feedback_value = 40,
  firmware_revision = 44,
  high_limit = 45,
  inactive_text = 46,
  limit_enable = 52,
  local_date = 56,
  local_time = 57,
  location = 58,
  low_limit = 59,
  max_apdu_length_accepted = 62,
  max_pres_value = 65,
  minimum_off_time = 66,
  minimum_on_time = 67,
  min_pres_value = 69,
  model_name = 70,
  notify_type = 72,
  number_of_apdu_retries = 73,
  number_of_states = 74,
  object_identifier = 75,
  object_list = 76,
  object_name = 77,
  object_type = 79,
  optional = 80,
  out_of_service = 81,
  polarity = 84,
  present_value = 85,
  priority = 86,
  priority_array = 87,
  protocol_object_types_supported = 96,
  protocol_services_supported = 97,
  protocol_version = 98,
  recipient_list = 102,
  reliability = 103,
  relinquish_default = 104,
  required = 105,
  resolution = 106,
  segmentation_supported = 107,
  state_text = 110,
  status_flags = 111,
  system_status = 112,
  time_delay = 113,
  units = 117,
  utc_offset = 119,
  vendor_identifier = 120,
  vendor_name = 121,
  buffer_size = 126,
  event_time_stamps = 130,
  log_buffer = 131,
  log_device_object_property = 132,
  enable = 133,
  log_interval = 134,
  protocol_revision = 139,
  record_count = 141,
  start_time = 142,
  stop_time = 143,
  stop_when_full = 144,
  total_record_count = 145,
  active_cov_subscriptions = 152,
  database_revision = 155,
  max_segments_accepted = 167,
  profile_name = 168,
  max_info_frames = 63,
  prescale = 185,
  pulse_rate = 186,
  scale = 187,
  last_restart_reason = 196,
  logging_type = 197,
  restart_notification_recipients = 202,
  time_of_device_restart = 203,
  actual_shed_level = 212,
  duty_window = 213,
  expected_shed_level = 214,
  full_duty_baseline = 215,
  requested_shed_level = 218,
  shed_duration = 219,
  shed_level_descriptions = 220,
  shed_levels = 221,
  event_detection_enable = 353,
  property_list = 371,
  serial_number = 372,
  apdu_length = 399,
  ip_address = 400,
  ip_default_gateway = 401,
  ip_dns_server = 406,
  bacnet_ip_mode = 408,
  ip_subnet_mask = 411,
  bacnet_ip_udp_port = 412,
  changes_pending = 416,
  link_speed = 420,
  mac_address = 423,
  network_number = 425,
  network_number_quality = 426,
  network_type = 427,
  current_command_priority = 431,
  protocol_level = 482,
};

// A property, or one element of an array property; index 0 is the array's length.
struct PropertyReference {
  PropertyId property = PropertyId::present_value;
  std::optional<std::uint32_t> index = {};

  friend constexpr bool operator==(const PropertyReference&, const PropertyReference&) = default;
};

struct ObjectPropertyReference {
  ObjectId object;
  PropertyReference property = {};

  friend constexpr bool operator==(const ObjectPropertyReference&, const ObjectPropertyReference&) = default;
};

// "analog-input 7", "present-value", "priority-array[8]", "analog-input 7 present-value".
std::string to_string(ObjectId id);
std::string to_string(PropertyReference property);
std::string to_string(const ObjectPropertyReference& reference);

// "analog-input 7", "analog-input:7", "analog-input,7", "ai7", "0:7".
Result<ObjectId> parse_object_id(std::string_view text);
// "present-value", "85", "priority-array[8]".
Result<PropertyReference> parse_property(std::string_view text);

}  // namespace iw::bacnet
