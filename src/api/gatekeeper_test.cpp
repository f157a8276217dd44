#include "api/gatekeeper.hpp"

#include <doctest/doctest.h>

#include "api/testing/served_site.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;
using security::Role;
using testing::ServedSite;
using wire::http::Headers;

constexpr const char* good_password = "a quiet river";

wire::http::Response ask(ServedSite& served, std::string method, std::string target, const json& body,
                         std::string_view name = {}, std::string_view value = {}) {
  Headers headers{{"Host", "localhost:8080"}};
  if (!body.is_null()) headers.add("Content-Type", "application/json");
  if (!name.empty()) headers.add(std::string(name), std::string(value));
  return served.send({.method = std::move(method),
                      .target = std::move(target),
                      .headers = std::move(headers),
                      .body = body.is_null() ? "" : body.dump()});
}

wire::http::Response log_in(ServedSite& served, const std::string& name, const std::string& password) {
  return ask(served, "POST", "/api/v1/session", {{"name", name}, {"password", password}});
}

// "iw_session=..."
std::string cookie_of(const wire::http::Response& answer) {
  const std::string_view line = answer.headers.find("Set-Cookie").value_or("");
  CHECK(line.contains("HttpOnly; SameSite=Strict"));
  return std::string(line.substr(0, line.find(';')));
}

// The cookie of the first admin.
std::string set_up(ServedSite& served) {
  const auto answer =
      ask(served, "POST", "/api/v1/setup",
          {{"code", served.started.setup_code.value()}, {"name", "anna"}, {"password", good_password}});
  REQUIRE(answer.status == Status::created);
  return cookie_of(answer);
}

TEST_CASE("nobody sees anything before the first password is set with the code of the console") {
  ServedSite served(std::nullopt);
  REQUIRE(served.started.setup_code);
  for (const RouteName& route : served.service.routes()) {
    if (route.path == "/api/v1/session" || route.path == "/api/v1/setup") continue;
    std::string path = route.path;
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
      path.replace(open, path.find('}') + 1 - open, "1");
    const auto answer = ask(served, route.method, path, nullptr);
    CHECK_MESSAGE(answer.status == Status::unauthorized, route.path);
    CHECK(answer.headers.find("Content-Type") == "application/problem+json");
  }
  CHECK(served.read("/api/v1/session") == json{{"setup_needed", true}, {"user", nullptr}});

  const std::string cookie = set_up(served);
  const auto seen = ask(served, "GET", "/api/v1/session", nullptr, "Cookie", cookie);
  CHECK(json::parse(seen.body)["user"] == json{{"name", "anna"}, {"role", "admin"}, {"by", "session"}});
  CHECK(ask(served, "GET", "/api/v1/site", nullptr, "Cookie", cookie).status == Status::ok);
  CHECK(served.get("/api/v1/site").status == Status::unauthorized);

  const auto again =
      ask(served, "POST", "/api/v1/setup",
          {{"code", served.started.setup_code.value()}, {"name", "eve"}, {"password", "another river"}});
  CHECK(again.status == Status::conflict);
}

TEST_CASE("who guesses the code is slowed down, and then the right one does not help either") {
  ServedSite served(std::nullopt);
  const auto guess = [&](const std::string& code) {
    return ask(served, "POST", "/api/v1/setup",
               {{"code", code}, {"name", "eve"}, {"password", good_password}});
  };
  for (int i = 0; i < 5; ++i)
    CHECK(guess("AAAA-AAAA").status == Status::forbidden);
  CHECK(guess(*served.started.setup_code).status == Status::too_many_requests);
  served.site.world.run_for(3s);
  CHECK(guess(*served.started.setup_code).status == Status::created);
}

TEST_CASE("who guesses a password is slowed down, and another user is not") {
  ServedSite served(std::nullopt);
  const std::string admin = set_up(served);
  const json ben{{"role", "viewer"}, {"password", "some green hills"}};
  CHECK(ask(served, "PUT", "/api/v1/users/ben", ben, "Cookie", admin).status == Status::created);
  for (int i = 0; i < 5; ++i)
    CHECK(log_in(served, "anna", "not this one").status == Status::unauthorized);
  const auto slowed = log_in(served, "anna", good_password);
  CHECK(slowed.status == Status::too_many_requests);
  CHECK(slowed.headers.has("Retry-After"));
  CHECK(log_in(served, "ben", "some green hills").status == Status::ok);
  served.site.world.run_for(3s);
  CHECK(log_in(served, "anna", good_password).status == Status::ok);
}

TEST_CASE("a session ends by logging out, and when its user gets another password or is removed") {
  ServedSite served(std::nullopt);
  const std::string admin = set_up(served);
  const auto sees = [&](const std::string& cookie) {
    return ask(served, "GET", "/api/v1/site", nullptr, "Cookie", cookie).status == Status::ok;
  };
  const auto put_ben = [&](const std::string& password) {
    return ask(served, "PUT", "/api/v1/users/ben", {{"role", "viewer"}, {"password", password}}, "Cookie",
               admin);
  };
  put_ben("some green hills");
  const std::string first = cookie_of(log_in(served, "ben", "some green hills"));
  CHECK(sees(first));
  CHECK(ask(served, "DELETE", "/api/v1/session", nullptr, "Cookie", first).status == Status::no_content);
  CHECK_FALSE(sees(first));

  const std::string second = cookie_of(log_in(served, "ben", "some green hills"));
  put_ben("some other hills");
  CHECK_FALSE(sees(second));
  const std::string third = cookie_of(log_in(served, "ben", "some other hills"));
  CHECK(sees(third));
  CHECK(ask(served, "DELETE", "/api/v1/users/ben", nullptr, "Cookie", admin).status == Status::no_content);
  CHECK_FALSE(sees(third));
}

TEST_CASE("a session that nobody uses ends after half a day") {
  io::world::World world(1);
  io::world::Node& node = world.add_node("gateway");
  NullLog log;
  Gatekeeper gate({.core = node.executor(),
                   .blocking = node.executor(),
                   .files = node.files(),
                   .random = node.random(),
                   .log = log},
                  {.data_folder = "data"});
  const std::string code = gate.begin().value().value();
  const io::http::Request anonymous;
  const Call first{.request = anonymous, .target = {}, .captured = {}, .peer = "192.0.2.1:50000"};
  std::optional<Response> welcome;
  auto set_up = [](Gatekeeper& at, const Call& call, std::string with,
                   std::optional<Response>& out) -> io::Task<void> {
    out = co_await at.set_up(call, std::move(with), {.name = "anna"}, good_password);
  };
  io::TaskGroup tasks(node.executor());
  tasks.spawn(set_up(gate, first, code, welcome));
  REQUIRE(world.run_until_holds([&] { return welcome.has_value(); }, 1s));

  const io::http::Request known{.headers = {{"Cookie", cookie_of(*welcome)}}};
  const Call call{.request = known, .target = {}, .captured = {}, .peer = "192.0.2.1:50001"};
  CHECK_FALSE(gate.who(first));
  for (int i = 0; i < 3; ++i) {
    world.run_for(11h);
    CHECK(gate.who(call));
  }
  world.run_for(13h);
  CHECK_FALSE(gate.who(call));
}

TEST_CASE("each role may do what is said of it, and a token is as good as its role until it is withdrawn") {
  ServedSite served(std::nullopt);
  const std::string admin = set_up(served);
  const auto token = [&](const char* name, const char* role) {
    const auto made =
        ask(served, "POST", "/api/v1/tokens", {{"name", name}, {"role", role}, {"days", 1}}, "Cookie", admin);
    CHECK(made.status == Status::created);
    return "Bearer " + json::parse(made.body)["token"].get<std::string>();
  };
  const std::string viewer = token("screen", "viewer");
  const std::string operating = token("desk", "operator");
  const auto with = [&](const std::string& who, std::string method, std::string target, const json& body) {
    return ask(served, std::move(method), std::move(target), body, "Authorization", who).status;
  };
  const json comment{{"comment", "seen"}};
  CHECK(with(viewer, "GET", "/api/v1/site", nullptr) == Status::ok);
  CHECK(with(viewer, "POST", "/api/v1/events/1/acknowledge", comment) == Status::forbidden);
  // This gateway keeps no events; but who asks may.
  CHECK(with(operating, "POST", "/api/v1/events/1/acknowledge", comment) == Status::not_found);
  CHECK(with(operating, "GET", "/api/v1/users", nullptr) == Status::forbidden);
  CHECK(with("Bearer iw_0000", "GET", "/api/v1/site", nullptr) == Status::unauthorized);

  CHECK(ask(served, "DELETE", "/api/v1/tokens/desk", nullptr, "Cookie", admin).status == Status::no_content);
  CHECK(with(operating, "GET", "/api/v1/site", nullptr) == Status::unauthorized);
}

TEST_CASE("a stream ends soon after the session that it was asked with") {
  ServedSite served(std::nullopt);
  const std::string cookie = set_up(served);
  auto stream = [](io::http::Client& to, const std::string& with, bool& over) -> io::Task<void> {
    auto answer = co_await to.send(
        {.target = "/api/v1/live/events", .headers = {{"Host", "localhost:8080"}, {"Cookie", with}}});
    CHECK(answer);
    over = true;  // an answer without a length ends with its connection
  };
  io::http::Client second{
      served.site.gateway_node.network(), {.host = served.site.gateway_node.address(), .port = 8080}, {}};
  bool over = false;
  served.tasks.spawn(stream(second, cookie, over));
  served.site.world.run_for(5s);
  CHECK_FALSE(over);
  ask(served, "DELETE", "/api/v1/session", nullptr, "Cookie", cookie);
  CHECK(served.site.world.run_until_holds([&] { return over; }, 1s));
  second.close();
}

TEST_CASE("a demonstration lets everybody in, and has no users to change") {
  ServedSite served(Role::operate);
  CHECK_FALSE(served.started.setup_code);
  CHECK(served.read("/api/v1/session")["user"] ==
        json{{"name", "anybody"}, {"role", "operator"}, {"by", "nothing"}});
  CHECK(served.get("/api/v1/users").status == Status::forbidden);
}

TEST_CASE("a body that is no JSON, or says more than is known, is refused") {
  ServedSite served(std::nullopt);
  const auto form = served.send({.method = "POST",
                                 .target = "/api/v1/session",
                                 .headers = {{"Host", "localhost:8080"}, {"Content-Type", "text/plain"}},
                                 .body = "{}"});
  CHECK(form.status == Status::unsupported_media_type);
  const auto misspelt = ask(served, "POST", "/api/v1/session", {{"name", "anna"}, {"pasword", "x"}});
  CHECK(misspelt.status == Status::bad_request);
  CHECK(json::parse(misspelt.body)["detail"].get<std::string>().contains("did you mean 'password'"));
}

}  // namespace
}  // namespace iw::api
