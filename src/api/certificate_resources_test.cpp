// Certificates over HTTP, in a simulated world: how those in use are shown, and what may take their place.

#include <doctest/doctest.h>

#include "api/testing/served_site.hpp"
#include "io/tls/self_signed.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using json = nlohmann::ordered_json;
using std::chrono::days;
using testing::ServedSite;

// A gateway with one line behind TLS, whose certificate ends in so many days.
struct Served : ServedSite {
  explicit Served(security::Role who, int days_left = 200) : ServedSite(who) {
    io::Files& files = site.gateway_node.files();
    const auto ours = pair("gateway.lan", days_left);
    REQUIRE(files.replace("us.pem", ours.certificate, 0644));
    REQUIRE(files.replace("us.key", ours.key, 0600));
    REQUIRE(files.replace("ca.pem", pair("plant.lan", 1000).certificate, 0644));
    config::Findings findings;
    auto loaded = gateway::load_config("site.yaml", R"(
lines:
  - {connect: "modbus+tls://192.0.2.1:802", tls: {ca: ca.pem, certificate: us.pem, key: us.key}}
devices:
  - {name: vault, connect: "modbus+tls://192.0.2.1:802?unit=1", profile: eastron/sdm630}
)",
                                       files, findings);
    REQUIRE_MESSAGE(loaded, config::to_string(findings));
    site.gateway->reload(std::move(loaded));
    site.world.run_for(1s);
  }
  io::tls::CertificateAndKey pair(const std::string& host, int days_left) {
    const WallTime now = site.gateway_node.executor().clock().wall_now();
    auto made = io::tls::make_self_signed(
        {.hosts = {host}, .not_before = now - days(400), .not_after = now + days(days_left)});
    REQUIRE(made);
    return std::move(*made);
  }
  wire::http::Response put(const std::string& file, const json& body) {
    return send({.method = "PUT",
                 .target = "/api/v1/certificates?file=" + file,
                 .headers = {{"Host", "localhost:8080"}, {"Content-Type", "application/json"}},
                 .body = body.dump()});
  }
  json item(const std::string& file) {
    for (const json& one : read("/api/v1/certificates")["items"])
      if (one["file"] == file) return one;
    FAIL(file);
    return {};
  }
  std::string on_disk(const std::string& file) { return site.gateway_node.files().read(file).value_or(""); }
};

}  // namespace

TEST_CASE("certificates in use are shown with who uses them, and how they are") {
  Served served(security::Role::viewer);
  CHECK(served.read("/api/v1/certificates")["items"].size() == 2);
  const json ours = served.item("us.pem");
  CHECK(ours["key_file"] == "us.key");
  CHECK(ours["used_by"] == json{{{"user", "line"}, {"name", "modbus+tls://192.0.2.1:802"}}});
  CHECK(ours["state"] == "good");
  REQUIRE(ours["certificates"].size() == 1);
  CHECK(ours["certificates"][0]["names"] == json{"gateway.lan"});
  CHECK(ours["certificates"][0]["days_left"] == 199);  // whole ones
  CHECK(served.item("ca.pem")["key_file"] == nullptr);
}

TEST_CASE("one that ends soon, and one that can not be read, are said to be so") {
  CHECK(Served(security::Role::viewer, 10).item("us.pem")["state"] == "ends_soon");
  CHECK(Served(security::Role::viewer, -1).item("us.pem")["state"] == "ended");
  Served served(security::Role::viewer);
  REQUIRE(served.site.gateway_node.files().replace("us.pem", "nothing", 0644));
  const json broken = served.item("us.pem");
  CHECK(broken["state"] == "unusable");
  CHECK(broken["says"] != "");
  CHECK(broken["certificates"].empty());
}

TEST_CASE("an admin replaces one that is in use, and the gateway is told") {
  Served served(security::Role::admin);
  const auto next = served.pair("next.lan", 300);
  const auto answer = served.put("us.pem", {{"certificate", next.certificate}, {"key", next.key}});
  REQUIRE_MESSAGE(answer.status == Status::ok, answer.body);
  CHECK(json::parse(answer.body)["certificates"][0]["names"] == json{"next.lan"});
  CHECK_FALSE(answer.body.contains("PRIVATE"));
  CHECK(served.on_disk("us.pem") == next.certificate);
  CHECK(served.on_disk("us.key") == next.key);
  CHECK(served.certificates_replaced == 1);
}

TEST_CASE("what could not be used is refused, and what is there stays") {
  Served served(security::Role::admin);
  const std::string before = served.on_disk("us.pem");
  const auto next = served.pair("next.lan", 300);
  const auto other = served.pair("other.lan", 300);
  const auto ended = served.pair("old.lan", -1);
  for (const json& wrong :
       {json{{"certificate", next.certificate}, {"key", other.key}},
        json{{"certificate", next.certificate}},  // its key is not the one that is there
        json{{"certificate", "nothing"}, {"key", next.key}},
        json{{"certificate", ended.certificate}, {"key", ended.key}}, json{{"key", next.key}},
        json{{"certificate", next.certificate}, {"key", next.key}, {"mode", "0644"}}}) {
    const auto answer = served.put("us.pem", wrong);
    CAPTURE(answer.body);
    CHECK(answer.status == Status::bad_request);
  }
  // Of whom we trust no key comes here.
  CHECK(served.put("ca.pem", {{"certificate", next.certificate}, {"key", next.key}}).status ==
        Status::bad_request);
  CHECK(served.on_disk("us.pem") == before);
  CHECK(served.certificates_replaced == 0);
}

TEST_CASE("no other file can be written, and only by an admin") {
  Served served(security::Role::admin);
  const auto next = served.pair("next.lan", 300);
  const json whole{{"certificate", next.certificate}, {"key", next.key}};
  CHECK(served.put("us.key", whole).status == Status::not_found);
  CHECK(served.put("/etc/passwd", whole).status == Status::not_found);
  CHECK(served.put("site.yaml", whole).status == Status::not_found);
  Served watched(security::Role::engineer);
  CHECK(watched.put("us.pem", whole).status == Status::forbidden);
  CHECK(watched.certificates_replaced == 0);
}

}  // namespace iw::api
