// IpNetwork: which addresses may speak to us: "192.0.2.0/24", "192.0.2.7".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocols/bacnet/address.hpp"

namespace iw::bacnet::server {

struct IpNetwork {
  std::array<std::uint8_t, 4> host{};
  std::uint8_t prefix = 32;  // bits that count

  [[nodiscard]] bool contains(const std::array<std::uint8_t, 4>& address) const;
  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

Result<IpNetwork> parse_ip_network(std::string_view text);
std::string to_string(const IpNetwork& network);
bool any_contains(std::span<const IpNetwork> networks, const std::array<std::uint8_t, 4>& address);

}  // namespace iw::bacnet::server
