// Endpoint: a host (name or address) and a port, as people write it: "meter.lan:502", "[2001:db8::1]:502".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iw::io {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

std::string to_string(const Endpoint& endpoint);

// "host:port", "host" (then default_port), "[v6]:port".
Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace iw::io
