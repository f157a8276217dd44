// ServedSite: a simulated site, its gateway, the API of that, and a client on the same machine.
//
//   ServedSite served;                // everybody may look
//   ServedSite guarded(std::nullopt);  // nobody has a password yet
#pragma once

#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "api/service.hpp"
#include "gateway/testing/site_world.hpp"
#include "io/http/client.hpp"
#include "json/json.hpp"

namespace iw::api::testing {

struct ServedSite {
  explicit ServedSite(std::optional<security::Role> role_of_everybody = security::Role::viewer)
      : everybody(role_of_everybody) {
    auto begun = service.start();
    REQUIRE(begun);
    started = std::move(*begun);
  }
  ~ServedSite() {
    client.close();
    bool stopped = false;
    service.stop([&] { stopped = true; });
    CHECK(site.world.run_until_holds([&] { return stopped; }, 5s));
  }
  ServedSite(const ServedSite&) = delete;
  ServedSite& operator=(const ServedSite&) = delete;

  wire::http::Response send(wire::http::Request request) {
    std::optional<Result<wire::http::Response>> answer;
    auto main = [](io::http::Client& to, wire::http::Request what,
                   std::optional<Result<wire::http::Response>>& out) -> io::Task<void> {
      out = co_await to.send(std::move(what));
    };
    tasks.spawn(main(client, std::move(request), answer));
    REQUIRE(site.world.run_until_holds([&] { return answer.has_value(); }, 10s));
    REQUIRE(*answer);
    return std::move(**answer);
  }
  wire::http::Response get(std::string target) {
    return send({.target = std::move(target), .headers = {{"Host", "localhost:8080"}}});
  }
  nlohmann::ordered_json read(std::string target) {
    const auto answer = get(std::move(target));
    CHECK(answer.status == Status::ok);
    CHECK(answer.headers.find("Content-Type") == "application/json");
    return nlohmann::ordered_json::parse(answer.body);
  }
  nlohmann::ordered_json refused(std::string target, Status status) {
    const auto answer = get(std::move(target));
    CHECK(answer.status == status);
    CHECK(answer.headers.find("Content-Type") == "application/problem+json");
    return nlohmann::ordered_json::parse(answer.body);
  }

  // The file of the configuration that runs.
  gateway::ConfigStore open_store() {
    io::Files& files = site.gateway_node.files();
    REQUIRE(files.replace("site.yaml", site.config_text(gateway::testing::SiteWorld::everyone)));
    const std::string& data = site.gateway->config().data_folder;
    REQUIRE(files.make_folder(data));
    auto opened = gateway::ConfigStore::open({.files = files, .clock = site.gateway_node.executor().clock()},
                                             "site.yaml", data);
    REQUIRE(opened);
    CHECK(opened->take_file({.by = "the file", .why = ""}).version.number == 1);
    return std::move(*opened);
  }

  std::optional<security::Role> everybody;
  gateway::testing::SiteWorld site{7};
  NullLog log;
  gateway::ConfigStore config_store = open_store();
  std::string applied_by;  // who made the newest configuration
  std::size_t certificates_replaced = 0;
  Service service{{.gateway = *site.gateway,
                   .network = site.gateway_node.network(),
                   .blocking = site.gateway_node.executor(),
                   .files = site.gateway_node.files(),
                   .random = site.gateway_node.random(),
                   .log = log,
                   .version = "1.2.3",
                   .config_store = &config_store,
                   .apply_config =
                       [this](std::unique_ptr<gateway::LoadedConfig> config, std::string_view by) {
                         applied_by = by;
                         site.gateway->reload(std::move(config));
                       },
                   .certificate_replaced = [this] { ++certificates_replaced; }},
                  {.listen = {site.gateway_node.address(), 8080}, .everybody = everybody}};
  Service::Started started;
  io::http::Client client{
      site.gateway_node.network(), {.host = site.gateway_node.address(), .port = 8080}, {}};
  io::TaskGroup tasks{site.gateway_node.executor()};
};

}  // namespace iw::api::testing
