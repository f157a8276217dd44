// Engineer: somebody at a served site who may configure, and asks for work that takes a while.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "api/testing/served_site.hpp"

namespace iw::api::testing {

using json = nlohmann::ordered_json;

struct Engineer : ServedSite {
  Engineer() : ServedSite(security::Role::engineer) { site.world.run_for(3s); }

  wire::http::Response ask(std::string method, std::string target, const json& body,
                           const std::string& if_match = {}) {
    wire::http::Headers headers{{"Host", "localhost:8080"}, {"Content-Type", "application/json"}};
    if (!if_match.empty()) headers.add("If-Match", if_match);
    return send({.method = std::move(method),
                 .target = std::move(target),
                 .headers = std::move(headers),
                 .body = body.is_null() ? "" : body.dump()});
  }
  std::string url_of(std::string_view name) {
    const auto device = std::ranges::find(site.devices, name, &sim::DemoDevice::name);
    REQUIRE(device != site.devices.end());
    return fmt::format("modbus://{}?unit={}", io::to_string(device->endpoint), device->unit.value());
  }
  // On the same line, where nobody is configured.
  std::string free_unit_beside(std::string_view name) {
    const std::string url = url_of(name);
    return url.substr(0, url.find('?')) + "?unit=77";
  }
  // The job once it has ended.
  json ended(const wire::http::Response& started) {
    REQUIRE_MESSAGE(started.status == Status::accepted, started.body);
    const std::string at(started.headers.find("Location").value());
    for (int i = 0; i < 600; ++i) {
      site.world.run_for(100ms);
      json job = read(at);
      if (job["state"] != "running" && job["state"] != "stopping") return job;
    }
    FAIL("the job does not end");
    return {};
  }
  std::string tag_of(const std::string& device) {
    return std::string(get("/api/v1/devices/" + device + "/config").headers.find("ETag").value());
  }
  json versions() { return read("/api/v1/config/versions")["items"]; }
};

}  // namespace iw::api::testing
