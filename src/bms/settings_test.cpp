#include "bms/settings.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bms;
using gateway::BacnetServerSection;

namespace {

BacnetServerSection with_alarms() {
  return {.alarms = gateway::BacnetAlarms{.notification_class = 3,
                                          .recipients = {{.host = {192, 0, 2, 7}}},
                                          .process = 9,
                                          .confirmed = false}};
}

std::vector<bacnet::Destination> recipients(std::string_view kept) {
  return server_settings(with_alarms(), kept).services.reporting->recipients;
}

}  // namespace

TEST_CASE("a device is called as its section says, or else as the site; what it can is what is allowed") {
  BacnetServerSection section{.device = 4711, .location = "roof"};
  const auto plain = device_settings(section, "hall", "1.0", 77);
  CHECK(plain.name == "hall");
  CHECK(plain.description == "Interwatt gateway of hall");
  CHECK(plain.database_revision == 77);
  CHECK_FALSE(plain.writable);
  CHECK_FALSE(plain.controllable);
  CHECK_FALSE(plain.reports);
  section.name = "gateway 1";
  section.write = {{.host = {192, 0, 2, 7}}};
  section.password = "quiet please";
  section.alarms.emplace();
  const auto full = device_settings(section, "hall", "1.0", 77);
  CHECK(full.name == "gateway 1");
  CHECK(full.writable);
  CHECK(full.controllable);
  CHECK(full.reports);
}

TEST_CASE("recipients are those of the configuration until a client wrote others, or nobody") {
  CHECK(server_settings(with_alarms(), "").services.reporting->notification_class == 3);
  const auto configured = recipients("");
  REQUIRE(configured.size() == 1);
  CHECK(to_string(configured) == "192.0.2.7:47808 process 9");
  CHECK_FALSE(configured[0].confirmed);
  const std::vector<bacnet::Destination> written{{.recipient = bacnet::device_object(99), .process = 5}};
  CHECK(recipients(to_hex(encoded(written))) == written);
  CHECK(recipients(SiteDevice::nobody).empty());
  CHECK(recipients("what is this") == configured);
  CHECK(recipients("01 02") == configured);
  CHECK_FALSE(server_settings(BacnetServerSection{}, "").services.reporting.has_value());
}

TEST_CASE("with a BBMD the device is a foreign one, and subscribers and networks are as configured") {
  BacnetServerSection section{.bbmd = bacnet::IpAddress{.host = {198, 51, 100, 1}},
                              .time_to_live = 2min,
                              .allow = {{.host = {10, 0, 0, 0}, .prefix = 8}},
                              .notify_period = 3s,
                              .subscriptions = 7};
  const auto settings = server_settings(section, "");
  CHECK(settings.link.foreign->time_to_live == 2min);
  CHECK(settings.services.subscriptions.most == 7);
  CHECK(settings.services.subscriptions.period == 3s);
  CHECK(settings.allow == section.allow);
  CHECK(settings.write.empty());
  section.bbmd.reset();
  CHECK_FALSE(server_settings(section, "").link.foreign.has_value());
}

TEST_CASE("a load sheds the levels that it has, of its baseline") {
  const BacnetServerSection section{
      .loads = {{.point = "pv/ActivePowerLimit", .baseline_w = 8000, .levels = {75, 50}}}};
  const auto loads = loads_of(section);
  REQUIRE(loads.size() == 1);
  CHECK(loads[0].path == "pv/ActivePowerLimit");
  CHECK(loads[0].traits.baseline_w == 8000);
  CHECK(loads[0].traits.levels.size() == 2);
}
