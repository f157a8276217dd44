// Session: one WebSocket connection after its handshake, the server's side, without IO (RFC 6455, by
// libwslay).
//
//   for (const std::string& text : session.put(bytes)) ...     // whole text messages
//   session.send_text("{}");
//   write(session.take_output());                               // frames; also pongs and the closing ones
//   if (session.ended()) close the stream
//
// What breaks the protocol or a limit, and a binary message, ends the session with the status that says so;
// no exception, no error to handle.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace iw::wire::websocket {

class Session {
 public:
  // most_message: bytes of a message that the peer may send.
  explicit Session(std::size_t most_message = std::size_t{16} << 10U);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  std::vector<std::string> put(Bytes bytes);
  void send_text(std::string_view text);
  // Says goodbye (status 1001, going away).
  void close();

  [[nodiscard]] std::string take_output();
  [[nodiscard]] std::size_t waiting() const;  // bytes of output
  // Nothing more comes or goes, but the output that is still here.
  [[nodiscard]] bool ended() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iw::wire::websocket
