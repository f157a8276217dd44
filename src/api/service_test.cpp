// The API before a whole simulated site, in one simulated world.

#include "api/service.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "api/answers.hpp"
#include "api/openapi.hpp"
#include "api/testing/served_site.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;
using testing::ServedSite;

TEST_CASE("every route is in the description of the API, and every path of it is a route") {
  ServedSite served;
  std::set<RouteName> described;
  const json document = json::parse(openapi_json());
  CHECK(document["openapi"] == "3.1.0");
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string upper = method;
      std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      described.insert({upper, path});
      CHECK_MESSAGE(operation.contains("operationId"), path);
    }
  }
  const auto& routes = served.service.routes();
  CHECK(described == std::set<RouteName>(routes.begin(), routes.end()));
  CHECK(served.read("/api/v1/openapi.json") == document);
}

TEST_CASE("a live site is shown: devices, assets, points and values") {
  ServedSite served;
  served.site.world.run_for(15s);

  const json site = served.read("/api/v1/site");
  CHECK(site["version"] == "1.2.3");
  CHECK(site["devices"]["total"] == served.site.devices.size());
  CHECK(site["devices"]["offline"] == 1);  // the garage meter is dead

  const json powers = served.read("/api/v1/values?match=*/ActivePower")["items"];
  REQUIRE(powers.size() >= 3);
  std::size_t good = 0;
  for (const json& value : powers) {
    CHECK(value["unit"] == "W");
    if (value["validity"] == "good") ++good;
  }
  CHECK(good >= 3);

  const std::string path = powers[0]["path"];
  const std::string asset_name = path.substr(0, path.find('/'));
  const json point = served.read("/api/v1/points/" + wire::http::percent_encode(asset_name) + "/ActivePower");
  CHECK(point["path"] == path);
  CHECK(point["live"]["value"] == powers[0]["value"]);
  CHECK(point["raw"]["unit"] == "W");

  const json device = served.read("/api/v1/devices/grid%20meter");
  CHECK(device["state"] == "online");
  CHECK(device["points"]["bad"] == 0);
  CHECK(device["values"].size() == device["points"]["total"]);
  CHECK(served.read("/api/v1/devices/garage%20meter")["remedy"] != "");

  const json quantities = served.read("/api/v1/quantities")["items"];
  const auto power =
      std::ranges::find(quantities, "ActivePower", [](const json& one) { return one["name"]; });
  REQUIRE(power != quantities.end());
  CHECK((*power)["unit"] == "W");
  CHECK((*power)["sign"] == "into_is_positive");
  CHECK((*power)["phases"].size() == 3);
  const json points = served.read("/api/v1/points?device=grid%20meter")["items"];
  CHECK(points.size() == device["points"]["total"]);
  const json asset = served.read("/api/v1/assets/grid%20meter");
  CHECK(asset["points"] == points.size());
  CHECK(served.read("/api/v1/assets/" + asset["mrid"].get<std::string>()) == asset);
}

TEST_CASE("lines are shown with what they did and what was predicted") {
  ServedSite served;
  served.site.world.run_for(15s);
  const json lines = served.read("/api/v1/lines")["items"];
  REQUIRE(!lines.empty());
  CHECK(lines[0]["answers"].get<int>() > 10);
  CHECK(lines[0]["predicted"]["load"].is_number());
  CHECK(lines[0]["predicted"]["possible"] == true);
  const std::string device = lines[0]["latency"]["devices"][0]["device"];
  CHECK(served.read("/api/v1/lines?device=" + wire::http::percent_encode(device))["items"].size() == 1);
  CHECK(served.read("/api/v1/lines?device=nobody")["items"].empty());
  CHECK(served.refused("/api/v1/lines?what=1", Status::bad_request)["status"] == 400);
}

TEST_CASE("what is not there, and what is asked in a wrong way, is said with a remedy") {
  ServedSite served;
  CHECK(served.refused("/api/v1/devices/nobody", Status::not_found)["remedy"] != "");
  CHECK(served.refused("/api/v1/points/roof/Nothing", Status::not_found)["status"] == 404);
  CHECK(served.refused("/api/v1/nothing", Status::not_found)["title"] == "Not Found");
  CHECK(served.refused("/api/v1/%zz", Status::bad_request)["status"] == 400);
  CHECK(served.refused("/api/v1/../../etc/passwd", Status::bad_request)["status"] == 400);
  CHECK(served.refused("/api/v1/events", Status::not_found)["detail"] == "this gateway keeps no events");

  const auto wrong_method =
      served.send({.method = "DELETE", .target = "/api/v1/site", .headers = {{"Host", "localhost:8080"}}});
  CHECK(wrong_method.status == Status::method_not_allowed);
  CHECK(wrong_method.headers.find("Allow") == "GET, HEAD");
  CHECK(wrong_method.headers.find("Content-Type") == "application/problem+json");
}

TEST_CASE("where nothing can be controlled, that is what one is told") {
  ServedSite served(security::Role::operate);
  const json control = served.read("/api/v1/control");
  CHECK(control["enabled"] == false);
  CHECK(control["points"].empty());
  CHECK(served.refused("/api/v1/control/decisions", Status::not_found)["remedy"] != "");
  const auto stop =
      served.send({.method = "POST",
                   .target = "/api/v1/control/stop-all",
                   .headers = {{"Host", "localhost:8080"}, {"Content-Type", "application/json"}},
                   .body = R"({"for_s": 60})"});
  CHECK(stop.status == Status::not_found);
}

TEST_CASE("the audit log is for engineers") {
  ServedSite operated(security::Role::operate);
  CHECK(operated.refused("/api/v1/audit", Status::forbidden)["status"] == 403);
  ServedSite engineered(security::Role::engineer);
  CHECK(engineered.refused("/api/v1/audit?log=access", Status::not_found)["remedy"] != "");
  CHECK(engineered.refused("/api/v1/audit/verify", Status::not_found)["remedy"] != "");
  CHECK(engineered.refused("/api/v1/audit?log=other", Status::bad_request)["remedy"] ==
        "control, access, configuration or bacnet");
}

TEST_CASE("a page that let its name point to this machine is refused, and so is one that sends") {
  ServedSite served;
  const auto rebound = served.send({.target = "/api/v1/site", .headers = {{"Host", "evil.example:8080"}}});
  CHECK(rebound.status == Status::forbidden);
  CHECK(rebound.headers.has("X-Content-Type-Options"));
  const auto foreign = served.send(
      {.target = "/api/v1/site", .headers = {{"Host", "localhost:8080"}, {"Origin", "http://evil.example"}}});
  CHECK(foreign.status == Status::forbidden);
}

}  // namespace
}  // namespace iw::api
