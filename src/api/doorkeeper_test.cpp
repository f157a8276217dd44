#include "api/doorkeeper.hpp"

#include <doctest/doctest.h>

namespace iw::api {
namespace {

bool lets_in(std::string host, std::string origin = {}, bool tls = false) {
  wire::http::Request request{.headers = {{"Host", std::move(host)}}};
  if (!origin.empty()) request.headers.add("Origin", std::move(origin));
  const io::http::Call call{.request = request, .target = {}, .captured = {}, .peer = "127.0.0.1:40000"};
  const auto refusal = refuse_stranger(call, tls);
  if (refusal) CHECK(refusal->status == Status::forbidden);
  return !refusal;
}

TEST_CASE("over plain HTTP only names of this machine are answered") {
  CHECK(lets_in("127.0.0.1:8080"));
  CHECK(lets_in("localhost:8080"));
  CHECK(lets_in("localhost"));
  CHECK(lets_in("[::1]:8080"));
  CHECK_FALSE(lets_in("evil.example:8080"));
  CHECK_FALSE(lets_in("127.0.0.1.evil.example:8080"));
  CHECK_FALSE(lets_in("localhost.evil.example"));
  CHECK_FALSE(lets_in("192.0.2.7:8080"));
  CHECK_FALSE(lets_in(""));
  CHECK(lets_in("gateway.example", {}, true));
}

TEST_CASE("what the page of another site sends is refused") {
  CHECK(lets_in("localhost:8080", "http://localhost:8080"));
  CHECK(lets_in("gateway.example", "https://gateway.example", true));
  CHECK_FALSE(lets_in("localhost:8080", "http://evil.example"));
  CHECK_FALSE(lets_in("localhost:8080", "http://localhost:3000"));
  CHECK_FALSE(lets_in("localhost:8080", "null"));
  CHECK_FALSE(lets_in("gateway.example", "http://gateway.example", true));
}

TEST_CASE("every answer has the headers that keep a browser safe, and HSTS only under TLS") {
  Response plain{};
  add_security_headers(plain, false);
  CHECK(plain.headers.find("X-Content-Type-Options") == "nosniff");
  CHECK(plain.headers.find("Content-Security-Policy")->contains("frame-ancestors 'none'"));
  CHECK_FALSE(plain.headers.has("Strict-Transport-Security"));
  Response secure{};
  add_security_headers(secure, true);
  CHECK(secure.headers.has("Strict-Transport-Security"));
}

}  // namespace
}  // namespace iw::api
