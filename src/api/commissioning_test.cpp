// Devices over HTTP, in a simulated world: tested before they are configured, added, changed, switched off
// and removed.

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "api/testing/engineer.hpp"

namespace iw::api {
namespace {

using nlohmann::json;
using testing::Engineer;

TEST_CASE("a device is tested in stages and shows its values, and nothing is configured by that") {
  Engineer served;
  const json job = served.ended(
      served.ask("POST", "/api/v1/commissioning/test", {{"connect", served.url_of("grid meter")}}));
  CHECK(job["state"] == "done");
  CHECK(job["result"]["ok"] == true);
  CHECK(job["result"]["stages"].size() == 5);
  CHECK(job["result"]["values"].size() > 5);
  CHECK(served.versions().size() == 1);

  const json dead = served.ended(
      served.ask("POST", "/api/v1/commissioning/test", {{"connect", served.url_of("garage meter")}}));
  CHECK(dead["result"]["ok"] == false);
  CHECK(dead["result"]["stages"].back()["state"] == "failed");
  CHECK(dead["result"]["stages"].back()["remedy"] != "");
}

TEST_CASE("a test that nobody waits for any more ends, and wrong ones do not begin") {
  Engineer served;
  const auto started = served.ask("POST", "/api/v1/commissioning/scan",
                                  {{"connect", served.url_of("garage meter")}, {"units", "all"}});
  REQUIRE(started.status == Status::accepted);
  const std::string at(started.headers.find("Location").value());
  CHECK(served.ask("DELETE", at, nullptr).status == Status::ok);
  CHECK(served.ended(started)["state"] == "stopped");

  CHECK(served.ask("POST", "/api/v1/commissioning/test", {{"connect", "http://192.0.2.1"}}).status ==
        Status::bad_request);
  CHECK(served.ask("POST", "/api/v1/commissioning/scan", {{"connect", "modbus://192.0.2.1"}, {"units", "x"}})
            .status == Status::bad_request);
  CHECK(served.get("/api/v1/jobs/999").status == Status::not_found);
}

TEST_CASE("rows are tested side by side, each with a result") {
  Engineer served;
  const std::string rows = "new meter\t" + served.url_of("grid meter") + "\n" + "dead\t" +
                           served.url_of("garage meter") + "\n" + "roof inverter\t" +
                           served.url_of("roof inverter") + "\nodd\tnowhere\n";
  const json job =
      served.ended(served.ask("POST", "/api/v1/commissioning/rows", {{"text", rows}}))["result"]["rows"];
  REQUIRE(job.size() == 4);
  CHECK(job[0]["state"] == "ok");
  CHECK(job[0]["device"]["profile"].is_string());
  CHECK(job[0]["good_values"] > 5);
  CHECK(job[1]["state"] == "failed");
  CHECK(job[2]["state"] == "faulty");
  CHECK(job[2]["detail"] == "there is a device 'roof inverter' already");
  CHECK(job[3]["state"] == "faulty");
}

TEST_CASE("a device is added, changed, switched off and on, and removed, each a version with a reason") {
  Engineer served;
  const json device{
      {"name", "second"}, {"connect", served.free_unit_beside("grid meter")}, {"profile", "sunspec"}};
  const auto added = served.ask("POST", "/api/v1/devices", {{"device", device}, {"why", "a copy"}});
  REQUIRE_MESSAGE(added.status == Status::created, added.body);
  CHECK(added.headers.find("ETag") == served.tag_of("second"));
  CHECK(served.ask("POST", "/api/v1/devices", {{"device", device}}).status == Status::conflict);
  CHECK(served.read("/api/v1/devices/second/config")["device"] == device);

  json changed = device;
  changed["rates"] = {{"fast", "2s"}};
  CHECK(served.ask("PUT", "/api/v1/devices/second", {{"device", changed}}).status ==
        static_cast<Status>(428));
  const std::string tag = served.tag_of("second");
  REQUIRE(served.ask("PUT", "/api/v1/devices/second", {{"device", changed}}, tag).status == Status::ok);
  const auto late = served.ask("PUT", "/api/v1/devices/second", {{"device", device}}, tag);
  CHECK(late.status == Status::precondition_failed);
  CHECK(json::parse(late.body)["current"]["text"].get<std::string>().contains("fast: 2s"));
  CHECK_FALSE(json::parse(late.body)["yours"]["text"].get<std::string>().contains("fast"));

  REQUIRE(served.ask("POST", "/api/v1/devices/second/disable", json::object()).status == Status::ok);
  CHECK(served.read("/api/v1/devices/second")["state"] == "disabled");
  REQUIRE(served.ask("POST", "/api/v1/devices/second/enable", json::object()).status == Status::ok);
  CHECK(served.read("/api/v1/devices/second")["enabled"] == true);

  REQUIRE(served.ask("DELETE", "/api/v1/devices/second?why=gone", nullptr, "*").status == Status::ok);
  CHECK(served.get("/api/v1/devices/second").status == Status::not_found);
  CHECK(served.versions()[0]["why"] == "gone");
  CHECK(served.versions().size() == 6);
}

TEST_CASE("several devices come in one version, or none does") {
  Engineer served;
  const std::string url = served.free_unit_beside("grid meter");
  const json good{{"name", "a"}, {"connect", url}, {"profile", "sunspec"}};
  const json wrong{{"name", "b"}, {"connect", "nowhere"}};
  const auto refused = served.ask("POST", "/api/v1/devices/batch", {{"devices", {good, wrong}}});
  CHECK(refused.status == Status::unprocessable_content);
  CHECK(json::parse(refused.body)["findings"][0]["key"].get<std::string>().ends_with(".connect"));
  CHECK(served.versions().size() == 1);
  CHECK(served.ask("POST", "/api/v1/devices/batch", {{"devices", {good}}}).status == Status::created);
  CHECK(served.ask("POST", "/api/v1/devices/batch", {{"devices", json::array()}}).status ==
        Status::bad_request);
}

TEST_CASE(
    "fifty rows have a result each within a minute, though ten of them are of hosts that there are not") {
  Engineer served;
  std::string rows;
  std::vector<std::string> healthy;
  for (const sim::DemoDevice& device : served.site.devices) {
    if (gateway::testing::SiteWorld::healthy(device)) healthy.push_back(served.url_of(device.name));
  }
  for (int i = 0; i < 50; ++i) {
    const std::string url = i % 5 == 4 ? fmt::format("modbus://192.0.2.{}", i)
                                       : healthy[static_cast<std::size_t>(i) % healthy.size()];
    rows += fmt::format("row {},{}\n", i, url);
  }
  const Instant begun = served.site.gateway_node.executor().now();
  const json result =
      served.ended(served.ask("POST", "/api/v1/commissioning/rows", {{"text", rows}}))["result"]["rows"];
  CHECK(served.site.gateway_node.executor().now() - begun < 60s);
  REQUIRE(result.size() == 50);
  for (std::size_t i = 0; i < result.size(); ++i) {
    CAPTURE(result[i].dump());
    const bool reachable = i % 5 != 4;
    CHECK((result[i].value("good_values", 0) > 0) == reachable);
    CHECK(result[i]["detail"] != "");
  }
}

TEST_CASE("a device behind TLS is tested with files that are given, or with those of its line") {
  Engineer served;
  const json nothing = {{"connect", "modbus+tls://192.0.2.1:802?unit=1"}};
  const auto refused = served.ask("POST", "/api/v1/commissioning/test", nothing);
  CHECK(refused.status == Status::bad_request);
  CHECK(refused.body.contains("certificate"));

  json with_files = nothing;
  with_files["tls"] = {{"ca", "ca.pem"}, {"certificate", "us.pem"}, {"key", "us.key"}};
  CHECK(served.ended(served.ask("POST", "/api/v1/commissioning/test", with_files))["result"]["ok"] == false);
  with_files["tls"]["password"] = "x";
  CHECK(served.ask("POST", "/api/v1/commissioning/test", with_files).body.contains("password"));
}

TEST_CASE("rows behind TLS are tested with files that are given for all of them") {
  Engineer served;
  const std::string text = "far,modbus+tls://192.0.2.1:802?unit=1";
  const auto row_of = [&](const json& body) {
    return served.ended(served.ask("POST", "/api/v1/commissioning/rows", body))["result"]["rows"][0];
  };
  CHECK(row_of({{"text", text}})["state"] == "faulty");
  const json row =
      row_of({{"text", text}, {"tls", {{"ca", "ca.pem"}, {"certificate", "us.pem"}, {"key", "us.key"}}}});
  CHECK(row["state"] == "failed");  // nobody is there
  CHECK(row["stages"].size() >= 1);
  CHECK(served.ask("POST", "/api/v1/commissioning/rows", {{"text", text}, {"tls", "us.pem"}}).status ==
        Status::bad_request);
}

TEST_CASE("a serial line that is polled has one master: it is scanned when its devices are disabled") {
  Engineer served;
  const json device{{"name", "boiler"},
                    {"connect", "modbus+rtu:///dev/ttyS9?baud=9600&unit=3"},
                    {"profile", "eastron/sdm630"}};
  REQUIRE(served.ask("POST", "/api/v1/devices", {{"device", device}}).status == Status::created);
  const json other_baud{{"connect", "modbus+rtu:///dev/ttyS9?baud=19200"}};
  for (const char* job : {"commissioning/scan", "tools/sunspec"}) {
    const auto refused = served.ask("POST", fmt::format("/api/v1/{}", job), other_baud);
    CHECK(refused.status == Status::conflict);
    CHECK(json::parse(refused.body)["detail"].get<std::string>().contains("polls boiler on it"));
    CHECK(json::parse(refused.body)["remedy"].get<std::string>().contains("disable these devices"));
  }
  const json other_unit{{"connect", "modbus+rtu:///dev/ttyS9?unit=4"}};
  const json tested = served.ended(served.ask("POST", "/api/v1/commissioning/test", other_unit))["result"];
  CHECK(tested["ok"] == false);
  CHECK(tested["stages"][0]["detail"].get<std::string>().contains("one master"));
  REQUIRE(served.ask("POST", "/api/v1/devices/boiler/disable", json::object()).status == Status::ok);
  CHECK(served.ask("POST", "/api/v1/commissioning/scan", other_baud).status == Status::accepted);
  CHECK(served.ask("POST", "/api/v1/commissioning/scan", {{"connect", "modbus+rtu:///dev/ttyS8"}}).status ==
        Status::accepted);
}

TEST_CASE("a device comes together with the certificates of its line, in one version") {
  Engineer served;
  const json tls{{"ca", "ca.pem"}, {"certificate", "us.pem"}, {"key", "us.key"}};
  const json device{
      {"name", "far"}, {"connect", "modbus+tls://192.0.2.1:802?unit=1"}, {"profile", "sunspec"}};
  const json alone = {{"device", device}};
  CHECK(served.ask("POST", "/api/v1/devices", alone).status == Status::unprocessable_content);
  json together = alone;
  together["lines"] = {{{"connect", "modbus+tls://192.0.2.1:802"}, {"tls", tls}}};
  const auto added = served.ask("POST", "/api/v1/devices", together);
  REQUIRE_MESSAGE(added.status == Status::created, added.body);
  CHECK(served.read("/api/v1/config")["text"].get<std::string>().contains("certificate: us.pem"));

  json second = together;
  second["device"]["name"] = "far too";
  second["device"]["connect"] = "modbus+tls://192.0.2.1:802?unit=2";
  CHECK(served.ask("POST", "/api/v1/devices", second).status ==
        Status::created);  // its line is there already
}

TEST_CASE("the catalogue is there for those who choose a profile") {
  Engineer served;
  const json all = served.read("/api/v1/profiles")["items"];
  const auto of = [&](std::string_view protocol) {
    return std::ranges::count_if(all, [&](const json& profile) { return profile["protocol"] == protocol; });
  };
  CHECK(of("modbus") > 20);
  CHECK(of("bacnet") > 0);
  CHECK(served.read("/api/v1/profiles")["items"].size() > 20);
  CHECK(served.read("/api/v1/profiles?search=eastron")["items"].size() < 10);
  CHECK(served.read("/api/v1/profiles/eastron/sdm630")["points"].size() > 10);
  CHECK(served.get("/api/v1/profiles/eastron/none").status == Status::not_found);
}

}  // namespace
}  // namespace iw::api
