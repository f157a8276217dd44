// What a request wants to ask in the field: an address, checked, as the tools of commissioning take it.
#pragma once

#include <string>
#include <string_view>

#include "commissioning/link.hpp"
#include "gateway/gateway.hpp"
#include "protocols/bacnet/url.hpp"

namespace iw::api {

bool is_bacnet(std::string_view url);

// A serial bus that is polled has one master: it is asked over the line that polls it, between its polls and
// with its settings. A line with TLS is asked with the certificates that are given, else with those of its
// section under lines:. The gateway outlives the target.
Result<commissioning::Target> modbus_target(gateway::Gateway& gateway, const std::string& url,
                                            commissioning::TlsFiles given = {});

// A device: by its instance or its address.
Result<bacnet::DeviceUrl> bacnet_target(const std::string& url);

// Where broadcasts to find it go.
bacnet::IpAddress broadcast_of(const bacnet::DeviceUrl& url);
constexpr Duration bacnet_timeout = 1s;  // for an answer

// Devices with the same are asked one after the other.
std::string line_of(const std::string& url);

}  // namespace iw::api
