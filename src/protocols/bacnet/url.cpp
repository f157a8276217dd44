#include "protocols/bacnet/url.hpp"

#include <charconv>

#include <fmt/format.h>

#include "protocols/bacnet/object.hpp"

namespace iw::bacnet {
namespace {

constexpr std::string_view scheme = "bacnet://";
constexpr std::string_view how =
    "write bacnet://192.0.2.20?device=1234, or bacnet://?device=1234 for a device that is to be found";

Unexpected wrong(std::string_view url, std::string_view why) {
  return fail(ErrorKind::invalid_argument, fmt::format("'{}': {}", url, why), std::string(how));
}

template <class T>
std::optional<T> parse_number(std::string_view text, T most) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Address> DeviceUrl::address() const {
  if (station) return station;
  if (host) return Address{.network = local_network, .mac = to_mac(*host)};
  return std::nullopt;
}

Result<DeviceUrl> parse_url(std::string_view url) {
  if (!url.starts_with(scheme)) return wrong(url, "it does not begin with bacnet://");
  const std::string_view rest = url.substr(scheme.size());
  const auto question = rest.find('?');
  std::string_view host = rest.substr(0, question);
  if (host.ends_with('/')) host.remove_suffix(1);
  DeviceUrl out;
  if (!host.empty()) {
    const auto ip = parse_ip(host);
    if (!ip) return wrong(url, "the host has to be an IPv4 address");
    out.host = *ip;
  }
  std::optional<std::uint16_t> network;
  std::optional<Mac> mac;
  std::string_view query = question == std::string_view::npos ? "" : rest.substr(question + 1);
  while (!query.empty()) {
    const auto next = query.find('&');
    const std::string_view one = query.substr(0, next);
    query = next == std::string_view::npos ? "" : query.substr(next + 1);
    const auto equals = one.find('=');
    const std::string_view key = one.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : one.substr(equals + 1);
    if (key == "device") {
      out.instance = parse_number<std::uint32_t>(value, max_instance);
      if (!out.instance)
        return wrong(url, fmt::format("a device instance is a number up to {}", max_instance));
    } else if (key == "network") {
      network = parse_number<std::uint16_t>(value, every_network - 1);
      if (!network || *network == local_network) return wrong(url, "a network has a number from 1 to 65534");
    } else if (key == "mac") {
      const auto parsed = parse_mac(value);
      if (!parsed) return fail(parsed.error());
      mac = *parsed;
    } else {
      return wrong(url, fmt::format("'{}' means nothing, there are device, network and mac", key));
    }
  }
  if (network.has_value() != mac.has_value()) return wrong(url, "network and mac go together");
  if (network) out.station = Address{.network = *network, .mac = *mac};
  return out;
}

std::string to_string(const DeviceUrl& url) {
  std::string text = "bacnet://";
  if (url.host) text += to_string(*url.host);
  char separator = '?';
  const auto add = [&](std::string_view key, const auto& value) {
    text += fmt::format("{}{}={}", separator, key, value);
    separator = '&';
  };
  if (url.instance) add("device", *url.instance);
  if (url.station) {
    add("network", url.station->network);
    add("mac", to_string(url.station->mac));
  }
  return text;
}

}  // namespace iw::bacnet
