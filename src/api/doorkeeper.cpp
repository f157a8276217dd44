#include "api/doorkeeper.hpp"

#include <array>
#include <string>
#include <utility>

#include "io/endpoint.hpp"

namespace iw::api {
namespace {

constexpr std::array security_headers{
    std::pair{"X-Content-Type-Options", "nosniff"},
    std::pair{"X-Frame-Options", "DENY"},
    std::pair{"Referrer-Policy", "no-referrer"},
    std::pair{"Cross-Origin-Opener-Policy", "same-origin"},
    std::pair{"Cross-Origin-Resource-Policy", "same-origin"},
    std::pair{"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    std::pair{
        "Content-Security-Policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
};

bool same_origin(std::string_view origin, std::string_view host, bool tls) {
  return origin == std::string(tls ? "https://" : "http://") + std::string(host);
}

}  // namespace

bool is_loopback(std::string_view host) {
  const bool is_v4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (is_v4 && host.starts_with("127."));
}

std::optional<Response> refuse_stranger(const io::http::Call& call, bool tls) {
  const std::string_view host = call.request.headers.find("Host").value_or("");
  if (!tls) {
    const auto named = io::parse_endpoint(host, 80);
    if (!named || !is_loopback(named->host)) {
      return problem(Status::forbidden, "this name is not one of this machine",
                     "ask 127.0.0.1 or localhost; from elsewhere TLS is needed");
    }
  }
  const auto origin = call.request.headers.find("Origin");
  if (origin && !same_origin(*origin, host, tls))
    return problem(Status::forbidden, "a page of another site may not use this API");
  return std::nullopt;
}

void add_security_headers(Response& response, bool tls) {
  for (const auto& [name, value] : security_headers) {
    if (!response.headers.has(name)) response.headers.add(name, value);
  }
  if (tls) response.headers.set("Strict-Transport-Security", "max-age=31536000");
}

}  // namespace iw::api
