// Addresses of the network layer (clause 6) and of BACnet/IP (J.1.2).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iw::bacnet {

// The address of a station on its own data link: 1 octet on MS/TP, 6 on BACnet/IP and SC, 3 on BACnet/IPv6,
// 7 on LonTalk; empty means all stations.
class Mac {
 public:
  static constexpr std::size_t max_size = 8;

  constexpr Mac() = default;
  // Takes at most max_size octets.
  explicit constexpr Mac(Bytes octets) : size_(static_cast<std::uint8_t>(std::min(octets.size(), max_size))) {
    std::ranges::copy(octets.first(size_), octets_.begin());
  }
  static constexpr Mac of(std::uint8_t octet) {
    const std::array one{std::byte{octet}};
    return Mac(Bytes(one));
  }

  [[nodiscard]] constexpr Bytes octets() const { return Bytes(octets_).first(size_); }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

  friend constexpr auto operator<=>(const Mac&, const Mac&) = default;

 private:
  std::array<std::byte, max_size> octets_{};
  std::uint8_t size_ = 0;
};

constexpr std::uint16_t local_network = 0;
constexpr std::uint16_t every_network = 0xFFFF;

// A station, or all stations, of a network. Network 0 is the one we are on, 0xFFFF all of them.
struct Address {
  std::uint16_t network = local_network;
  Mac mac;

  [[nodiscard]] constexpr bool is_broadcast() const { return mac.empty(); }
  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

constexpr Address global_broadcast{.network = every_network, .mac = {}};

constexpr std::uint16_t default_port = 47808;  // 0xBAC0

// IPv4 address and UDP port: the Mac of BACnet/IP.
struct IpAddress {
  std::array<std::uint8_t, 4> host{};
  std::uint16_t port = default_port;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

Mac to_mac(const IpAddress& address);
// None unless it has six octets.
std::optional<IpAddress> to_ip(const Mac& mac);

std::string to_string(const IpAddress& address);  // "10.0.0.7:47808"
// "5" for one octet, "10.0.0.7:47808" for six, else hex.
std::string to_string(const Mac& mac);
// "10.0.0.7:47808" on our own network, "2001:5" (network, Mac) on another, "*" for all stations.
std::string to_string(const Address& address);

// "10.0.0.7", "10.0.0.7:47809".
Result<IpAddress> parse_ip(std::string_view text, std::uint16_t port = default_port);
// As to_string(Mac) writes it.
Result<Mac> parse_mac(std::string_view text);

IpAddress read_ip(Reader& in);
void write_ip(Writer& out, const IpAddress& address);

}  // namespace iw::bacnet

template <>
struct std::hash<iw::bacnet::Mac> {
  std::size_t operator()(const iw::bacnet::Mac& mac) const noexcept {
    std::uint64_t bits = mac.size();
    for (const std::byte b : mac.octets())
      bits = bits << 8 ^ bits >> 56 ^ std::to_integer<std::uint64_t>(b);
    return std::hash<std::uint64_t>{}(bits * 0x9E3779B97F4A7C15ULL);
  }
};

template <>
struct std::hash<iw::bacnet::Address> {
  std::size_t operator()(const iw::bacnet::Address& address) const noexcept {
    return std::hash<iw::bacnet::Mac>{}(address.mac) ^ (std::size_t{address.network} << 48U);
  }
};
