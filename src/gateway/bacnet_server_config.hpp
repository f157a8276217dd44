// What a configuration may say about our points as a BACnet device. Left out: there is none.
//
//   bacnet_server:
//     device: 4711
//     allow: [192.0.2.0/24]
//     write: [192.0.2.7]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "io/endpoint.hpp"
#include "io/files.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/server/networks.hpp"

namespace iw::gateway {

// A load that may be asked to take less (Load Control).
struct BacnetLoad {
  std::string point;  // path of its limit
  double baseline_w = 0;
  std::vector<int> levels;  // per cent of it
  const config::Value* place = nullptr;

  friend bool operator==(const BacnetLoad&, const BacnetLoad&) = default;
};

// Alarms of the site that recipients are told of (Notification Class).
struct BacnetAlarms {
  int notification_class = 1;
  std::vector<bacnet::IpAddress> recipients;
  int process = 1;  // by which they know us
  bool confirmed = true;
  const config::Value* place = nullptr;

  friend bool operator==(const BacnetAlarms&, const BacnetAlarms&) = default;
};

struct BacnetServerSection {
  bool enabled = true;
  std::uint32_t device = 0;  // instance
  std::string name;          // empty: that of the site
  std::string location;
  std::uint16_t vendor = 0;
  io::Endpoint listen{.host = "0.0.0.0", .port = bacnet::default_port};
  bacnet::IpAddress broadcast{.host = {255, 255, 255, 255}};
  std::optional<bacnet::IpAddress> bbmd;
  Duration time_to_live = 5min;
  std::vector<bacnet::server::IpNetwork> allow;
  std::vector<bacnet::server::IpNetwork> write;
  std::vector<std::string> points;  // patterns; none: all
  std::vector<std::string> trends;  // patterns; none: no Trend Logs
  std::vector<BacnetLoad> loads;
  std::optional<BacnetAlarms> alarms;  // none: nothing is reported
  std::string owner = "bacnet";        // of the claims
  Duration command_life = std::chrono::hours(24);
  Duration notify_period = 500ms;
  std::size_t subscriptions = 1000;
  std::string password_file;
  std::string password = {};  // what is in it
  const config::Value* place = nullptr;

  friend bool operator==(const BacnetServerSection&, const BacnetServerSection&) = default;
};

// The audit log of what its clients did, in the folder of all data, with a chain of its own.
std::string bacnet_audit_folder(const std::string& data_folder);

// The key of it, for the table of the whole configuration.
const config::Shape& bacnet_server_keys();

struct LoadedConfig;

// What the configuration says, its password read. None: there is no such section, it is not enabled, or it
// has mistakes.
std::optional<BacnetServerSection> read_bacnet_server(const LoadedConfig& config, io::Files& files,
                                                      config::Findings& findings);

}  // namespace iw::gateway
