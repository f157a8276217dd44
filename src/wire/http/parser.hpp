// RequestParser and ResponseParser: bytes to messages, without IO (RFC 9112, by Boost.Beast's parser).
//
//   parser.put(bytes);
//   auto request = parser.next();      // an error, nothing yet, or the next message
//
// Bytes may come in any pieces; what follows a message stays and begins the next one (pipelining). After an
// error the connection is of no more use: where the next message would begin is not known. Trailers are
// dropped: nothing that is judged before the body may come behind it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/http/message.hpp"

namespace iw::wire::http {

struct Limits {
  std::size_t header = 8 << 10;  // bytes, with the first line; for a chunk's head too
  std::size_t body = 1 << 20;    // bytes, chunked or not
};

class RequestParser {
 public:
  explicit RequestParser(Limits limits = {});
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  void put(Bytes bytes);
  // Kinds: malformed; exhausted, beyond a limit; unsupported, a version or coding that we do not know.
  Result<std::optional<Request>> next();

  // Nothing of a next message is here.
  [[nodiscard]] bool idle() const;
  // The header is here and the body is not yet.
  [[nodiscard]] bool in_body() const;
  // The peer waits for leave to send its body (RFC 9110 10.1.1). True once for each message.
  [[nodiscard]] bool wants_continue();
  // What to answer after an error of next(): 400, 413, 431, 501 or 505.
  [[nodiscard]] Status refusal() const;
  // What was put and not yet taken: the first bytes of another protocol, after an Upgrade.
  [[nodiscard]] std::string take_rest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ResponseParser {
 public:
  explicit ResponseParser(Limits limits = {});
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ~ResponseParser();

  // The next answer is one to HEAD and has no body, whatever its header says.
  void expect_no_body();

  void put(Bytes bytes);
  // The peer has ended the stream: the end of a body without length, an error in the midst of anything else.
  void put_end();
  // Interim answers (1xx but 101) are passed over.
  Result<std::optional<Response>> next();

  [[nodiscard]] bool idle() const;
  // Nothing can follow the message that next() gave last, because its end was the end of the stream.
  [[nodiscard]] bool ended() const;
  [[nodiscard]] std::string take_rest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iw::wire::http
