#include "protocols/bacnet/server/networks.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace iw::bacnet::server {
namespace {

std::uint32_t bits_of(const std::array<std::uint8_t, 4>& host) {
  std::uint32_t bits = 0;
  for (const std::uint8_t octet : host)
    bits = bits << 8 | octet;
  return bits;
}

}  // namespace

bool IpNetwork::contains(const std::array<std::uint8_t, 4>& address) const {
  const std::uint32_t mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32U - prefix);
  return ((bits_of(host) ^ bits_of(address)) & mask) == 0;
}

Result<IpNetwork> parse_ip_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto host = parse_ip(text.substr(0, slash));
  IpNetwork network;
  bool right = host.has_value() && text.substr(0, slash).find(':') == std::string_view::npos;
  if (right && slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), network.prefix);
    right = error == std::errc() && end == length.data() + length.size() && network.prefix <= 32;
  }
  if (!right) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no IPv4 network", text),
                "write 192.0.2.0/24, or 192.0.2.7 for one address");
  }
  network.host = host->host;
  return network;
}

std::string to_string(const IpNetwork& network) {
  const auto& [a, b, c, d] = network.host;
  const std::string host = fmt::format("{}.{}.{}.{}", a, b, c, d);
  return network.prefix == 32 ? host : fmt::format("{}/{}", host, network.prefix);
}

bool any_contains(std::span<const IpNetwork> networks, const std::array<std::uint8_t, 4>& address) {
  return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace iw::bacnet::server
