// The BACnet driver: devices by their instance, which say themselves what they have. All share one port.
#pragma once

#include "driver/driver.hpp"

namespace iw::bacnet {

driver::DriverKind driver_kind();

}  // namespace iw::bacnet
