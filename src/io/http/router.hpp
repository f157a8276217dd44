// Router: which handler answers which method and path.
//
//   Router router;
//   router.get("/metrics", [&](const Call& call) { return render(call); });
//   router.on_waiting("PUT", "/api/points/{path}", [&](const Call& call) { return write(call); });
//
// "{name}" takes any one segment. The first route that fits wins. HEAD is answered by GET without its body.
// before() and after() are for what holds for every route: who may ask, and what every answer says.
// Handlers run on the executor of the server, and must be quick unless they are coroutines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/stream.hpp"
#include "io/task.hpp"
#include "io/tls/peer_certificate.hpp"
#include "wire/http/message.hpp"
#include "wire/http/target.hpp"

namespace iw::io::http {

using wire::http::Request;
using wire::http::Response;
using wire::http::Status;
using wire::http::Target;

// A request on its way through a handler. Lives until the handler, or its coroutine, has ended.
struct Call {
  const Request& request;
  Target target;
  std::vector<std::pair<std::string, std::string>> captured;  // what "{name}" took
  std::string peer;                                           // "192.0.2.9:51034"
  const tls::PeerCertificate* certificate = nullptr;          // of mutual TLS

  // What "{name}" took; empty when the path has no such name.
  [[nodiscard]] std::string_view capture(std::string_view name) const;
};

// Another protocol on the same connection, as WebSocket is, or an answer whose end is not known, as a stream
// of events is. With a serve() the head of the answer is sent, and serve() has the stream, and the bytes that
// came early, until it returns; that ends the connection.
struct Upgrade {
  Response response;
  std::function<Task<void>(ByteStream& stream, std::string first_bytes)> serve = {};
};

using Handler = std::function<Response(const Call&)>;
using WaitingHandler = std::function<Task<Response>(const Call&)>;
using UpgradeHandler = std::function<Upgrade(const Call&)>;
using AnyHandler = std::variant<Handler, WaitingHandler, UpgradeHandler>;

class Router {
 public:
  void get(std::string_view path, Handler handler) { add("GET", path, std::move(handler)); }
  void on(std::string method, std::string_view path, Handler handler) {
    add(std::move(method), path, std::move(handler));
  }
  void on_waiting(std::string method, std::string_view path, WaitingHandler handler) {
    add(std::move(method), path, std::move(handler));
  }
  void on_upgrade(std::string_view path, UpgradeHandler handler) { add("GET", path, std::move(handler)); }

  // GET of a path that no route has; without it: 404.
  void otherwise(Handler handler) { otherwise_ = AnyHandler(std::move(handler)); }

  // Looks at every request, routed or not, before its handler: what it gives is the answer.
  void before(std::function<std::optional<Response>(const Call&)> look) { before_ = std::move(look); }
  // Sees every answer before it is sent; those of the server itself, to what was no request, without one.
  void after(std::function<void(const Request*, Response&)> finish) { after_ = std::move(finish); }

  [[nodiscard]] std::optional<Response> look(const Call& call) const {
    return before_ ? before_(call) : std::nullopt;
  }
  void finish(const Request* request, Response& response) const {
    if (after_) after_(request, response);
  }

  // The handler, and what it captured into the call; or the answer: 404, or 405 with what is allowed.
  [[nodiscard]] std::variant<const AnyHandler*, Response> find(Call& call) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    AnyHandler handler;

    [[nodiscard]] bool fits(const std::vector<std::string>& path) const;
  };

  void add(std::string method, std::string_view path, AnyHandler handler);

  std::vector<Route> routes_;
  std::optional<AnyHandler> otherwise_;
  std::function<std::optional<Response>(const Call&)> before_;
  std::function<void(const Request*, Response&)> after_;
};

}  // namespace iw::io::http
