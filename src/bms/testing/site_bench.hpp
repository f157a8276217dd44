// The objects of a site, and a client that reads and commands them over a simulated network.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "bms/site_device.hpp"
#include "bms/testing/bms_client.hpp"
#include "protocols/bacnet/alarm_services.hpp"

namespace iw::bms::testing {

namespace server = bacnet::server;
using bacnet::ConfirmedService;
using bacnet::PropertyId;
using bacnet::WriteProperty;

constexpr auto power = "pv/ActivePower";
constexpr auto limit = "pv/ActivePowerLimit";
constexpr control::Rules rules{.minimum = 0, .maximum = 8000, .fallback = 8000};

inline formats::CatalogPoint point(std::string path, bool writable = false) {
  const std::string quantity = path.substr(path.find('/') + 1);
  return {.mrid = model::derive({}, path),
          .path = std::move(path),
          .asset_name = "pv",
          .quantity = quantity,
          .writable = writable};
}

inline server::ServerSettings open_to_all(std::optional<server::ReportingSettings> reporting) {
  return {.services = {.reporting = std::move(reporting)},
          .allow = {{.host = {}, .prefix = 0}},
          .write = {{.host = {}, .prefix = 0}}};
}

struct SiteBench {
  explicit SiteBench(std::optional<server::ReportingSettings> with_alarms = {},
                     SiteDevice::Memory before = {})
      : reporting(std::move(with_alarms)), memory(std::move(before)) {
    REQUIRE(device.open());
    tasks.spawn(device.run());
    catalog.points = {point(power), point(limit, true)};
    for (std::uint32_t alias = 0; formats::CatalogPoint & one : catalog.points)
      one.alias = alias++;
    device.take(catalog);
  }
  ~SiteBench() {
    device.close();
    client.end();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
  }

  void control(double value, bool by_bacnet = true, bool failing = false) {
    device.take(std::vector<Standing>{
        {.path = limit, .rules = rules, .value = value, .by_bacnet = by_bacnet, .failing = failing}});
  }
  void show(std::uint32_t alias, double value, model::Quality quality = {}) {
    formats::Batch batch;
    batch.add(alias, 0, value, quality);
    device.take(batch);
  }
  [[nodiscard]] const server::Object& object(std::string_view name) const {
    const server::Object* found = device.objects().find(name);
    REQUIRE(found != nullptr);
    return *found;
  }
  [[nodiscard]] bacnet::Value present(std::string_view name) const {
    return *object(name).value(PropertyId::present_value);
  }
  [[nodiscard]] std::string flags(std::string_view name) const {
    return to_string(*object(name).value(PropertyId::status_flags));
  }

  using Reply = BmsClient::Reply;
  template <class Service>
  Reply ask(ConfirmedService service, const Service& message) {
    return client.ask(service, message);
  }
  Reply write(std::string_view name, Bytes value, PropertyId property = PropertyId::present_value,
              std::optional<std::uint8_t> priority = {}) {
    return ask(
        ConfirmedService::write_property,
        WriteProperty{
            .object = object(name).id(), .property = {property}, .value = value, .priority = priority});
  }

  io::world::World world{1};
  io::world::Node& node = world.add_node("gateway");
  BmsClient client{world, node};
  NullLog log;
  io::TaskGroup tasks{node.network().executor()};
  std::vector<Commander::Order> orders;
  std::optional<bacnet::BacnetError> refusal;
  std::vector<std::optional<Commander::Shed>> sheds;
  std::string kept;
  std::vector<std::pair<std::vector<events::EventId>, std::string>> acknowledged;
  std::string recipients;
  std::string alarms;
  std::vector<security::AuditEntry> deeds;
  std::optional<server::ReportingSettings> reporting;
  SiteDevice::Memory memory;
  formats::Catalog catalog;
  SiteDevice device{
      node.network(),
      log,
      {.instance = 4711, .name = "site", .writable = true},
      open_to_all(reporting),
      {{.path = limit, .traits = {.baseline_w = 8000, .levels = {75, 50}}}},
      std::move(memory),
      {.command =
           [this](Commander::Order order, auto done) {
             orders.push_back(std::move(order));
             done(refusal);
           },
       .shed =
           [this](const std::string& /*path*/, std::optional<Commander::Shed> wanted, auto done) {
             sheds.push_back(std::move(wanted));
             done(std::nullopt);
           },
       .keep = [this](std::string text) { kept = std::move(text); },
       .read_log = [](const model::Mrid& /*point*/, const server::LogBounds& minutes,
                      auto done) { done({{.sequence = minutes.first, .value = 1.5F}}); },
       .acknowledge =
           [this](std::vector<events::EventId> events, const server::Plant::Seen& by) {
             acknowledged.emplace_back(std::move(events), by.who);
           },
       .keep_recipients = [this](std::string text) { recipients = std::move(text); },
       .keep_alarms = [this](std::string text) { alarms = std::move(text); },
       .record =
           [this](security::AuditEntry entry, auto done) {
             deeds.push_back(std::move(entry));
             done(std::nullopt);
           },
       .has_trend = [](std::string_view path) { return path == power; },
       .since = WallTime{}}};
};

}  // namespace iw::bms::testing
