#include "io/http/server.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/chrono.h>

#include "base/overloaded.hpp"
#include "io/http/deadline.hpp"
#include "io/tls/stream.hpp"

namespace iw::io::http {
namespace {

constexpr Duration accept_retry = 1s;
// How long, and how much, a refused client may go on talking before the connection ends: closing at once
// would make its system throw our answer away (RFC 9112 9.6).
constexpr Duration linger = 1s;
constexpr std::size_t linger_bytes = 1 << 20;

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// IMF-fixdate, RFC 9110 5.6.7.
std::string http_date(WallTime time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

struct Server::Connection {
  Connection(StreamPtr s, Executor& executor, wire::http::Limits limits)
      : owner(std::move(s)), stream(owner.get()), peer(stream->peer()), parser(limits), deadline(executor) {}

  StreamPtr owner;
  ByteStream* stream;  // in the handshake, the one below TLS
  std::string peer;
  const tls::PeerCertificate* certificate = nullptr;
  wire::http::RequestParser parser;
  Deadline deadline;
  bool idle = false;     // between requests
  bool waiting = true;   // for a request: nothing is lost with it
  bool leaving = false;  // closed to make room
};

class Server::Grace final : public Timer {
 public:
  explicit Grace(Server& server) : server_(server) {}

 private:
  void on_timer() override { server_.close_connections(false); }

  Server& server_;
};

Server::Server(Network& network, Router router, Log& log, ServerSettings settings)
    : network_(network),
      executor_(network.executor()),
      router_(std::move(router)),
      log_(log),
      settings_(std::move(settings)),
      wake_(executor_),
      serving_(executor_),
      grace_(std::make_unique<Grace>(*this)) {}

Server::~Server() = default;

Result<Endpoint> Server::listen(const Endpoint& at) {
  auto listener = network_.listen(at);
  if (!listener) return fail(std::move(listener).error());
  listener_ = std::move(*listener);
  return listener_->local();
}

Task<void> Server::run() {
  while (!stopping_) {
    auto stream = co_await listener_->accept();
    if (!stream) {
      if (stream.error().kind == ErrorKind::cancelled) break;
      log_.warning("{}: {}", to_string(listener_->local()), stream.error().message);
      co_await wake_.wait_until(executor_.now() + accept_retry);
    } else if (!has_room()) {
      (*stream)->close();
    } else {
      serving_.spawn(serve(std::move(*stream)));
    }
  }
  co_await serving_.join();
  grace_->disarm();
}

void Server::stop() {
  if (std::exchange(stopping_, true)) return;
  if (listener_) listener_->close();
  wake_.close();
  close_connections(true);
  executor_.arm(*grace_, executor_.now() + settings_.stop_grace);
}

// For one more. Those that hold a connection and say nothing, or say it byte by byte, do not keep others out:
// the one that came first goes, and of those between two requests, whose clients come again by themselves,
// only when there is no other.
bool Server::has_room() {
  if (open_.size() < settings_.max_connections) return true;
  const auto staying = std::ranges::count(open_, false, &Connection::leaving);
  if (static_cast<std::size_t>(staying) < settings_.max_connections) return true;
  ++counters_.turned_away;
  for (const bool idle : {false, true}) {
    const auto found = std::ranges::find_if(
        open_, [idle](const Connection* one) { return one->waiting && !one->leaving && one->idle == idle; });
    if (found == open_.end()) continue;
    (*found)->leaving = true;
    (*found)->stream->close();
    return true;
  }
  return false;
}

void Server::close_connections(bool only_idle) {
  for (Connection* connection : open_) {
    if (connection->idle || !only_idle) connection->stream->close();
  }
}

// ---- One connection

Task<void> Server::serve(StreamPtr stream) {
  Connection connection(std::move(stream), executor_, settings_.limits);
  ++counters_.connections;
  open_.push_back(&connection);
  const bool safe = co_await secure(connection);
  if (safe) co_await converse(connection);
  if (connection.deadline.passed() && !connection.idle) ++counters_.timed_out;
  std::erase(open_, &connection);
}

Task<bool> Server::secure(Connection& connection) {
  if (!settings_.tls) co_return true;
  const tls::TlsContext context = *settings_.tls;  // another may come meanwhile
  auto secured = co_await tls::tls_accept(std::move(connection.owner), context, executor_,
                                          executor_.now() + settings_.header_timeout);
  if (!secured) {
    log_.info("{}: no TLS connection: {}", connection.peer, secured.error().message);
    co_return false;
  }
  const auto& certificate = (*secured)->peer_certificate();
  if (certificate) connection.certificate = &*certificate;
  connection.owner = std::move(*secured);
  connection.stream = connection.owner.get();
  co_return true;
}

Task<void> Server::converse(Connection& connection) {
  for (bool first = true; !stopping_; first = false) {
    auto request = co_await receive(connection, first);
    if (!request) break;
    const bool goes_on = co_await answer(connection, std::move(*request));
    if (!goes_on) break;
  }
}

// The next request; none: the connection is at its end.
Task<std::optional<Request>> Server::receive(Connection& connection, bool first) {
  enum class Phase : std::uint8_t { none, idle, header, body };
  Phase phase = Phase::none;
  std::array<std::byte, 4096> buffer;
  wire::http::RequestParser& parser = connection.parser;
  for (;;) {
    auto request = parser.next();
    if (!request) {
      co_await refuse(connection, std::move(request).error());
      co_return std::nullopt;
    }
    if (*request) {
      connection.idle = connection.waiting = false;
      co_return std::move(*request);
    }
    if (parser.wants_continue()) {
      const bool sent = co_await write(connection, "HTTP/1.1 100 Continue\r\n\r\n");
      if (!sent) co_return std::nullopt;
      phase = Phase::none;
    }
    const Phase now = parser.in_body() ? Phase::body : parser.idle() && !first ? Phase::idle : Phase::header;
    if (std::exchange(phase, now) != now) {
      connection.idle = now == Phase::idle;
      connection.waiting = now != Phase::body;
      connection.deadline.set(*connection.stream, now == Phase::body     ? settings_.body_timeout
                                                  : now == Phase::header ? settings_.header_timeout
                                                                         : settings_.idle_timeout);
    }
    const auto n = co_await connection.stream->read_some(buffer);
    if (!n) co_return std::nullopt;
    parser.put(Bytes(buffer).first(*n));
  }
}

// False: it was the last of this connection.
Task<bool> Server::answer(Connection& connection, Request request) {
  ++counters_.requests;
  connection.deadline.clear();
  Upgrade upgrade = co_await respond(connection, request);
  router_.finish(&request, upgrade.response);
  if (upgrade.serve && request.method != "HEAD") {
    const bool sent = co_await write(connection, encode_head(upgrade.response));
    connection.deadline.clear();
    connection.idle = true;  // it has no end of its own: stop() need not wait for it
    if (sent && !stopping_) co_await upgrade.serve(*connection.stream, connection.parser.take_rest());
    co_return false;
  }
  const bool last = stopping_ || !keeps_alive(request) || !keeps_alive(upgrade.response);
  const bool sent = co_await send(connection, std::move(upgrade.response), request.method != "HEAD", last);
  co_return sent && !last;
}

Task<Upgrade> Server::respond(Connection& connection, const Request& request) {
  auto target = wire::http::parse_target(request.target);
  if (!target) {
    co_return Upgrade{.response = text_response(Status::bad_request, target.error().message + "\n")};
  }
  Call call{.request = request,
            .target = std::move(*target),
            .captured = {},
            .peer = connection.peer,
            .certificate = connection.certificate};
  if (auto answered = router_.look(call)) co_return Upgrade{.response = std::move(*answered)};
  auto found = router_.find(call);
  if (auto* refusal = std::get_if<Response>(&found)) co_return Upgrade{.response = std::move(*refusal)};
  const AnyHandler& any = *std::get<const AnyHandler*>(found);
  if (const auto* handler = std::get_if<UpgradeHandler>(&any)) co_return (*handler)(call);
  if (const auto* handler = std::get_if<Handler>(&any)) co_return Upgrade{.response = (*handler)(call)};
  auto response = co_await std::get<WaitingHandler>(any)(call);
  co_return Upgrade{.response = std::move(response)};
}

// Says why, and lets the client finish what it is saying, so that it hears us.
Task<void> Server::refuse(Connection& connection, Error error) {
  ++counters_.refused;
  log_.debug("{}: refused: {}", connection.peer, error.message);
  Response response = text_response(connection.parser.refusal(), error.message + "\n");
  router_.finish(nullptr, response);
  const bool sent = co_await send(connection, std::move(response), true, true);
  if (!sent) co_return;
  connection.idle = connection.waiting = true;
  connection.deadline.set(*connection.stream, linger);
  std::array<std::byte, 4096> buffer;
  for (std::size_t taken = 0; taken < linger_bytes && !stopping_;) {
    const auto n = co_await connection.stream->read_some(buffer);
    if (!n) co_return;
    taken += *n;
  }
}

Task<bool> Server::send(Connection& connection, Response response, bool with_body, bool last) {
  response.headers.set("Date", http_date(executor_.clock().wall_now()));
  if (last) response.headers.set("Connection", "close");
  return write(connection, encode(response, with_body));
}

Task<bool> Server::write(Connection& connection, std::string text) const {
  connection.idle = false;
  connection.deadline.set(*connection.stream, settings_.write_timeout);
  const auto written = co_await connection.stream->write(bytes_of(text));
  co_return written.has_value();
}

}  // namespace iw::io::http
