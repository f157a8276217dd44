#include "bms/settings.hpp"

#include <fmt/format.h>

#include "base/hex.hpp"

namespace iw::bms {
namespace {

using gateway::BacnetServerSection;

// As the configuration wants it, until a client wrote another list.
bacnet::server::ReportingSettings reporting_settings(const gateway::BacnetAlarms& alarms,
                                                     std::string_view kept) {
  bacnet::server::ReportingSettings settings{.notification_class =
                                                 static_cast<std::uint32_t>(alarms.notification_class)};
  for (const bacnet::IpAddress& at : alarms.recipients) {
    settings.recipients.push_back({.recipient = bacnet::Address{.mac = to_mac(at)},
                                   .process = static_cast<std::uint32_t>(alarms.process),
                                   .confirmed = alarms.confirmed});
  }
  if (kept == SiteDevice::nobody) settings.recipients.clear();
  if (const auto bytes = parse_hex(kept); bytes && !kept.empty()) {
    if (auto written = bacnet::decode_destinations(*bytes)) settings.recipients = std::move(*written);
  }
  return settings;
}

}  // namespace

bacnet::server::DeviceSettings device_settings(const BacnetServerSection& section, const std::string& site,
                                               const std::string& version, std::uint32_t database_revision) {
  return {.instance = section.device,
          .name = section.name.empty() ? site : section.name,
          .description = fmt::format("Interwatt gateway of {}", site),
          .location = section.location,
          .vendor = section.vendor,
          .vendor_name = "Interwatt",
          .model = "Interwatt gateway",
          .version = version,
          .database_revision = database_revision,
          .writable = !section.write.empty(),
          .controllable = !section.password.empty(),
          .reports = section.alarms.has_value()};
}

bacnet::server::ServerSettings server_settings(const BacnetServerSection& section,
                                               std::string_view recipients) {
  bacnet::server::ServerSettings settings{
      .listen = section.listen,
      .link = {.broadcast = section.broadcast, .foreign = {}},
      .services = {.password = section.password,
                   .subscriptions = {.most = section.subscriptions, .period = section.notify_period}},
      .allow = section.allow,
      .write = section.write};
  if (section.bbmd)
    settings.link.foreign =
        bacnet::ForeignDevice{.bbmd = *section.bbmd, .time_to_live = section.time_to_live};
  if (section.alarms) settings.services.reporting = reporting_settings(*section.alarms, recipients);
  return settings;
}

std::vector<SiteDevice::Load> loads_of(const BacnetServerSection& section) {
  std::vector<SiteDevice::Load> loads;
  for (const gateway::BacnetLoad& load : section.loads) {
    loads.push_back(
        {.path = load.point,
         .traits = {.baseline_w = load.baseline_w, .levels = {load.levels.begin(), load.levels.end()}}});
  }
  return loads;
}

}  // namespace iw::bms
