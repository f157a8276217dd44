#include "wire/websocket/handshake.hpp"

#include <array>

#include <openssl/evp.h>

namespace iw::wire::websocket {
namespace {

// Proves that whoever answers knows WebSocket: base64 of the SHA-1 of the key and this (RFC 6455 4.2.2).
std::string accept_of(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {base64.begin(), base64.begin() + length};
}

constexpr std::size_t key_length = 24;  // 16 bytes in base64

}  // namespace

Result<http::Response> agree(const http::Request& request) {
  const http::Headers& headers = request.headers;
  if (request.method != "GET" || !headers.has_token("Upgrade", "websocket") ||
      !headers.has_token("Connection", "upgrade")) {
    return fail(ErrorKind::invalid_argument, "this is a WebSocket", "connect with ws:// or wss://");
  }
  if (headers.find("Sec-WebSocket-Version") != "13")
    return fail(ErrorKind::unsupported, "only version 13 of WebSocket is spoken");
  const auto key = headers.find("Sec-WebSocket-Key");
  if (!key || key->size() != key_length)
    return fail(ErrorKind::invalid_argument, "Sec-WebSocket-Key is not 16 bytes in base64");
  return http::Response{.status = http::Status::switching_protocols,
                        .headers = {{"Upgrade", "websocket"},
                                    {"Connection", "Upgrade"},
                                    {"Sec-WebSocket-Accept", accept_of(*key)}},
                        .body = {}};
}

}  // namespace iw::wire::websocket
