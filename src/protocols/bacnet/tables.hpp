// The names of BACnet's enumerations (clause 21), spelled as the standard spells them. A number without a
// name is shown as a number, so that no value is lost: "proprietary 612".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocols/bacnet/object.hpp"

namespace iw::bacnet {

struct Name {
  std::uint32_t number = 0;
  std::string_view name;
};

// Sorted by number.
std::span<const Name> object_type_names();
std::span<const Name> property_names();
std::span<const Name> unit_names();
std::span<const Name> error_class_names();
std::span<const Name> error_code_names();
std::span<const Name> reject_reason_names();
std::span<const Name> abort_reason_names();
std::span<const Name> reliability_names();
std::span<const Name> event_state_names();
std::span<const Name> event_type_names();
std::span<const Name> segmentation_names();
std::span<const Name> device_status_names();
std::span<const Name> network_type_names();
std::span<const Name> confirmed_service_names();
std::span<const Name> unconfirmed_service_names();

// Empty for a number without a name.
std::string_view name_of(std::span<const Name> names, std::uint32_t number);
// "612" for a number without a name.
std::string name_or_number(std::span<const Name> names, std::uint32_t number);
std::optional<std::uint32_t> number_of(std::span<const Name> names, std::string_view name);

std::string to_string(ObjectType type);
std::string to_string(PropertyId property);

}  // namespace iw::bacnet
