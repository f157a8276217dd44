// The configuration over HTTP, in a simulated world: the file, its versions, and conflicts.

#include <doctest/doctest.h>

#include "api/testing/engineer.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;
using testing::Engineer;
using testing::ServedSite;

struct Editor : Engineer {
  wire::http::Response put(const std::string& text, const std::string& if_match) {
    return ask("PUT", "/api/v1/config", {{"text", text}, {"why", "a test"}}, if_match);
  }
  std::string tag() { return std::string(get("/api/v1/config").headers.find("ETag").value()); }
  std::string text() { return read("/api/v1/config")["text"]; }
  std::string without_garage() {
    return site.config_text([](const sim::DemoDevice& device) { return device.name != "garage meter"; });
  }
};

TEST_CASE("the configuration is shown as its file says, with its tag") {
  Editor served;
  const json shown = served.read("/api/v1/config");
  CHECK(shown["in_force"] == true);
  CHECK(shown["version"]["version"] == 1);
  CHECK(shown["findings"].empty());
  CHECK(served.tag() == "\"" + shown["tag"].get<std::string>() + "\"");
}

TEST_CASE("a new configuration is in force when it is answered, and can be taken back") {
  Editor served;
  const std::string before = served.text();
  const std::string first_tag = served.tag();
  const auto done = served.put(served.without_garage(), first_tag);
  REQUIRE(done.status == Status::ok);
  const json version = json::parse(done.body)["version"];
  CHECK(version["version"] == 2);
  CHECK(version["by"] == "anybody");
  CHECK(served.applied_by == "anybody");
  CHECK(version["why"] == "a test");
  CHECK(version["changes"][0]["words"] == "device 'garage meter' is removed");
  CHECK(done.headers.find("ETag") == served.tag());
  CHECK(served.get("/api/v1/devices/garage%20meter").status == Status::not_found);

  const json versions = served.read("/api/v1/config/versions")["items"];
  REQUIRE(versions.size() == 2);
  CHECK(versions[0]["version"] == 2);
  CHECK(served.read("/api/v1/config/versions/1")["text"] == before);
  const std::string diff = served.read("/api/v1/config/diff?from=1&to=2")["diff"];
  CHECK(diff.contains("-  - {name: garage meter"));
  CHECK(served.read("/api/v1/config/diff?from=2")["diff"] == "");

  const auto back = served.ask("POST", "/api/v1/config/rollback", {{"version", 1}}, served.tag());
  REQUIRE(back.status == Status::ok);
  CHECK(json::parse(back.body)["version"]["why"] == "back to version 1");
  CHECK(served.text() == before);
  CHECK(served.tag() == first_tag);
  CHECK(served.get("/api/v1/devices/garage%20meter").status == Status::ok);
}

TEST_CASE("a change says what it was made on; when that is gone both sides are shown") {
  Editor served;
  const std::string seen = served.tag();
  CHECK(served.put(served.without_garage(), "").status == static_cast<Status>(428));
  CHECK(served.put(served.without_garage(), "7").status == Status::bad_request);
  REQUIRE(served.put(served.without_garage(), seen).status == Status::ok);

  const auto late = served.put("devices: []\n", seen);
  CHECK(late.status == Status::precondition_failed);
  CHECK(late.headers.find("Content-Type") == "application/problem+json");
  const json both = json::parse(late.body);
  CHECK(both["current"]["text"] == served.text());
  CHECK(both["current"]["version"]["by"] == "anybody");
  CHECK(both["yours"]["text"] == "devices: []\n");
  CHECK(both["diff"].get<std::string>().contains("+devices: []"));
  CHECK(late.headers.find("ETag") == served.tag());
  CHECK(served.put("devices: []\n", "*").status == Status::ok);
}

TEST_CASE("findings of a wrong configuration come back with line, column and key, and nothing is changed") {
  Editor served;
  const std::string before = served.text();
  const auto wrong =
      served.put("devices:\n  - name: a\n    conect: x\n    connect: modbus://192.0.2.1\n", served.tag());
  CHECK(wrong.status == Status::unprocessable_content);
  const json problem = json::parse(wrong.body);
  CHECK(problem["findings"][0]["line"] == 3);
  CHECK(problem["findings"][0]["column"] == 5);
  CHECK(problem["findings"][0]["key"] == "devices[0].conect");
  CHECK(served.text() == before);

  const auto tried = served.ask("POST", "/api/v1/config/check", {{"text", "devices: [\n"}});
  REQUIRE(tried.status == Status::ok);
  CHECK(json::parse(tried.body)["ok"] == false);
  const auto good = served.ask("POST", "/api/v1/config/check", {{"text", served.without_garage()}});
  CHECK(json::parse(good.body)["ok"] == true);
  CHECK(json::parse(good.body)["lines"].size() > 2);
  CHECK(served.text() == before);
}

TEST_CASE("operators look, and change nothing") {
  ServedSite served(security::Role::operate);
  CHECK(served.get("/api/v1/config").status == Status::ok);
  const auto refused = served.send({.method = "PUT",
                                    .target = "/api/v1/config",
                                    .headers = {{"Host", "localhost:8080"}, {"If-Match", "*"}},
                                    .body = "{}"});
  CHECK(refused.status == Status::forbidden);
}

}  // namespace
}  // namespace iw::api
