// ReadProperty (15.5) and ReadPropertyMultiple (15.7) of a device's objects.
#pragma once

#include "protocols/bacnet/server/device.hpp"
#include "protocols/bacnet/server/reply.hpp"

namespace iw::bacnet::server {

// Results are written to `into`, which the reply looks into. `scratch` is for one property that has to be
// made up.
Reply read_property(const Device& device, Bytes request, MutableBytes into, MutableBytes scratch);
// ALL, REQUIRED and OPTIONAL stand for what the object has (15.7.3.1.2). What can not be read is an error in
// its place; the rest is read all the same.
Reply read_property_multiple(const Device& device, Bytes request, MutableBytes into, MutableBytes scratch);

}  // namespace iw::bacnet::server
