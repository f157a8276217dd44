#include "wire/http/target.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::wire::http;

TEST_CASE("a target is cut before it is decoded") {
  const Target target = parse_target("/api/points/roof%2Fpv?from=1+2&to=%26&flag&=x").value();
  CHECK(target.segments == std::vector<std::string>{"api", "points", "roof/pv"});
  CHECK(target.parameter("from") == "1 2");
  CHECK(target.parameter("to") == "&");
  CHECK(target.parameter("flag") == "");
  CHECK_FALSE(target.parameter("fla").has_value());
}

TEST_CASE("the root has no segments, in either form") {
  for (const char* text : {"/", "http://gateway:8080", "http://gateway/", "/?"})
    CHECK(parse_target(text).value().segments.empty());
  CHECK(parse_target("http://gateway/a?b=c").value().segments == std::vector<std::string>{"a"});
  CHECK(parse_target("/a/").value().segments == std::vector<std::string>{"a", ""});
}

TEST_CASE("a target that could mean two things is refused") {
  for (const char* text :
       {"", "*", "a", "/%", "/%4", "/%zz", "/%00", "/a/../b", "/%2e%2E", "/./a", "/?a=%0A"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_target(text).has_value());
  }
}

TEST_CASE("a URL says where to send to") {
  CHECK(parse_url("http://localhost:8428/api/v1/write?x=1").value() ==
        Url{.host = "localhost", .port = 8428, .target = "/api/v1/write?x=1"});
  CHECK(parse_url("https://[2001:db8::1]").value() == Url{.tls = true, .host = "2001:db8::1", .port = 443});
  for (const char* text : {"http://h/", "https://[2001:db8::1]:8443/?a", "https://h/x"})
    CHECK(to_string(parse_url(text).value()) == text);
}

TEST_CASE("what is no URL to send to is refused") {
  for (const char* text : {"", "localhost:8428", "ftp://h/", "http://", "http://:80/", "http://u:p@h/",
                           "http://h:0/", "http://h:65536/", "http://h:x/", "http://[::1/", "http://h/#a",
                           "http://h/a b", "http://h/\r\nX: y"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_url(text).has_value());
  }
}

TEST_CASE("names are encoded for a path") { CHECK(percent_encode("roof/pv 1~ä") == "roof%2Fpv%201~%C3%A4"); }
