// Server: HTTP/1.1 on one port, plain or TLS; a coroutine for each connection.
//
//   Server server(network, std::move(router), log, {});
//   server.listen({"127.0.0.1", 8080});
//   group.spawn(server.run());           // until stop()
//
// A connection that is slow to say what it wants, or to take what it asked for, is closed: the time of a
// header and of a body runs from its first byte, however steadily it drips. All on the executor of the
// network. stop() lets answers under way be finished, for a moment; await the end of run() before the server
// goes away.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "io/http/router.hpp"
#include "io/network.hpp"
#include "io/signal.hpp"
#include "io/task_group.hpp"
#include "io/tls/context.hpp"
#include "wire/http/parser.hpp"

namespace iw::io::http {

struct ServerSettings {
  std::optional<tls::TlsContext> tls = {};  // none: plain
  wire::http::Limits limits = {};
  std::size_t max_connections = 256;  // for more, the one is closed that waits longest to say what it wants
  Duration header_timeout = 5s;       // TLS handshake; first byte of a request to the end of its header
  Duration body_timeout = 30s;
  Duration write_timeout = 30s;
  Duration idle_timeout = 60s;  // between requests
  Duration stop_grace = 500ms;  // for answers under way
};

struct ServerCounters {
  std::uint64_t connections = 0;
  std::uint64_t turned_away = 0;  // above max_connections: who came, or who made room for it
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;    // that were not HTTP, or too large
  std::uint64_t timed_out = 0;  // connections closed because they were slow; idle ones are not counted
};

class Server {
 public:
  Server(Network& network, Router router, Log& log, ServerSettings settings);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Takes the port; port 0: any. Gives where it really is.
  Result<Endpoint> listen(const Endpoint& at);
  // Takes connections until stop(). After listen().
  Task<void> run();
  void stop();
  // For connections that come from now on.
  void serve_with(tls::TlsContext context) { settings_.tls = std::move(context); }

  [[nodiscard]] std::size_t connections() const { return open_.size(); }
  [[nodiscard]] const ServerCounters& counters() const { return counters_; }

 private:
  struct Connection;
  class Grace;

  Task<void> serve(StreamPtr stream);
  Task<bool> secure(Connection& connection);
  Task<void> converse(Connection& connection);
  Task<std::optional<Request>> receive(Connection& connection, bool first);
  Task<bool> answer(Connection& connection, Request request);
  Task<Upgrade> respond(Connection& connection, const Request& request);
  Task<void> refuse(Connection& connection, Error error);
  Task<bool> send(Connection& connection, Response response, bool with_body, bool last);
  Task<bool> write(Connection& connection, std::string text) const;
  void close_connections(bool only_idle);
  bool has_room();

  Network& network_;
  Executor& executor_;
  Router router_;
  Log& log_;
  ServerSettings settings_;
  ListenerPtr listener_;
  Signal wake_;
  TaskGroup serving_;
  std::vector<Connection*> open_;
  std::unique_ptr<Grace> grace_;
  ServerCounters counters_;
  bool stopping_ = false;
};

}  // namespace iw::io::http
