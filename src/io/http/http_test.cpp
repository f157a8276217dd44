// Server and client against each other and against raw bytes, in a simulated world.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/http/client.hpp"
#include "io/http/server.hpp"
#include "io/sleep.hpp"
#include "io/testing/capture_log.hpp"
#include "io/tls/certificates_test.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::http;
using iw::io::testing::CaptureLog;

namespace {

using wire::http::Url;

struct Site {
  explicit Site(ServerSettings settings = {})
      : server(gateway.network(), routes(), log, std::move(settings)) {
    REQUIRE(server.listen({"0.0.0.0", 8080}));
    tasks.spawn(server.run());
  }
  ~Site() {
    server.stop();
    client.close();
    world.run_for(10min);
    CHECK(tasks.running() == 0);
    CHECK(server.connections() == 0);
  }

  Router routes() {
    Router router;
    router.get("/hello", [](const Call&) { return text_response(Status::ok, "hello\n"); });
    router.get("/points/{path}",
               [](const Call& call) { return text_response(Status::ok, std::string(call.capture("path"))); });
    router.on("POST", "/echo", [](const Call& call) { return text_response(Status::ok, call.request.body); });
    router.on_waiting("GET", "/slow", [this](const Call& call) { return slow(call); });
    router.on_upgrade("/upper", [](const Call&) { return upgrade(); });
    return router;
  }

  Task<Response> slow(const Call& call) {
    co_await sleep_for(gateway.executor(), 400ms);
    co_return text_response(Status::ok, call.request.target);
  }
  static Upgrade upgrade() {
    return {.response = {.status = Status::switching_protocols, .headers = {{"Upgrade", "upper"}}},
            .serve = [](ByteStream& stream, std::string first) { return shout(stream, std::move(first)); }};
  }
  // Sends every byte back in upper case, until the stream ends.
  static Task<void> shout(ByteStream& stream, std::string text) {
    std::array<std::byte, 64> buffer;
    for (;;) {
      for (char& c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      const auto written = co_await stream.write(std::as_bytes(std::span(text)));
      if (!written) co_return;
      const auto n = co_await stream.read_some(buffer);
      if (!n) co_return;
      text.assign(reinterpret_cast<const char*>(buffer.data()), *n);
    }
  }

  // What the client gets.
  Result<Response> ask(Request request) {
    std::optional<Result<Response>> result;
    tasks.spawn(ask_into(std::move(request), result));
    REQUIRE(world.run_until_holds([&] { return result.has_value(); }, 5min));
    return *result;
  }
  Task<void> ask_into(Request request, std::optional<Result<Response>>& result) {
    result = co_await client.send(std::move(request));
  }

  // Sends bytes, and gives all that came back until the server hung up or the time was over.
  std::string raw(std::string_view text, Duration patience = 10s) {
    std::string back;
    bool ended = false;
    StreamPtr stream;
    tasks.spawn(talk(std::string(text), back, ended, stream));
    world.run_until_holds([&] { return ended; }, patience);
    hung_up = ended;
    if (!ended) stream->close();
    REQUIRE(world.run_until_holds([&] { return ended; }, 1min));
    return back;
  }
  Task<void> talk(std::string text, std::string& back, bool& ended, StreamPtr& stream) {
    stream = (co_await user.network().connect({"gateway", 8080}, world.now() + 5s)).value();
    auto written = co_await stream->write(std::as_bytes(std::span(text)));
    std::array<std::byte, 512> buffer;
    while (written) {
      const auto n = co_await stream->read_some(buffer);
      if (!n) break;
      back.append(reinterpret_cast<const char*>(buffer.data()), *n);
    }
    ended = true;
  }

  world::World world{1};
  world::Node& gateway = world.add_node("gateway");
  world::Node& user = world.add_node("user");
  CaptureLog log;
  Server server;
  Client client{user.network(), Url{.host = "gateway", .port = 8080}, {}};
  TaskGroup tasks{user.executor()};
  bool hung_up = false;
};

std::string get(std::string_view path) { return fmt::format("GET {} HTTP/1.1\r\nHost: g\r\n\r\n", path); }
std::string first_line(const std::string& text) { return text.substr(0, text.find("\r\n")); }

}  // namespace

TEST_CASE("a client is answered, again and again on one connection") {
  Site site;
  for (int i = 0; i < 3; ++i) {
    const Response response = site.ask({.target = "/hello"}).value();
    CHECK(response.status == Status::ok);
    CHECK(response.body == "hello\n");
    CHECK(response.headers.find("Date")->starts_with("Thu, 01 Jan 2026 00:0"));
  }
  CHECK(site.server.counters().connections == 1);
  CHECK(site.server.counters().requests == 3);
}

TEST_CASE("bodies go both ways, over a rough network") {
  Site site;
  site.world.link(site.user, site.gateway) = world::LinkSettings::rough();
  site.world.link(site.gateway, site.user) = world::LinkSettings::rough();
  const std::string body(20'000, 'x');
  CHECK(site.ask({.method = "POST", .target = "/echo", .body = body}).value().body == body);
}

TEST_CASE("a path may have a name in it, and a handler may wait") {
  Site site;
  CHECK(site.ask({.target = "/points/roof%2FActivePower"}).value().body == "roof/ActivePower");
  CHECK(site.ask({.target = "/slow?x"}).value().body == "/slow?x");
}

TEST_CASE("what is not there is 404, what is not allowed 405 with what is") {
  Site site;
  CHECK(site.ask({.target = "/nothing"}).value().status == Status::not_found);
  CHECK(site.ask({.target = "/points/"}).value().status == Status::not_found);
  const Response response = site.ask({.method = "DELETE", .target = "/hello"}).value();
  CHECK(response.status == Status::method_not_allowed);
  CHECK(response.headers.find("Allow") == "GET, HEAD");
  CHECK(site.ask({.target = "/%zz"}).value().status == Status::bad_request);
}

TEST_CASE("HEAD is GET without the body") {
  Site site;
  const Response response = site.ask({.method = "HEAD", .target = "/hello"}).value();
  CHECK(response.headers.find("Content-Length") == "6");
  CHECK(response.body.empty());
  CHECK(site.ask({.target = "/hello"}).value().body == "hello\n");
  CHECK(site.server.counters().connections == 1);
}

TEST_CASE("requests in advance are answered in their order") {
  Site site;
  const std::string back = site.raw(get("/slow?1") + get("/hello") + get("/points/last"), 2s);
  CHECK(back.find("/slow?1") < back.find("hello"));
  CHECK(back.ends_with("last"));
  CHECK_FALSE(site.hung_up);
}

TEST_CASE("the connection ends when the client wants it to") {
  Site site;
  const std::string back = site.raw("GET /hello HTTP/1.0\r\n\r\n");
  CHECK(site.hung_up);
  CHECK(back.find("Connection: close\r\n") != std::string::npos);
  CHECK(back.ends_with("hello\n"));
}

TEST_CASE("what is refused is told why, and the connection ends") {
  Site site({.limits = {.header = 400, .body = 100}});
  CHECK(first_line(site.raw("nonsense\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(site.hung_up);
  CHECK(first_line(site.raw("GET / HTTP/1.1\r\nA: " + std::string(500, 'a'))) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
  CHECK(site.hung_up);
  // All of the body is on its way before the answer is there.
  CHECK(first_line(site.raw("POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 90000\r\n\r\n" +
                            std::string(90'000, 'b'))) == "HTTP/1.1 413 Content Too Large");
  CHECK(site.hung_up);
  CHECK(site.server.counters().refused == 3);
}

TEST_CASE("a client that waits for leave to send its body gets it") {
  Site site;
  const std::string back =
      site.raw("POST /echo HTTP/1.1\r\nHost: g\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", 1s);
  CHECK(back == "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_CASE("who is slow to say what it wants is closed") {
  Site site({.header_timeout = 5s, .body_timeout = 8s, .idle_timeout = 60s});
  site.raw("", 4s);
  CHECK_FALSE(site.hung_up);
  site.raw("", 6s);
  CHECK(site.hung_up);
  site.raw("GET / HTT", 6s);
  CHECK(site.hung_up);
  const std::string half = "POST /echo HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n\r\na";
  site.raw(half, 7s);
  CHECK_FALSE(site.hung_up);
  site.raw(half, 9s);
  CHECK(site.hung_up);
  CHECK(site.server.counters().timed_out == 3);
  site.raw(get("/hello"), 55s);
  CHECK_FALSE(site.hung_up);
  site.raw(get("/hello"), 65s);
  CHECK(site.hung_up);
  CHECK(site.server.counters().timed_out == 3);
}

TEST_CASE("dripping does not buy time") {
  Site site({.header_timeout = 5s});
  site.world.link(site.user, site.gateway).bytes_per_second = 20;
  site.raw("GET /hello HTTP/1.1\r\nHost: g\r\nX: " + std::string(2000, 'x'), 8s);
  CHECK(site.hung_up);
}

TEST_CASE("there is room for so many connections, and who is being answered is not sent away for another") {
  Site site({.max_connections = 1});
  std::optional<Result<Response>> slow;
  site.tasks.spawn(site.ask_into({.target = "/slow"}, slow));
  site.world.run_for(100ms);
  CHECK(site.raw(get("/hello")).empty());
  CHECK(site.server.counters().turned_away == 1);
  REQUIRE(site.world.run_until_holds([&] { return slow.has_value(); }, 1s));
  CHECK((*slow)->body == "/slow");
}

TEST_CASE("who does not say what it wants makes room, the first first") {
  Site site({.max_connections = 3, .header_timeout = 1h});
  CHECK(site.ask({.target = "/hello"}));  // and between two requests from then on
  std::array<bool, 2> ended{};
  std::array<std::string, 2> back;
  std::array<StreamPtr, 2> streams;
  for (std::size_t i = 0; i < 2; ++i) {
    site.tasks.spawn(site.talk("GET /hello HT", back.at(i), ended.at(i), streams.at(i)));
    site.world.run_for(100ms);
  }
  CHECK(first_line(site.raw(get("/hello"), 1s)) == "HTTP/1.1 200 OK");
  CHECK(ended == std::array{true, false});
  CHECK(site.ask({.target = "/hello"}));
  CHECK(site.server.counters().connections == 4);  // still on its first connection
  CHECK(site.server.counters().turned_away == 1);
  streams.at(1)->close();
}

TEST_CASE("who is between two requests makes room when nobody else does") {
  Site site({.max_connections = 1});
  CHECK(site.ask({.target = "/hello"}));
  CHECK(first_line(site.raw(get("/hello"), 1s)) == "HTTP/1.1 200 OK");
  CHECK(site.ask({.target = "/hello"}));
}

TEST_CASE("stop lets an answer be finished, and closes who is idle at once") {
  Site site({.stop_grace = 500ms});
  std::optional<Result<Response>> slow;
  site.tasks.spawn(site.ask_into({.target = "/slow"}, slow));
  site.world.run_for(100ms);
  site.server.stop();
  REQUIRE(site.world.run_until_holds([&] { return slow.has_value(); }, 1s));
  REQUIRE(*slow);
  CHECK((*slow)->headers.find("Connection") == "close");
  CHECK(site.world.run_until_holds([&] { return site.server.connections() == 0; }, 1s));
  CHECK_FALSE(site.ask({.target = "/hello"}).has_value());
}

TEST_CASE("stop does not wait for who does not end") {
  Site site({.header_timeout = 1h, .stop_grace = 500ms});
  bool ended = false;
  std::string back;
  StreamPtr stream;
  site.tasks.spawn(site.talk("GET /hello HT", back, ended, stream));
  site.world.run_for(100ms);
  site.server.stop();
  CHECK(site.world.run_until_holds([&] { return ended; }, 1s));
}

TEST_CASE("a connection can become another protocol") {
  Site site;
  const std::string back = site.raw(get("/upper") + "early", 1s);
  CHECK(first_line(back) == "HTTP/1.1 101 Switching Protocols");
  CHECK(back.ends_with("\r\n\r\nEARLY"));
}

TEST_CASE("a kept connection that the server gave up costs nothing but another") {
  Site site({.idle_timeout = 10s});
  CHECK(site.ask({.target = "/hello"}));
  site.world.run_for(15s);  // less than the client keeps it
  CHECK(site.ask({.target = "/hello"}));
  CHECK(site.server.counters().connections == 2);
  site.world.run_for(15s);
  // What may do harm twice is not sent twice.
  CHECK_FALSE(site.ask({.method = "POST", .target = "/echo", .body = "x"}).has_value());
  CHECK(site.ask({.method = "POST", .target = "/echo", .body = "x"}).has_value());
}

TEST_CASE("a connection that was idle for long is not used again") {
  Site site;
  CHECK(site.ask({.target = "/hello"}));
  site.world.run_for(35s);
  CHECK(site.ask({.method = "POST", .target = "/echo", .body = "x"}).has_value());
  CHECK(site.server.counters().connections == 2);
}

TEST_CASE("a server that does not answer is given up in time") {
  Site site;
  CHECK(site.ask({.target = "/hello"}));
  site.world.block(site.gateway, site.user);
  const Instant begun = site.world.now();
  const auto response = site.ask({.target = "/hello"});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::timeout);
  CHECK(response.error().message == "gateway:8080 did not answer in time");
  CHECK(site.world.now() - begun < 31s);
}

TEST_CASE("a request under way ends when the client is closed") {
  Site site;
  std::optional<Result<Response>> slow;
  site.tasks.spawn(site.ask_into({.target = "/slow"}, slow));
  site.world.run_for(100ms);
  CHECK(site.ask({.target = "/hello"}).error().kind == ErrorKind::busy);
  site.client.close();
  REQUIRE(site.world.run_until_holds([&] { return slow.has_value(); }, 100ms));
  CHECK_FALSE(slow->has_value());
  CHECK(slow->error().kind == ErrorKind::cancelled);
}

TEST_CASE("over TLS, with the certificate of the client in the call") {
  const tls::Authority authority;
  const tls::Identity ours = authority.issue({.name = "gateway", .alternative = "DNS:gateway"});
  const tls::Identity theirs = authority.issue({.name = "operator"});
  const auto settings = [&](const tls::Identity& identity) {
    return tls::TlsSettings{.certificate_chain = identity.certificate,
                            .private_key = identity.key,
                            .trust_anchors = authority.pem()};
  };
  world::World world(1);
  world::Node& gateway = world.add_node("gateway");
  world::Node& user = world.add_node("user");
  CaptureLog log;
  Router router;
  router.get("/me", [](const Call& call) {
    return text_response(Status::ok, call.certificate != nullptr ? call.certificate->subject : "nobody");
  });
  Server server(gateway.network(), std::move(router), log,
                {.tls = make_server_context(settings(ours)).value()});
  REQUIRE(server.listen({"0.0.0.0", 8443}));
  TaskGroup tasks(gateway.executor());
  tasks.spawn(server.run());
  Client client(user.network(), Url{.tls = true, .host = "gateway", .port = 8443},
                {.tls = make_client_context(settings(theirs)).value()});
  std::vector<std::string> bodies;
  const auto ask = [&]() -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      auto response = co_await client.send({.target = "/me"});
      bodies.push_back(response ? response->body : response.error().message);
    }
  };
  TaskGroup asking(user.executor());
  asking.spawn(ask());
  world.run_until_holds([&] { return asking.running() == 0; }, 1min);
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[0].find("operator") != std::string::npos);
  CHECK(bodies[1] == bodies[0]);
  CHECK(server.counters().connections == 1);
  server.stop();
  client.close();
  world.run_for(1min);
  CHECK(tasks.running() == 0);
}

TEST_CASE("https without TLS settings is refused before anything is sent") {
  world::World world(1);
  world::Node& user = world.add_node("user");
  Client client(user.network(), Url{.tls = true, .host = "gateway", .port = 8443}, {});
  std::optional<Result<wire::http::Response>> result;
  const auto ask = [&]() -> Task<void> { result = co_await client.send({}); };
  TaskGroup tasks(user.executor());
  tasks.spawn(ask());
  world.run_for(10s);
  REQUIRE(result);
  CHECK(result->error().kind == ErrorKind::invalid_argument);
}
