// The opening handshake of WebSocket, the server's side (RFC 6455 4.2).
#pragma once

#include "base/result.hpp"
#include "wire/http/message.hpp"

namespace iw::wire::websocket {

// The answer 101. An error says what is missing for this to be a request for WebSocket, version 13.
Result<http::Response> agree(const http::Request& request);

}  // namespace iw::wire::websocket
