#include "api/live_view.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "gateway/testing/site_world.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;

// A live site and a view of it, fed from its bus.
struct Viewed {
  Viewed() {
    site.gateway->bus().watch([this](const model::SampleBatch& batch) {
      if (open) view.take(batch);
    });
    site.world.run_for(15s);
  }
  ~Viewed() { open = false; }
  Viewed(const Viewed&) = delete;
  Viewed& operator=(const Viewed&) = delete;

  // The message of this type among the news; null when there is none.
  json news(std::string_view type) {
    json found;
    for (const std::string& text : view.news()) {
      const json message = json::parse(text);
      if (message["type"] == type) found = message;
    }
    return found;
  }

  gateway::testing::SiteWorld site{11};
  ControlNews control_news{*site.gateway, site.gateway_node.executor()};
  LiveView view{*site.gateway, site.gateway_node.executor(), control_news};
  bool open = true;
};

TEST_CASE("before a subscription there is no news") {
  Viewed viewed;
  CHECK(viewed.view.news().empty());
}

TEST_CASE("a subscription tells its points with all their values, then only what is new") {
  Viewed viewed;
  viewed.view.subscribe(Patterns({"grid meter/*"}));
  json points;
  json values;
  json devices;
  for (const std::string& text : viewed.view.news()) {
    const json message = json::parse(text);
    if (message["type"] == "points") points = message["points"];
    if (message["type"] == "values") values = message["values"];
    if (message["type"] == "devices") devices = message["devices"];
  }
  const auto* meter = viewed.site.device("grid meter");
  CHECK(points.size() == meter->points.size());
  CHECK(points[0]["device"] == "grid meter");
  CHECK(values.size() == points.size());
  CHECK(devices.size() == viewed.site.devices.size());
  CHECK(viewed.view.news().empty());

  viewed.site.world.run_for(1100ms);
  const json fresh = viewed.news("values");
  CHECK(fresh["values"].size() >= 1);
  CHECK(fresh["values"].size() < points.size());  // energy is read less often
}

TEST_CASE("a client that is slow gets each point once, with its newest value") {
  Viewed viewed;
  viewed.view.subscribe(Patterns({"grid meter/ActivePower"}));
  (void)viewed.view.news();
  viewed.site.world.run_for(60s);
  const json values = viewed.news("values")["values"];
  REQUIRE(values.size() == 1);
  const auto id = viewed.site.gateway->site().find("grid meter/ActivePower");
  CHECK(values[0][1] == viewed.site.gateway->live().value(*id)->value);
  CHECK(values[0][2] == 0);
}

TEST_CASE("a device that is gone is told, and its points leave the subscription") {
  Viewed viewed;
  viewed.view.subscribe(Patterns());
  (void)viewed.view.news();
  viewed.site.gateway->reload(
      viewed.site.config([](const sim::DemoDevice& device) { return device.name != "grid meter"; }));
  viewed.site.world.run_for(2s);
  json points;
  json devices;
  for (const std::string& text : viewed.view.news()) {
    const json message = json::parse(text);
    if (message["type"] == "points") points = message["points"];
    if (message["type"] == "devices") devices = message["devices"];
  }
  REQUIRE(!points.empty());
  CHECK(std::ranges::none_of(points, [](const json& point) { return point["device"] == "grid meter"; }));
  CHECK(std::ranges::any_of(devices, [](const json& device) {
    return device["name"] == "grid meter" && device["state"] == "removed";
  }));
}

TEST_CASE("control is told to who asks for it, whole, and again only when it is another") {
  Viewed viewed;
  viewed.view.subscribe(Patterns({std::string()}), true);
  std::vector<std::string> types;
  for (const std::string& text : viewed.view.news())
    types.push_back(json::parse(text)["type"]);
  CHECK(std::ranges::count(types, "control") == 1);
  CHECK(std::ranges::count(types, "controllers") == 1);
  viewed.site.world.run_for(2s);
  CHECK(viewed.news("control").is_null());

  viewed.view.subscribe(Patterns({std::string()}));
  CHECK(viewed.news("control").is_null());
}

}  // namespace
}  // namespace iw::api
