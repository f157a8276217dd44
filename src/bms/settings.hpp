// From what the configuration says about our BACnet device to what it is made with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bms/site_device.hpp"
#include "gateway/bacnet_server_config.hpp"

namespace iw::bms {

// Without a name of its own it has that of the site.
bacnet::server::DeviceSettings device_settings(const gateway::BacnetServerSection& section,
                                               const std::string& site, const std::string& version,
                                               std::uint32_t database_revision);
// `recipients`: the list that a client wrote, as it was kept; none, or none that is right: those of the
// configuration.
bacnet::server::ServerSettings server_settings(const gateway::BacnetServerSection& section,
                                               std::string_view recipients);
std::vector<SiteDevice::Load> loads_of(const gateway::BacnetServerSection& section);

}  // namespace iw::bms
