// Where a BACnet device is, as people write it:
//
//   bacnet://192.0.2.20?device=1234                       at this address
//   bacnet://192.0.2.1?device=1234&network=2001&mac=5     behind the router at this address
//   bacnet://?device=1234                                 wherever it is: found by Who-Is
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/bacnet/address.hpp"

namespace iw::bacnet {

struct DeviceUrl {
  std::optional<IpAddress> host = {};  // of the device, or of the router before it
  std::optional<std::uint32_t> instance = {};
  std::optional<Address> station = {};  // behind the router

  // The address of the device, if it is known.
  [[nodiscard]] std::optional<Address> address() const;
  friend bool operator==(const DeviceUrl&, const DeviceUrl&) = default;
};

Result<DeviceUrl> parse_url(std::string_view url);
std::string to_string(const DeviceUrl& url);

}  // namespace iw::bacnet
