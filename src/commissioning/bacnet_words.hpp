// Values of BACnet properties, for people.
#pragma once

#include <string>

#include "protocols/bacnet/property_client.hpp"

namespace iw::commissioning {

// All elements of a value, or its error.
std::string shown(const bacnet::ReadValue& value);
// What the number of an enumerated property means.
std::string in_words(bacnet::PropertyId property, const bacnet::ReadValue& value);

}  // namespace iw::commissioning
