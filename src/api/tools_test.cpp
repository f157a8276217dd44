// Looking into devices over HTTP, in a simulated world.

#include <doctest/doctest.h>

#include "api/testing/engineer.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;
using testing::Engineer;

TEST_CASE("a range of registers is shown as every type that it could be") {
  Engineer served;
  const json job = served.ended(served.ask(
      "POST", "/api/v1/tools/registers", {{"connect", served.url_of("grid meter")}, {"range", "2999-3018"}}));
  const json& result = job["result"];
  CHECK(result["error"] == nullptr);
  CHECK(result["asked"] == 20);
  CHECK(result["readings"] == 1);
  REQUIRE_FALSE(result["registers"].empty());
  const json& first = result["registers"][0];
  CHECK(first["u32"].size() == 4);
  CHECK(first["i32"].size() == 4);
  CHECK(first["i16"].is_number());
  CHECK_FALSE(first.contains("moved"));
}

TEST_CASE("registers are read again until nobody wants to know, and what moves is said") {
  Engineer served;
  const auto started =
      served.ask("POST", "/api/v1/tools/registers",
                 {{"connect", served.url_of("grid meter")}, {"range", "2999-3060"}, {"again_s", 1}});
  REQUIRE(started.status == Status::accepted);
  const std::string at(started.headers.find("Location").value());
  served.site.world.run_for(20s);
  const json running = served.read(at);
  CHECK(running["state"] == "running");
  CHECK(running["result"]["readings"].get<int>() > 5);
  CHECK(std::ranges::any_of(running["result"]["registers"],
                            [](const json& row) { return row["changes"].get<int>() > 0; }));
  CHECK(served.ask("DELETE", at, nullptr).status == Status::ok);
  CHECK(served.ended(started)["state"] == "stopped");
}

TEST_CASE("a scan of registers that makes no sense does not begin") {
  Engineer served;
  const std::string url = served.url_of("grid meter");
  const auto status = [&](const json& body) {
    return served.ask("POST", "/api/v1/tools/registers", body).status;
  };
  CHECK(status({{"connect", url}, {"range", "0-5000"}}) == Status::bad_request);
  CHECK(status({{"connect", url}, {"range", "9-1"}}) == Status::bad_request);
  CHECK(status({{"connect", url}, {"range", "0-9"}, {"table", "coil"}}) == Status::bad_request);
  CHECK(status({{"connect", "bacnet://192.0.2.1"}, {"range", "0-9"}}) == Status::bad_request);
  CHECK(status({{"connect", url}}) == Status::bad_request);
}

TEST_CASE("a device that does not answer is said so in the job") {
  Engineer served;
  const json job =
      served.ended(served.ask("POST", "/api/v1/tools/sunspec", {{"connect", served.url_of("garage meter")}}));
  CHECK(job["state"] == "done");
  CHECK(job["result"]["error"]["detail"] != "");
}

TEST_CASE("the models of a SunSpec device come with their points") {
  Engineer served;
  const json job = served.ended(
      served.ask("POST", "/api/v1/tools/sunspec", {{"connect", served.url_of("roof inverter")}}));
  const json& models = job["result"]["models"];
  REQUIRE_MESSAGE(models.size() > 1, job.dump());
  CHECK(models[0]["id"] == 1);
  CHECK(models[0]["points"].size() > 3);
  CHECK(job["result"]["error"] == nullptr);
}

TEST_CASE("a frame is told in words, and what is no frame is said so") {
  Engineer served;
  const auto decoded = [&](const json& body) {
    const auto answer = served.ask("POST", "/api/v1/tools/decode", body);
    REQUIRE_MESSAGE(answer.status == Status::ok, answer.body);
    return json::parse(answer.body);
  };
  const json frame = decoded({{"hex", "00 01 00 00 00 06 01 03 00 00 00 0A"}});
  CHECK(frame["whole"] == true);
  CHECK(frame["meaning"].get<std::string>().contains("Read Holding Registers"));
  CHECK(decoded({{"hex", "83 02"}, {"pdu", true}})["whole"] == true);
  CHECK(decoded({{"hex", "01 03 00"}})["whole"] == false);
  CHECK(served.ask("POST", "/api/v1/tools/decode", {{"hex", "green hills"}}).status ==
        Status::unprocessable_content);
  CHECK(served.ask("POST", "/api/v1/tools/decode", {{"hex", "00"}, {"pdu", 1}}).status ==
        Status::bad_request);
}

TEST_CASE("the last requests of a line and of a device are told, with how long answers took") {
  Engineer served;
  served.site.world.run_for(10s);
  const json mine = served.read("/api/v1/requests?device=grid%20meter")["items"];
  REQUIRE_FALSE(mine.empty());
  CHECK(mine.size() <= 50);
  const auto answered =
      std::ranges::find_if(mine, [](const json& one) { return one["outcome"] == "answered"; });
  REQUIRE(answered != mine.end());
  CHECK((*answered)["function"].get<std::string>().starts_with("Read "));
  CHECK((*answered)["count"].get<int>() > 0);
  CHECK((*answered)["device"] == "grid meter");
  CHECK((*answered)["request_bytes"] == 12);

  const std::string url = served.url_of("grid meter");
  const std::string line = url.substr(0, url.find('?'));
  CHECK_FALSE(served.read("/api/v1/requests?line=" + line)["items"].empty());
  const json lines = served.read("/api/v1/lines")["items"];
  const auto found = std::ranges::find_if(lines, [&](const json& one) { return one["url"] == line; });
  REQUIRE(found != lines.end());
  const json& latency = (*found)["latency"];
  CHECK(latency["all"]["count"].get<int>() > 0);
  CHECK(latency["all"]["buckets"].back()["le_ms"] == nullptr);
  CHECK(
      std::ranges::any_of(latency["devices"], [](const json& one) { return one["device"] == "grid meter"; }));

  CHECK(served.get("/api/v1/requests").status == Status::bad_request);
  CHECK(served.get("/api/v1/requests?device=nobody").status == Status::not_found);
}

TEST_CASE("the registers of each point are there for who asks, from then on") {
  Engineer served;
  served.read("/api/v1/devices/grid%20meter/raw");
  served.site.world.run_for(15s);
  const json points = served.read("/api/v1/devices/grid%20meter/raw")["items"];
  REQUIRE(points.size() > 5);
  CHECK(points[0]["path"].get<std::string>().starts_with("grid meter/"));
  CHECK_FALSE(points[0]["words"].empty());
  CHECK(points[0]["source"] != "");
  CHECK(served.get("/api/v1/devices/nobody/raw").status == Status::not_found);
}

}  // namespace
}  // namespace iw::api
