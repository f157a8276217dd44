#include "api/field_target.hpp"

#include <doctest/doctest.h>

#include "gateway/testing/site_world.hpp"

using namespace iw;
using namespace iw::api;

namespace {

constexpr std::string_view configured = R"(
lines:
  - connect: modbus+tls://192.0.2.10:802
    tls: {ca: ca.pem, certificate: gateway.pem, key: gateway.key, server_name: meter.lan}
devices:
  - {name: heat meter, connect: "modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3", profile: eastron/sdm630}
  - {name: spare meter, connect: "modbus+rtu:///dev/ttyUSB1?baud=9600&unit=3", profile: eastron/sdm630, enabled: false}
)";

// A gateway that polls a serial bus, and has a line with TLS.
struct Bench {
  Bench() {
    for (const auto* file : {"ca.pem", "gateway.pem", "gateway.key"})
      REQUIRE(site.gateway_node.files().replace(file, "", 0600));
    config::Findings findings;
    auto loaded =
        gateway::load_config("site.yaml", std::string(configured), site.gateway_node.files(), findings);
    REQUIRE_MESSAGE(loaded, config::to_string(findings));
    site.gateway->reload(std::move(loaded));
    site.world.run_for(1s);
  }
  Result<commissioning::Target> target(const std::string& url, commissioning::TlsFiles given = {}) {
    return modbus_target(*site.gateway, url, std::move(given));
  }
  gateway::testing::SiteWorld site{
      1, {}, [](const sim::DemoDevice& device) { return device.name == "grid meter"; }};
};

}  // namespace

TEST_CASE("an address is asked at its unit, or at 1") {
  Bench b;
  CHECK(b.target("modbus://192.0.2.7?unit=9")->unit == modbus::UnitId(9));
  CHECK(b.target("modbus://192.0.2.7")->unit == modbus::UnitId(1));
}

TEST_CASE("what is no address, or one of another protocol, is refused with an example") {
  Bench b;
  for (const auto* url : {"", "192.0.2.7", "http://192.0.2.7", "modbus://", "modbus://192.0.2.7?unit=300",
                          "bacnet://192.0.2.7?device=1"}) {
    CAPTURE(url);
    CHECK_FALSE(b.target(url).has_value());
  }
  CHECK(b.target("http://192.0.2.7").error().remedy == "for example modbus://192.0.2.10?unit=1");
}

TEST_CASE("a serial bus that is polled is asked by its owner, with the settings of the line") {
  Bench b;
  const auto polled = b.target("modbus+rtu:///dev/ttyUSB0?baud=19200&unit=4");
  REQUIRE(polled);
  CHECK(polled->owner != nullptr);
  CHECK(polled->address.serial.baud == 9600);
  CHECK(polled->unit == modbus::UnitId(4));
  const auto spare = b.target("modbus+rtu:///dev/ttyUSB1?baud=19200&unit=4");  // its device is switched off
  REQUIRE(spare);
  CHECK(spare->owner == nullptr);
  CHECK(spare->address.serial.baud == 19200);
  CHECK(b.target("modbus+rtu:///dev/ttyUSB2?baud=9600&unit=4")->owner == nullptr);
  CHECK(b.target("modbus://192.0.2.7?unit=4")->owner == nullptr);
}

TEST_CASE("a line with TLS is asked with the files that are given, else with its own, never without") {
  Bench b;
  const auto own = b.target("modbus+tls://192.0.2.10:802?unit=1");
  REQUIRE(own);
  CHECK(own->tls.certificate == "gateway.pem");
  CHECK(own->tls.server_name == "meter.lan");
  const auto given =
      b.target("modbus+tls://192.0.2.10:802?unit=1", {.ca = "other.pem", .certificate = "o", .key = "k"});
  REQUIRE(given);
  CHECK(given->tls.ca == "other.pem");
  CHECK_FALSE(b.target("modbus+tls://192.0.2.11:802?unit=1").has_value());
  const auto half = b.target("modbus+tls://192.0.2.11:802?unit=1", {.ca = "other.pem"});
  CHECK(half.error().message.contains("needs three files"));
}

TEST_CASE("files are beside the configuration, given or configured") {
  gateway::testing::SiteWorld site{
      1, {}, [](const sim::DemoDevice& device) { return device.name == "grid meter"; }};
  io::Files& files = site.gateway_node.files();
  REQUIRE(files.make_folder("etc"));
  for (const auto* file : {"etc/ca.pem", "etc/gateway.pem", "etc/gateway.key"})
    REQUIRE(files.replace(file, "", 0600));
  config::Findings findings;
  auto loaded = gateway::load_config("etc/site.yaml", std::string(configured), files, findings);
  REQUIRE_MESSAGE(loaded, config::to_string(findings));
  site.gateway->reload(std::move(loaded));
  const auto own = modbus_target(*site.gateway, "modbus+tls://192.0.2.10:802?unit=1");
  REQUIRE(own);
  CHECK(own->tls.ca == "etc/ca.pem");
  CHECK(own->tls.key == "etc/gateway.key");
  const auto given = modbus_target(*site.gateway, "modbus+tls://192.0.2.11?unit=1",
                                   {.ca = "other.pem", .certificate = "/run/o.pem", .key = "o.key"});
  REQUIRE(given);
  CHECK(given->tls.ca == "etc/other.pem");
  CHECK(given->tls.certificate == "/run/o.pem");
}

TEST_CASE("a BACnet device is named by its instance or its address") {
  CHECK(is_bacnet("bacnet://192.0.2.20"));
  CHECK_FALSE(is_bacnet("modbus://192.0.2.20"));
  CHECK(bacnet_target("bacnet://192.0.2.20")->host.has_value());
  CHECK(bacnet_target("bacnet://?device=7")->instance == 7U);
  CHECK(bacnet_target("bacnet://").error().message.contains("names no device"));
  CHECK_FALSE(bacnet_target("bacnet://plant").has_value());
  CHECK_FALSE(bacnet_target("modbus://192.0.2.20").has_value());
}

TEST_CASE("broadcasts go to the host that is named, else to all") {
  CHECK(broadcast_of(*bacnet_target("bacnet://192.0.2.255:47809?device=7")) ==
        bacnet::IpAddress{.host = {192, 0, 2, 255}, .port = 47809});
  CHECK(broadcast_of(*bacnet_target("bacnet://?device=7")).host ==
        std::array<std::uint8_t, 4>{255, 255, 255, 255});
}

TEST_CASE("units of one line are asked one after the other") {
  CHECK(line_of("modbus://192.0.2.7:502?unit=1") == line_of("modbus://192.0.2.7:502?unit=2"));
  CHECK(line_of("modbus://192.0.2.7?unit=1") != line_of("modbus://192.0.2.8?unit=1"));
  CHECK(line_of("bacnet://?device=7") == "bacnet://?device=7");
}
