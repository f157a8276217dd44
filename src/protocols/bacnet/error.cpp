#include "protocols/bacnet/error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace iw::bacnet {
namespace {

struct Remedy {
  ErrorCode code;
  ErrorKind kind;
  std::string_view remedy;
};

// What to do about the errors that installers meet.
constexpr std::array remedies{
    Remedy{ErrorCode::unknown_object, ErrorKind::not_found,
           "interwatt scan 'bacnet://ADDRESS?device=N' shows what it has"},
    Remedy{ErrorCode::unknown_property, ErrorKind::not_found, "this object does not have that property"},
    Remedy{ErrorCode::invalid_array_index, ErrorKind::invalid_argument, "element 0 says how many there are"},
    Remedy{ErrorCode::property_is_not_an_array, ErrorKind::invalid_argument, "leave the [index] away"},
    Remedy{ErrorCode::write_access_denied, ErrorKind::denied,
           "is the property writable, and is the priority allowed? priority 6 never is"},
    Remedy{ErrorCode::read_access_denied, ErrorKind::denied, "the device does not show it"},
    Remedy{ErrorCode::value_out_of_range, ErrorKind::invalid_argument,
           "look at min-pres-value, max-pres-value or number-of-states"},
    Remedy{ErrorCode::invalid_data_type, ErrorKind::invalid_argument,
           "read the property: the value has to be of the same type"},
    Remedy{ErrorCode::password_failure, ErrorKind::denied, "set the password that the device expects"},
    Remedy{ErrorCode::communication_disabled, ErrorKind::busy,
           "somebody silenced the device with DeviceCommunicationControl; enable it again"},
    Remedy{ErrorCode::busy, ErrorKind::busy, "try again later"},
    Remedy{ErrorCode::device_busy, ErrorKind::busy, "try again later"},
    Remedy{ErrorCode::cov_subscription_failed, ErrorKind::exhausted,
           "the device takes no more subscriptions; the point is polled instead"},
};

}  // namespace

Error to_error(BacnetError error) {
  const auto known = std::ranges::find(remedies, error.code, &Remedy::code);
  const bool found = known != remedies.end();
  return {found ? known->kind : ErrorKind::rejected,
          fmt::format("the device answered with an error: {}", to_string(error)),
          found ? std::string(known->remedy) : std::string()};
}

Error to_error(RejectReason reason) {
  const bool service = reason == RejectReason::unrecognized_service;
  return {service ? ErrorKind::unsupported : ErrorKind::rejected,
          fmt::format("the device rejected the request: {}", to_string(reason)),
          service ? "the device does not have this service" : ""};
}

Error to_error(AbortReason reason) {
  const bool too_long = reason == AbortReason::segmentation_not_supported ||
                        reason == AbortReason::buffer_overflow || reason == AbortReason::apdu_too_long;
  return {ErrorKind::rejected, fmt::format("the device aborted the transaction: {}", to_string(reason)),
          too_long ? "the answer does not fit: ask for less at once" : ""};
}

}  // namespace iw::bacnet
