#include "wire/websocket/session.hpp"

#include <array>

#include <doctest/doctest.h>

#include "wire/websocket/handshake.hpp"

namespace iw::wire::websocket {
namespace {

// A frame of a client: masked, as it must be (RFC 6455 5.3).
std::string frame(unsigned opcode, std::string_view payload, bool masked = true) {
  std::string bytes;
  bytes += static_cast<char>(0x80U | opcode);
  const unsigned mask_bit = masked ? 0x80U : 0;
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask_bit | payload.size());
  } else {
    bytes += static_cast<char>(mask_bit | 126U);
    bytes += static_cast<char>(payload.size() >> 8U);
    bytes += static_cast<char>(payload.size() & 0xFFU);
  }
  constexpr std::array<unsigned char, 4> mask{0x37, 0xFA, 0x21, 0x3D};
  if (masked) bytes.append(mask.begin(), mask.end());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const auto byte = static_cast<unsigned char>(payload[i]);
    bytes += static_cast<char>(masked ? byte ^ mask.at(i % 4) : byte);
  }
  return bytes;
}

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// The status of a closing frame.
unsigned status_of(const std::string& output) {
  REQUIRE(output.size() >= 4);
  REQUIRE(static_cast<unsigned char>(output[0]) == 0x88);
  return static_cast<unsigned>(static_cast<unsigned char>(output[2])) << 8U |
         static_cast<unsigned char>(output[3]);
}

http::Request asking() {
  return {.headers = {{"Upgrade", "websocket"},
                      {"Connection", "keep-alive, Upgrade"},
                      {"Sec-WebSocket-Version", "13"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
}

TEST_CASE("the handshake is that of the example in RFC 6455 1.3") {
  const auto answer = agree(asking());
  REQUIRE(answer);
  CHECK(answer->status == http::Status::switching_protocols);
  CHECK(answer->headers.find("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("a request that does not ask for WebSocket is told what is missing") {
  http::Request plain = asking();
  plain.headers.remove("Upgrade");
  CHECK(agree(plain).error().remedy == "connect with ws:// or wss://");
  http::Request old = asking();
  old.headers.set("Sec-WebSocket-Version", "8");
  CHECK(agree(old).error().kind == ErrorKind::unsupported);
  http::Request keyless = asking();
  keyless.headers.set("Sec-WebSocket-Key", "short");
  CHECK_FALSE(agree(keyless));
}

TEST_CASE("messages come whole however the bytes are cut, and go as unmasked frames") {
  const std::string wire = frame(1, "Hello") + frame(1, std::string(300, 'x'));
  Session session;
  std::vector<std::string> messages;
  for (const char c : wire) {
    for (std::string& text : session.put(bytes_of(std::string(1, c))))
      messages.push_back(std::move(text));
  }
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == "Hello");
  CHECK(messages[1].size() == 300);
  session.send_text("Hi");
  CHECK(session.take_output() == std::string("\x81\x02Hi"));
  CHECK(session.waiting() == 0);
}

TEST_CASE("a ping is answered with its own payload, a goodbye with a goodbye") {
  Session session;
  CHECK(session.put(bytes_of(frame(9, "abc"))).empty());
  CHECK(session.take_output() == std::string("\x8A\x03"
                                             "abc"));
  CHECK_FALSE(session.ended());
  session.put(bytes_of(frame(8, std::string("\x03\xE8", 2))));
  CHECK(status_of(session.take_output()) == 1000);
  CHECK(session.ended());
}

TEST_CASE("what breaks the protocol or a limit ends the session with the status that says so") {
  const auto ends_with = [](const std::string& wire) {
    Session session(100);
    CHECK(session.put(bytes_of(wire)).empty());
    CHECK(session.ended());
    return status_of(session.take_output());
  };
  CHECK(ends_with(frame(1, "not masked", false)) == 1002);
  CHECK(ends_with(frame(3, "reserved")) == 1002);
  CHECK(ends_with(frame(1, "\xFF\xFE")) == 1007);
  CHECK(ends_with(frame(1, std::string(101, 'x'))) == 1009);
  CHECK(ends_with(frame(2, "binary")) == 1003);
}

TEST_CASE("what comes behind a message that ends the session is not looked at") {
  Session session;
  CHECK(session.put(bytes_of(frame(2, "binary") + frame(1, "text"))).empty());
  CHECK(session.ended());
}

}  // namespace
}  // namespace iw::wire::websocket
