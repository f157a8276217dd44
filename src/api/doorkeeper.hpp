// What holds for every request and every answer, whatever the route: who may be at the other end of a plain
// connection, and the headers that keep a browser safe.
#pragma once

#include <optional>
#include <string_view>

#include "api/answers.hpp"
#include "io/http/router.hpp"

namespace iw::api {

// Whether the name means this machine: "localhost", "127.0.0.1", "::1" and the like.
bool is_loopback(std::string_view host);

// A refusal, or none.
//   Host    over plain HTTP a page of evil.example can let its own name point to 127.0.0.1 and then talk
//           to us as its own origin (DNS rebinding): Host says evil.example.
//   Origin  a page of another origin may send, though not read: what it sends changes nothing here.
std::optional<Response> refuse_stranger(const io::http::Call& call, bool tls);

// X-Content-Type-Options and its kind (OWASP HTTP headers cheat sheet); HSTS under TLS.
void add_security_headers(Response& response, bool tls);

}  // namespace iw::api
