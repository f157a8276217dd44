#include "io/endpoint.hpp"

#include <charconv>

namespace iw::io {
namespace {

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no port", text),
                "a port is a number from 1 to 65535");
  }
  return port;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
            : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) {
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' has no closing ]", text),
                  "write an IPv6 address as [2001:db8::1]:502");
    }
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) {
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' has '{}' after the address", text, rest),
                  "write an IPv6 address as [2001:db8::1]:502");
    }
    port = rest.empty() ? rest : rest.substr(1);
    if (!rest.empty() && port.empty()) return fail(parse_port(port).error());
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    if (text.find(':', colon + 1) != std::string_view::npos) {
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' has more than one colon", text),
                  "write an IPv6 address as [2001:db8::1]:502");
    }
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty()) return fail(parse_port(port).error());
  }
  if (host.empty()) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' names no host", text),
                "for example 192.0.2.7:502");
  }
  if (port.empty()) return Endpoint{std::string(host), default_port};
  auto number = parse_port(port);
  if (!number) return fail(std::move(number).error());
  return Endpoint{std::string(host), *number};
}

}  // namespace iw::io
