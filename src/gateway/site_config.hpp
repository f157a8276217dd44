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
// tune one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/finding.hpp"
#include "events/event_log.hpp"
#include "gateway/history_config.hpp"
#include "gateway/normalize_config.hpp"
#include "model/mrid.hpp"
#include "model/site_model.hpp"
#include "polling/rates.hpp"
#include "protocols/modbus/address.hpp"
#include "protocols/modbus/catalogue.hpp"

namespace iw::gateway {

// The profile of devices that describe themselves.
constexpr std::string_view sunspec_profile = "sunspec";

struct RateOverrides {
  std::optional<Duration> fast, normal, slow, thermal, constant;

  void apply(polling::RateTable& rates) const;
  friend bool operator==(const RateOverrides&, const RateOverrides&) = default;
};

struct SiteSection {
  std::string name = "site";
  std::optional<model::Mrid> mrid;  // derived from the name when it is not given
};

struct TlsSection {
  std::string ca;  // files, PEM
  std::string certificate;
  std::string key;  // mode 0600
  std::optional<std::string> server_name;

  friend bool operator==(const TlsSection&, const TlsSection&) = default;
};

// How a line is spoken to; what is not given comes from the profiles of its devices.
struct LineSection {
  const config::Value* place = nullptr;
  modbus::Address connect;
  std::optional<Duration> timeout, connect_delay, gap;
  std::optional<int> in_flight;
  std::optional<TlsSection> tls;
};

// What a SunSpec device counts as positive; the models leave it to the maker.
enum class MeterSign : std::uint8_t { positive_import, positive_export };
enum class BatterySign : std::uint8_t { positive_discharge, positive_charge };

struct DeviceSection {
  const config::Value* place = nullptr;
  std::string name;
  modbus::Address connect;
  std::string profile{sunspec_profile};
  bool enabled = true;
  std::optional<std::string> asset;  // what the device's main asset is called; none: like the device
  const config::Value* assets_value = nullptr;
  const config::Value* points_value = nullptr;
  RateOverrides rates;
  std::map<model::PointName, NormalizeOverrides> normalize;
  MeterSign meter_sign = MeterSign::positive_import;
  BatterySign battery_sign = BatterySign::positive_discharge;

  // Taken from the values above when the whole is checked.
  std::map<std::string, std::string> assets;  // role -> name
  std::map<model::PointName, Duration> point_periods;
  const modbus::Profile* described_by = nullptr;  // none for SunSpec; owned by the catalogue

  [[nodiscard]] modbus::UnitId unit() const;
};

struct SiteConfig {
  SiteSection site;
  RateOverrides rates;
  std::map<model::Quantity, NormalizeOverrides> normalize;
  std::string profiles;  // folder of own profiles
  std::string data = "interwatt-data";
  HistorySection history;
  std::map<std::string, events::Limits> limits;  // by path
  std::vector<LineSection> lines;
  std::vector<DeviceSection> devices;

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
  modbus::Catalogue catalogue;
  SiteConfig site;
  std::string data_folder = {};  // site.data, relative to where the program runs
};

// None when there are errors; warnings leave a configuration. `files` is asked for the profiles folder,
// relative to the configuration's own folder.
std::unique_ptr<LoadedConfig> load_config(std::string_view file, std::string_view text, io::Files& files,
                                          config::Findings& findings);

// For editors.
std::string config_json_schema();
std::string config_documentation();

}  // namespace iw::gateway
