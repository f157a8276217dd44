// Target and Url: what a request asks for, taken apart (RFC 3986).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace iw::wire::http {

// "/api/points/roof%2Fpv?from=1&to=2", decoded after it was cut: a '/' in a name stays in its segment.
struct Target {
  std::vector<std::string> segments;                            // "api", "points", "roof/pv"
  std::vector<std::pair<std::string, std::string>> query = {};  // in their order

  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;  // the first
};

// The origin form, or the absolute form that proxies send (RFC 9112 3.2). Refuses bad escapes, controls, and
// the segments "." and "..".
Result<Target> parse_target(std::string_view text);

// "http://host:8428/api/v1/write": where a client sends to. No user, no fragment.
struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, as on the wire

  [[nodiscard]] std::string authority() const;  // for Host: without the port that the scheme implies

  friend bool operator==(const Url&, const Url&) = default;
};

Result<Url> parse_url(std::string_view text);
std::string to_string(const Url& url);

// "%2F" for all but the unreserved characters of RFC 3986 2.3.
std::string percent_encode(std::string_view text);

}  // namespace iw::wire::http
