// SiteConfig: interwatt.yaml, read and checked. What it says is taken apart here once, with findings that
// name line and column; the rest of the program sees only right configurations.
//
//   site:
//     name: Factory roof
//   devices:
//     - name: pv
//       connect: modbus://192.0.2.10?unit=1
//       profile: sunspec
//     - name: grid-meter
//       connect: modbus+rtu:///dev/ttyUSB0?baud=9600&parity=even&unit=3
//       profile: eastron/sdm630
//
// Devices with the same host and port, or the same serial port, share one line. `lines` is only needed to
// tune one. What is particular to a protocol, its driver reads (gateway/drivers.hpp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time_zone.hpp"
#include "config/document.hpp"
#include "config/finding.hpp"
#include "control/controllers/registry.hpp"
#include "driver/driver.hpp"
#include "events/event_log.hpp"
#include "gateway/api_config.hpp"
#include "gateway/control_config.hpp"
#include "gateway/history_config.hpp"
#include "gateway/normalize_config.hpp"
#include "gateway/outputs_config.hpp"
#include "model/mrid.hpp"
#include "model/site_model.hpp"
#include "polling/rates.hpp"

namespace iw::gateway {

struct RateOverrides {
  std::optional<Duration> fast, normal, slow, thermal, constant;

  void apply(polling::RateTable& rates) const;
  friend bool operator==(const RateOverrides&, const RateOverrides&) = default;
};

struct SiteSection {
  std::string name = "site";
  std::optional<model::Mrid> mrid;  // derived from the name when it is not given
  std::string time_zone = {};       // of the system's tz data; empty: the machine's
};

// The section of a line, which its driver reads.
struct LineSection {
  const config::Value* place = nullptr;
  std::string connect;
};

struct DeviceSection : driver::DeviceSection {
  std::optional<std::string> asset;  // what the device's main asset is called; none: like the device
  const config::Value* assets_value = nullptr;
  const config::Value* points_value = nullptr;
  RateOverrides rates;
  std::map<model::PointName, NormalizeOverrides> normalize;

  const driver::DriverKind* kind = nullptr;  // the protocol that its address names
};

struct SiteConfig {
  SiteSection site;
  RateOverrides rates;
  std::map<model::Quantity, NormalizeOverrides> normalize;
  std::string profiles;  // folder of own profiles
  std::string data = "interwatt-data";
  HistorySection history;
  ApiSection api;
  std::vector<OutputSection> outputs;
  std::map<std::string, events::Limits> limits;  // by path
  ControlSection control;
  std::vector<LineSection> lines;
  std::vector<DeviceSection> devices;
  std::vector<control::ControllerSection> controllers;

  [[nodiscard]] model::Mrid mrid() const;
  [[nodiscard]] std::vector<events::PointLimits> point_limits() const;
};

// The periods of the device's rate classes.
polling::RateTable rates_of(const SiteConfig& site, const DeviceSection& device);
// How the samples of a point of the device are normalised.
normalize::Settings normalization_of(const SiteConfig& site, const DeviceSection& device,
                                     const model::Point& point);

// A configuration with what it stands on; the sections point into the document.
struct LoadedConfig {
  config::Document document;
  SiteConfig site;
  std::vector<std::unique_ptr<driver::Driver>> drivers;  // in the order of drivers()
  std::string data_folder = {};                          // site.data, relative to where the program runs
  std::unique_ptr<const TimeZone> zone = {};             // of the site
  std::vector<OutputPlan> outputs = {};                  // of site.outputs
};

// None when there are errors; warnings leave a configuration. `files` is asked for the profiles folder,
// relative to the configuration's own folder.
std::unique_ptr<LoadedConfig> load_config(std::string_view file, std::string_view text, io::Files& files,
                                          config::Findings& findings);

// For editors.
std::string config_json_schema();
std::string config_documentation();

}  // namespace iw::gateway
