// How a BACnet device says no: Error (class and code, clause 18), Reject and Abort (20.1.8, 20.1.9); and how
// a decoder says what is wrong with bytes, in the words in which a server has to answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/result.hpp"

namespace iw::bacnet {

enum class ErrorClass : std::uint16_t {
  device = 0,
  object = 1,
  property = 2,
  resources = 3,
  security = 4,
  services = 5,
  vt = 6,
  communication = 7,
};

enum class ErrorCode : std::uint16_t {
  other = 0,
  configuration_in_progress = 2,
  device_busy = 3,
  inconsistent_parameters = 7,
  invalid_data_type = 9,
  invalid_time_stamp = 14,
  missing_required_parameter = 16,
  no_objects_of_specified_type = 17,
  no_space_for_object = 18,
  no_space_to_add_list_element = 19,
  no_space_to_write_property = 20,
  property_is_not_a_list = 22,
  object_deletion_not_permitted = 23,
  operational_problem = 25,
  password_failure = 26,
  read_access_denied = 27,
  service_request_denied = 29,
  timeout = 30,
  unknown_object = 31,
  unknown_property = 32,
  unsupported_object_type = 36,
  value_out_of_range = 37,
  write_access_denied = 40,
  character_set_not_supported = 41,
  invalid_array_index = 42,
  cov_subscription_failed = 43,
  not_cov_property = 44,
  optional_functionality_not_supported = 45,
  invalid_configuration_data = 46,
  datatype_not_supported = 47,
  duplicate_name = 48,
  property_is_not_an_array = 50,
  value_not_initialized = 72,
  invalid_event_state = 73,
  no_alarm_configured = 74,
  unknown_subscription = 79,
  parameter_out_of_range = 80,
  list_element_not_found = 81,
  busy = 82,
  communication_disabled = 83,
  internal_error = 131,
  value_too_long = 134,
};

// What a device answers instead of a result, also inside of one (ReadPropertyMultiple).
struct BacnetError {
  ErrorClass error_class = ErrorClass::services;
  ErrorCode code = ErrorCode::other;

  friend constexpr bool operator==(const BacnetError&, const BacnetError&) = default;
};

enum class RejectReason : std::uint8_t {
  other = 0,
  buffer_overflow = 1,
  inconsistent_parameters = 2,
  invalid_parameter_data_type = 3,
  invalid_tag = 4,
  missing_required_parameter = 5,
  parameter_out_of_range = 6,
  too_many_arguments = 7,
  undefined_enumeration = 8,
  unrecognized_service = 9,
  invalid_data_encoding = 10,
};

enum class AbortReason : std::uint8_t {
  other = 0,
  buffer_overflow = 1,
  invalid_apdu_in_this_state = 2,
  preempted_by_higher_priority_task = 3,
  segmentation_not_supported = 4,
  security_error = 5,
  insufficient_security = 6,
  window_size_out_of_range = 7,
  application_exceeded_reply_time = 8,
  out_of_resources = 9,
  tsm_timeout = 10,
  apdu_too_long = 11,
};

std::string to_string(ErrorClass error_class);
std::string to_string(ErrorCode code);
std::string to_string(BacnetError error);  // "object: unknown-object"
std::string to_string(RejectReason reason);
std::string to_string(AbortReason reason);

// Parameters of a service that do not follow the standard. Cheap: garbage costs no allocation.
template <class T>
using Decoded = tl::expected<T, RejectReason>;

Error to_error(BacnetError error);
Error to_error(RejectReason reason);
Error to_error(AbortReason reason);

// For a peer's answer that could not be decoded: "the answer is not BACnet: invalid-tag".
Error malformed(std::string_view what, RejectReason reason);

}  // namespace iw::bacnet
