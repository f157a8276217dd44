// Devices over HTTP, in a simulated world: tested before they are configured, added, changed, switched off
// and removed.

#include <algorithm>

#include <doctest/doctest.h>

#include "api/testing/engineer.hpp"
#include "json/json.hpp"
#include "sim/modbus_server.hpp"
#include "sim/profile_device.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;
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
  CHECK(job[0]["good_values"].get<int>() > 5);
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

// Two meters on a serial bus, of which the gateway polls the one with unit 3.
struct SerialBus {
  explicit SerialBus(Engineer& at) : served(at) {
    served.site.world.add_serial_bus("ttyS9");
    for (const auto& [unit, meter] : meters)
      server.add(modbus::UnitId(unit), *meter);
    auto port = served.site.site_node.network().open_serial({.device = "/dev/ttyS9"});
    REQUIRE(port);
    tasks.spawn(server.serve(std::move(*port)));
    const json device{{"name", "boiler"},
                      {"connect", "modbus+rtu:///dev/ttyS9?baud=9600&parity=none&unit=3"},
                      {"profile", "eastron/sdm630"},
                      {"rates", {{"fast", "1s"}, {"normal", "1s"}, {"slow", "2s"}}}};
    REQUIRE(served.ask("POST", "/api/v1/devices", {{"device", device}}).status == Status::created);
    REQUIRE(served.site.world.run_until_holds([&] { return served.site.trouble("boiler").empty(); }, 20s));
  }
  ~SerialBus() {
    server.stop();
    served.site.world.run_for(1s);
  }
  static std::unique_ptr<sim::ProfileDevice> meter() {
    static const modbus::Catalogue catalogue = modbus::Catalogue::built_in();
    return std::make_unique<sim::ProfileDevice>((*catalogue.find("eastron/sdm630"))->map);
  }
  json line() {
    for (const json& one : served.read("/api/v1/lines")["items"])
      if (one["url"].get<std::string>().contains("ttyS9")) return one;
    FAIL("the line is gone");
    return {};
  }

  Engineer& served;
  NullLog log;
  std::map<std::uint8_t, std::unique_ptr<sim::ProfileDevice>> meters = [] {
    std::map<std::uint8_t, std::unique_ptr<sim::ProfileDevice>> all;
    all[3] = meter();
    all[5] = meter();
    return all;
  }();
  sim::ModbusServer server{
      served.site.site_node.network(), served.site.site_node.random(), log, {.framing = sim::Framing::rtu}};
  io::TaskGroup tasks{served.site.site_node.executor()};
};

TEST_CASE("a serial line that is polled is scanned between its polls, with its settings") {
  Engineer served;
  SerialBus bus(served);
  const json before = bus.line();
  const json other_baud{{"connect", "modbus+rtu:///dev/ttyS9?baud=19200"}, {"units", "1-9"}};
  const json found = served.ended(served.ask("POST", "/api/v1/commissioning/scan", other_baud))["result"];
  CHECK(found["error"] == nullptr);
  REQUIRE_MESSAGE(found["units"].size() == 2, found.dump());
  CHECK(found["units"][0]["unit"] == 3);
  CHECK(found["units"][1]["unit"] == 5);
  CHECK(found["units"][1]["url"].get<std::string>().contains("baud=9600"));
  CHECK(bus.line()["skipped"] == before["skipped"]);
  CHECK(bus.line()["connects"] == before["connects"]);
  CHECK(served.site.trouble("boiler") == "");
}

TEST_CASE("a unit beside those that are polled is tested over their line") {
  Engineer served;
  SerialBus bus(served);
  const json there{{"connect", "modbus+rtu:///dev/ttyS9?unit=5"}, {"profile", "eastron/sdm630"}};
  const json tested = served.ended(served.ask("POST", "/api/v1/commissioning/test", there))["result"];
  CHECK_MESSAGE(tested["ok"] == true, tested.dump());
  CHECK(tested["stages"][0]["detail"].get<std::string>().contains("asked between its polls"));
  CHECK(tested["values"].size() > 5);
  CHECK(served.site.trouble("boiler") == "");
}

TEST_CASE("a scan of a line that is polled can be stopped, and ends when its devices are disabled") {
  Engineer served;
  SerialBus bus(served);
  const json all{{"connect", "modbus+rtu:///dev/ttyS9"}, {"units", "10-200"}};
  const auto started = served.ask("POST", "/api/v1/commissioning/scan", all);
  const std::string at(started.headers.find("Location").value());
  served.site.world.run_for(5s);
  CHECK(served.read(at)["progress"].get<std::string>().contains("unit 1"));
  CHECK(served.ask("DELETE", at, nullptr).status == Status::ok);
  CHECK(served.ended(started)["state"] == "stopped");

  const auto again = served.ask("POST", "/api/v1/commissioning/scan", all);
  served.site.world.run_for(2s);
  REQUIRE(served.ask("POST", "/api/v1/devices/boiler/disable", json::object()).status == Status::ok);
  const json ended = served.ended(again);
  CHECK_MESSAGE(ended["result"]["error"].is_object(), ended.dump());
  // Nobody polls it any more: it is asked by a connection of its own, as it is given.
  const json direct{{"connect", "modbus+rtu:///dev/ttyS9?baud=9600&parity=none"}, {"units", "5"}};
  const json found = served.ended(served.ask("POST", "/api/v1/commissioning/scan", direct))["result"];
  CHECK_MESSAGE(found["units"].size() == 1, found.dump());
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
  json third = together;
  third["device"]["name"] = "far as well";
  third["device"]["connect"] = "modbus+tls://192.0.2.1?unit=3";
  third["lines"][0]["connect"] = "modbus+tls://192.0.2.1";  // 802 is the port of Modbus/TCP Security
  const auto same = served.ask("POST", "/api/v1/devices", third);
  CHECK_MESSAGE(same.status == Status::created, same.body);
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
