#include "wire/http/parser.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::wire::http;

namespace {

Bytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// The first message of the bytes, in one piece.
Result<std::optional<Request>> parse(std::string_view text, Limits limits = {}) {
  RequestParser parser(limits);
  parser.put(bytes(text));
  return parser.next();
}

Status refusal(std::string_view text, Limits limits = {}) {
  RequestParser parser(limits);
  parser.put(bytes(text));
  CHECK_FALSE(parser.next().has_value());
  return parser.refusal();
}

constexpr std::string_view chunked =
    "POST /api/v1/write?a=b HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;name=value\r\nhello\r\n7\r\n, world\r\n0\r\nAuthorization: late\r\n\r\n";

}  // namespace

TEST_CASE("a request is taken apart") {
  const auto request = parse("GET /metrics HTTP/1.1\r\nHost: gateway\r\nACCEPT:  text/plain \r\n\r\n");
  REQUIRE(request);
  REQUIRE(*request);
  CHECK(**request == Request{.method = "GET",
                             .target = "/metrics",
                             .headers = {{"Host", "gateway"}, {"ACCEPT", "text/plain"}}});
  CHECK((*request)->headers.find("accept") == "text/plain");
  CHECK(keeps_alive(**request));
}

TEST_CASE("a message may come in any two pieces, and a byte at a time") {
  constexpr std::string_view length = "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  constexpr std::string_view empty =
      "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  constexpr std::string_view trailer =
      "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n";
  for (const std::string_view text : {length, chunked, empty, trailer}) {
    const Request whole = parse(text).value().value();
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      RequestParser parser;
      parser.put(bytes(text.substr(0, cut)));
      const auto early = parser.next();
      REQUIRE(early);
      CHECK_FALSE(early->has_value());
      CHECK(parser.idle() == (cut == 0));
      parser.put(bytes(text.substr(cut)));
      const auto request = parser.next();
      REQUIRE(request);
      CHECK(*request == whole);
    }
    RequestParser parser;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      parser.put(bytes(text.substr(i, 1)));
      CHECK(parser.next().value() == std::nullopt);
    }
    parser.put(bytes(text.substr(text.size() - 1)));
    CHECK(parser.next().value() == whole);
    CHECK(parser.idle());
  }
}

TEST_CASE("chunks are joined, and trailers are not headers") {
  const Request request = parse(chunked).value().value();
  CHECK(request.body == "hello, world");
  CHECK_FALSE(request.headers.has("Authorization"));
}

TEST_CASE("what follows a message is the next one") {
  RequestParser parser;
  parser.put(bytes(
      "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3"));
  CHECK(parser.next().value().value().body == "ab");
  CHECK(parser.next().value().value().target == "/2");
  CHECK(parser.next().value() == std::nullopt);
  CHECK_FALSE(parser.idle());
  CHECK(parser.take_rest() == "GET /3");
}

TEST_CASE("what is not HTTP is refused with its status") {
  CHECK(refusal("\x16\x03\x01\x02 a TLS hello\r\n\r\n") == Status::bad_request);
  CHECK(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == Status::http_version_not_supported);
  CHECK(refusal("GET / HTTP/1.1\r\nHost h\r\n\r\n") == Status::bad_request);
  CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == Status::bad_request);
  CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == Status::bad_request);
  CHECK(refusal("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n") == Status::bad_request);
  CHECK(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") ==
        Status::bad_request);
}

TEST_CASE("no request has two lengths, nor one that we can not see") {
  CHECK(refusal("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd") ==
        Status::bad_request);
  CHECK(
      refusal(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
      Status::bad_request);
  CHECK(
      refusal(
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n") ==
      Status::bad_request);
  for (const std::string coding :
       {"gzip", "gzip, chunked", "chunked, gzip", "identity", "x\r\nTransfer-Encoding: y"})
    CHECK(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n") ==
          Status::not_implemented);
}

TEST_CASE("a header has a limit, whether it ends or not") {
  const Limits limits{.header = 200, .body = 10};
  const std::string fits = "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(100, 'a') + "\r\n\r\n";
  CHECK(parse(fits, limits));
  const std::string endless = "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(300, 'a');
  CHECK(refusal(endless, limits) == Status::request_header_fields_too_large);
  CHECK(refusal(endless + "\r\n\r\n", limits) == Status::request_header_fields_too_large);
  const std::string chunk =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(300, 'x');
  CHECK_FALSE(parse(chunk, limits).has_value());
}

TEST_CASE("a body has a limit, chunked or not") {
  const Limits limits{.header = 200, .body = 10};
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  CHECK(parse(head + "Content-Length: 10\r\n\r\n0123456789", limits).value().has_value());
  CHECK(refusal(head + "Content-Length: 11\r\n\r\n", limits) == Status::content_too_large);
  CHECK(refusal(head + "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n678901\r\n0\r\n\r\n", limits) ==
        Status::content_too_large);
}

TEST_CASE("a peer that waits for leave to send its body is seen once") {
  RequestParser parser;
  parser.put(bytes("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
  CHECK(parser.next().value() == std::nullopt);
  CHECK(parser.in_body());
  CHECK(parser.wants_continue());
  CHECK_FALSE(parser.wants_continue());
  parser.put(bytes("x"));
  CHECK(parser.next().value().value().body == "x");
}

TEST_CASE("the end of a connection is the end of an answer without length") {
  ResponseParser parser;
  parser.put(bytes("HTTP/1.1 200 OK\r\n\r\nall of "));
  CHECK(parser.next().value() == std::nullopt);
  parser.put(bytes("it"));
  parser.put_end();
  CHECK(parser.next().value().value().body == "all of it");
  CHECK(parser.ended());
}

TEST_CASE("an answer that is cut off is an error") {
  for (const std::string_view text : {"HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
    ResponseParser parser;
    parser.put(bytes(text));
    CHECK(parser.next().value() == std::nullopt);
    parser.put_end();
    const auto response = parser.next();
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::closed);
  }
}

TEST_CASE("interim answers are passed over, and answers to HEAD have no body") {
  ResponseParser parser;
  parser.expect_no_body();
  parser.put(
      bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
  CHECK(parser.next().value().value().status == Status::ok);
  const Response second = parser.next().value().value();
  CHECK(second.status == Status::no_content);
  CHECK_FALSE(keeps_alive(second));
  CHECK_FALSE(parser.ended());
}

TEST_CASE("what is written can be read") {
  const Request request{.method = "POST", .target = "/x", .headers = {{"Host", "h"}}, .body = "abc"};
  const Request read = parse(encode(request)).value().value();
  CHECK(read.body == "abc");
  CHECK(read.headers.find("Content-Length") == "3");

  ResponseParser parser;
  parser.put(bytes(encode(text_response(Status::not_found, "nothing here"))));
  const Response response = parser.next().value().value();
  CHECK(response.status == Status::not_found);
  CHECK(response.body == "nothing here");
  CHECK(encode(text_response(Status::ok, "abc"), false).ends_with("Content-Length: 3\r\n\r\n"));
  CHECK(encode(Response{.status = Status::no_content}) == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("no value of a field can begin another line") {
  const std::string text = encode(Response{.headers = {{"Location", "/a\r\nSet-Cookie: b"}}});
  CHECK(text.find("\r\nSet-Cookie") == std::string::npos);
}
