#include "protocols/bacnet/address.hpp"

#include <charconv>

#include <fmt/format.h>

#include "base/hex.hpp"

namespace iw::bacnet {
namespace {

constexpr std::size_t ip_mac_size = 6;

template <class T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

IpAddress read_ip(Reader& in) {
  IpAddress address;
  for (std::uint8_t& octet : address.host)
    octet = in.u8();
  address.port = in.u16be();
  return address;
}

void write_ip(Writer& out, const IpAddress& address) {
  for (const std::uint8_t octet : address.host)
    out.u8(octet);
  out.u16be(address.port);
}

Mac to_mac(const IpAddress& address) {
  std::array<std::byte, ip_mac_size> octets;
  Writer out(octets);
  write_ip(out, address);
  return Mac(Bytes(octets));
}

std::optional<IpAddress> to_ip(const Mac& mac) {
  if (mac.size() != ip_mac_size) return std::nullopt;
  Reader in(mac.octets());
  return read_ip(in);
}

std::string to_string(const IpAddress& address) {
  const auto& [a, b, c, d] = address.host;
  return fmt::format("{}.{}.{}.{}:{}", a, b, c, d, address.port);
}

std::string to_string(const Mac& mac) {
  if (mac.empty()) return "*";
  if (mac.size() == 1) return std::to_string(std::to_integer<unsigned>(mac.octets()[0]));
  if (const auto ip = to_ip(mac)) return to_string(*ip);
  return to_hex(mac.octets());
}

std::string to_string(const Address& address) {
  if (address.network == local_network) return to_string(address.mac);
  return fmt::format("{}:{}", address.network, to_string(address.mac));
}

Result<IpAddress> parse_ip(std::string_view text, std::uint16_t port) {
  const auto wrong = [text] {
    return fail(ErrorKind::invalid_argument, fmt::format("\"{}\" is not an IPv4 address", text),
                "write 192.168.1.20 or 192.168.1.20:47808");
  };
  IpAddress address{.host = {}, .port = port};
  std::string_view host = text;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    if (!parse_number(text.substr(colon + 1), address.port) || address.port == 0) return wrong();
  }
  for (std::size_t i = 0; i < address.host.size(); ++i) {
    const auto dot = host.find('.');
    const bool last = i + 1 == address.host.size();
    if (last != (dot == std::string_view::npos) || !parse_number(host.substr(0, dot), address.host[i]))
      return wrong();
    host = last ? "" : host.substr(dot + 1);
  }
  return address;
}

Result<Mac> parse_mac(std::string_view text) {
  std::uint8_t station = 0;
  if (parse_number(text, station)) return Mac::of(station);
  if (text.contains('.')) return parse_ip(text).map([](const IpAddress& ip) { return to_mac(ip); });
  const auto octets = parse_hex(text);
  if (!octets || octets->empty() || octets->size() > Mac::max_size) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("\"{}\" is not the address of a BACnet station", text),
                "write an MS/TP address (5), an IPv4 address with port, or hexadecimal octets");
  }
  return Mac(*octets);
}

}  // namespace iw::bacnet
