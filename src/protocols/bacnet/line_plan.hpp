// BacnetLinePlan: one port and the devices that are reached through it, as the configuration wants them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/line.hpp"
#include "polling/rates.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/profile.hpp"
#include "protocols/bacnet/url.hpp"

namespace iw::bacnet {

// A subscription goes with a lifetime, so that a device forgets who is gone.
struct CovSettings {
  Duration lifetime = 10min;
  bool confirmed = false;

  friend bool operator==(const CovSettings&, const CovSettings&) = default;
};

// What a profile says of the objects; none: the device's own words count. Equal when they say the same.
struct SharedRules {
  std::shared_ptr<const ObjectRules> rules = {};

  friend bool operator==(const SharedRules& a, const SharedRules& b) {
    return a.rules == b.rules || (a.rules && b.rules && *a.rules == *b.rules);
  }
};

struct LineDevice {
  model::DeviceId id;
  std::string name;
  DeviceUrl url;
  polling::RateTable rates = {};
  std::map<model::PointName, Duration> point_periods = {};
  std::vector<ObjectId> objects = {};  // that are wanted; empty: all that have values
  SharedRules profile = {};
  std::uint8_t priority = 16;           // of what we write (clause 19.2)
  std::optional<CovSettings> cov = {};  // values come by themselves, where the device can
  bool alarms = true;                   // it is asked which of its alarms are active
  bool backfill = false;                // what its trend logs kept while it was not heard is fetched

  friend bool operator==(const LineDevice&, const LineDevice&) = default;
};

struct LineSettings {
  std::string name;  // its URL
  ClientSettings client;
  std::size_t in_flight = 2;               // requests to one device at once
  std::optional<Duration> time_sync = {};  // how often the devices are told the time; none: never

  friend bool operator==(const LineSettings&, const LineSettings&) = default;
};

class BacnetLinePlan final : public driver::LinePlan {
 public:
  BacnetLinePlan(LineSettings settings, std::vector<LineDevice> devices)
      : settings_(std::move(settings)), devices_(std::move(devices)) {}

  [[nodiscard]] const std::string& url() const override { return settings_.name; }
  // What is read is only known when the devices say what they have; and the network carries thousands of
  // requests a second.
  [[nodiscard]] driver::LineBudget budget() const override {
    return {.url = url(), .unknown = devices_.size()};
  }
  [[nodiscard]] std::unique_ptr<driver::Line> start(const driver::Surroundings& surroundings) const override;

  [[nodiscard]] const LineSettings& settings() const { return settings_; }
  [[nodiscard]] const std::vector<LineDevice>& devices() const { return devices_; }

 private:
  LineSettings settings_;
  std::vector<LineDevice> devices_;
};

}  // namespace iw::bacnet
