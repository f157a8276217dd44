// Client: requests to one server, one at a time, plain or TLS. The connection is kept for the next request
// when the server allows.
//
// A request that failed on a kept connection, which the server may just have given up, is sent once more on a
// new one if that can do no harm (RFC 9110 9.2.2). All on the executor of the network. A request under way
// must end before the client goes away: close(), then await it.
#pragma once

#include <memory>
#include <optional>

#include "io/http/deadline.hpp"
#include "io/network.hpp"
#include "io/tls/context.hpp"
#include "wire/http/message.hpp"
#include "wire/http/parser.hpp"
#include "wire/http/target.hpp"

namespace iw::io::http {

struct ClientSettings {
  std::optional<tls::TlsContext> tls = {};  // needed for https
  wire::http::Limits limits = {.header = 16 << 10, .body = 16 << 20};
  Duration connect_timeout = 5s;  // with the TLS handshake
  Duration answer_timeout = 30s;  // from the first byte sent to the last received
  Duration keep = 30s;            // how long an idle connection is used again
};

class Client {
 public:
  // The url's target is not used: that of each request is.
  Client(Network& network, wire::http::Url url, ClientSettings settings);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is an answer, no error; redirects are not followed. Host is added.
  Task<Result<wire::http::Response>> send(wire::http::Request request);

  // Ends a request under way with kind cancelled; no more can be sent.
  void close();

 private:
  Task<Result<void>> connect();
  Task<Result<wire::http::Response>> exchange(const wire::http::Request& request);
  Task<Result<wire::http::Response>> receive(bool answer_has_body);
  [[nodiscard]] Error explain(Error error) const;

  Network& network_;
  Executor& executor_;
  wire::http::Url url_;
  ClientSettings settings_;
  StreamPtr stream_;
  std::optional<Deadline> deadline_;
  Instant idle_since_{};
  bool silent_ = true;  // nothing of an answer came yet
  bool busy_ = false;
  bool closed_ = false;
};

}  // namespace iw::io::http
