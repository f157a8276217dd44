#include "gateway/site_config.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "base/nearest.hpp"
#include "config/record.hpp"

namespace iw::gateway {
namespace {

using namespace config;  // the tables below read better without it at every word

const Record<RateOverrides>& rates_record() {
  static const auto record =
      Record<RateOverrides>()
          .optional("fast", &RateOverrides::fast, duration(50ms, 1h), "power, frequency, state; 1s")
          .optional("normal", &RateOverrides::normal, duration(50ms, 24h), "voltages, currents; 5s")
          .optional("slow", &RateOverrides::slow, duration(50ms, 24h), "energy registers; 60s")
          .optional("thermal", &RateOverrides::thermal, duration(50ms, 24h), "temperatures, boilers; 30s")
          .optional("constant", &RateOverrides::constant, duration(1s, 24h), "nameplate; 1h");
  return record;
}

const Record<SiteSection>& site_record() {
  static const auto record =
      Record<SiteSection>()
          .optional("name", &SiteSection::name, text(), "what the site is called")
          .optional("mrid", &SiteSection::mrid, parsed<model::Mrid>("a UUID", &model::parse_mrid),
                    "the site's identity; derived from the name when left out, so give it before you rename "
                    "a site");
  return record;
}

const Record<TlsSection>& tls_record() {
  static const auto record =
      Record<TlsSection>()
          .required("ca", &TlsSection::ca, text(), "file with the certificates that are trusted (PEM)")
          .required("certificate", &TlsSection::certificate, text(), "file with our certificate chain (PEM)")
          .required("key", &TlsSection::key, text(), "file with our private key (PEM), mode 0600")
          .optional("server_name", &TlsSection::server_name, text(),
                    "name in the device's certificate, if not the host's");
  return record;
}

const Record<LineSection>& line_record() {
  static const auto record =
      Record<LineSection>()
          .required("connect", &LineSection::connect,
                    parsed<modbus::Address>("a Modbus address", &modbus::parse_address),
                    "the same host and port, or serial port, as its devices have")
          .optional("timeout", &LineSection::timeout, duration(10ms, 60s),
                    "how long a unit may take to answer")
          .optional("connect_delay", &LineSection::connect_delay, duration(0ms, 60s),
                    "between the connection and the first request")
          .optional("gap", &LineSection::gap, duration(0ms, 10s), "between an answer and the next request")
          .optional("in_flight", &LineSection::in_flight, integer(1, 16),
                    "requests outstanding at once, tried out")
          .optional("tls", &LineSection::tls, tls_record(), "certificates of a modbus+tls line")
          .place(&LineSection::place);
  return record;
}

constexpr std::array meter_signs{Word<MeterSign>{"import", MeterSign::positive_import},
                                 Word<MeterSign>{"export", MeterSign::positive_export}};
constexpr std::array battery_signs{Word<BatterySign>{"discharge", BatterySign::positive_discharge},
                                   Word<BatterySign>{"charge", BatterySign::positive_charge}};

const Record<DeviceSection>& device_record() {
  static const auto record =
      Record<DeviceSection>()
          .required("name", &DeviceSection::name, text(),
                    "unique; also the name of its asset, unless that is given")
          .required(
              "connect", &DeviceSection::connect,
              parsed<modbus::Address>("a Modbus address", &modbus::parse_address),
              "modbus://host:port?unit=1, modbus+tls://..., modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3, "
              "modbus+rtu://host:port?unit=3 (RTU over TCP)")
          .optional("profile", &DeviceSection::profile, text(), "a profile of the catalogue, or sunspec")
          .optional("enabled", &DeviceSection::enabled, boolean(), "false: known, but not spoken to")
          .optional("asset", &DeviceSection::asset, text(), "what the device measures or controls")
          .optional("assets", &DeviceSection::assets_value, anything(),
                    "names of the assets behind it by role, for example battery: home-battery")
          .optional("rates", &DeviceSection::rates, rates_record(), "periods of this device")
          .optional("normalize", &DeviceSection::normalize,
                    map_of<model::PointName, NormalizeOverrides>("point", &model::parse_point_name,
                                                                 normalize_record()),
                    "how values of single points are cleaned")
          .optional("points", &DeviceSection::points_value, anything(),
                    "periods of single points, for example ActivePower: 200ms")
          .optional("meter_sign", &DeviceSection::meter_sign, one_of(meter_signs),
                    "SunSpec meters: which direction is positive")
          .optional("battery_sign", &DeviceSection::battery_sign, one_of(battery_signs),
                    "SunSpec batteries: which direction is positive")
          .place(&DeviceSection::place);
  return record;
}

const Record<events::Limits>& limits_record() {
  static const auto record =
      Record<events::Limits>()
          .optional("low", &events::Limits::low, number(), "an event below; none when left out")
          .optional("high", &events::Limits::high, number(), "an event above; none when left out")
          .optional("hysteresis", &events::Limits::hysteresis, number(0),
                    "how far it must come back to be over");
  return record;
}

// An asset and a point of it.
Result<std::string> parse_path(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no point", text),
                "write the asset and the point: roof/ActivePower");
  }
  auto name = model::parse_point_name(text.substr(slash + 1));
  if (!name) return fail(std::move(name).error());
  return fmt::format("{}/{}", text.substr(0, slash), model::to_string(*name));
}

const Record<SiteConfig>& site_config_record() {
  static const auto record =
      Record<SiteConfig>()
          .optional("site", &SiteConfig::site, site_record(), "the site")
          .optional("rates", &SiteConfig::rates, rates_record(), "periods of the rate classes")
          .optional("normalize", &SiteConfig::normalize,
                    map_of<model::Quantity, NormalizeOverrides>("quantity", &parse_quantity_key,
                                                                normalize_record()),
                    "how values of a quantity are cleaned; the defaults are in docs/normalisation.md")
          .optional("limits", &SiteConfig::limits,
                    map_of<std::string, events::Limits>("asset/point", &parse_path, limits_record()),
                    "an event when a value leaves them")
          .optional("data", &SiteConfig::data, text(),
                    "folder for what the gateway keeps; beside this file unless it begins with /")
          .optional("history", &SiteConfig::history, history_record(), "values kept for years")
          .optional("profiles", &SiteConfig::profiles, text(), "folder with device profiles of your own")
          .optional("lines", &SiteConfig::lines, list_of<LineSection>(line_record()),
                    "lines that need tuning")
          .optional("devices", &SiteConfig::devices, list_of<DeviceSection>(device_record()), "the devices");
  return record;
}

// ---- What the sections mean together
//
// Sections with a mistake in themselves were left out; `complete`: there were none. What is then missing
// elsewhere is not complained about, for it may only have been left out.

class Checker {
 public:
  Checker(SiteConfig& site, const modbus::Catalogue& catalogue, Findings& findings)
      : site_(site), catalogue_(catalogue), findings_(findings), complete_(findings.ok()) {}

  void check() {
    for (const auto& [quantity, overrides] : site_.normalize)
      check_normalization(quantity, {&overrides});
    for (LineSection& line : site_.lines)
      check_line(line);
    for (DeviceSection& device : site_.devices)
      check_device(device);
    if (!complete_) return;
    for (const LineSection& line : site_.lines) {
      const auto url = modbus::line_url(line.connect);
      const auto on_it = [&](const DeviceSection& device) { return modbus::line_url(device.connect) == url; };
      if (std::ranges::none_of(site_.devices, on_it)) {
        findings_.warning(place(line.place, "connect"), fmt::format("no device is on {}", url));
      }
    }
    if (site_.devices.empty()) {
      findings_.warning({}, "there are no devices",
                        "add one under devices:, or look for some with interwatt scan");
    }
  }

 private:
  static Place place(const Value* map, std::string_view key) {
    const Value* value = map->find(key);
    return value != nullptr ? value->place() : map->place();
  }

  void check_line(const LineSection& line) {
    const auto url = modbus::line_url(line.connect);
    if (!lines_.insert(url).second)
      findings_.error(place(line.place, "connect"), fmt::format("{} is there twice", url));
    const bool rtu = line.connect.transport == modbus::Transport::serial ||
                     line.connect.transport == modbus::Transport::rtu_over_tcp;
    if (rtu && line.in_flight.value_or(1) > 1) {
      findings_.error(place(line.place, "in_flight"), "an RTU line carries one request at a time",
                      "leave in_flight out");
    }
    if (line.tls && line.connect.transport != modbus::Transport::tls) {
      findings_.error(place(line.place, "tls"), fmt::format("{} is no TLS line", url),
                      "write modbus+tls://host:802");
    }
    if (!line.tls && line.connect.transport == modbus::Transport::tls) {
      findings_.error(place(line.place, "connect"), "a TLS line needs tls: with ca, certificate and key");
    }
  }

  void check_device(DeviceSection& device) {
    if (!names_.insert(device.name).second) {
      findings_.error(place(device.place, "name"), fmt::format("the name '{}' is there twice", device.name));
    }
    check_connection(device);
    check_profile(device);
    if (device.asset) device.assets[""] = *device.asset;
    check_assets(device);
    check_points(device);
    for (const auto& [name, overrides] : device.normalize) {
      if (device.described_by != nullptr && !has_point(*device.described_by, name)) {
        findings_.error(overrides.place->key_place(),
                        fmt::format("{} has no {}", device.profile, model::to_string(name)));
      }
      check_normalization(name.quantity, {of_site(name.quantity), &overrides});
    }
  }

  [[nodiscard]] const NormalizeOverrides* of_site(model::Quantity quantity) const {
    const auto overrides = site_.normalize.find(quantity);
    return overrides != site_.normalize.end() ? &overrides->second : nullptr;
  }

  // The last ones are those that are checked.
  void check_normalization(model::Quantity quantity,
                           std::initializer_list<const NormalizeOverrides*> overrides) {
    normalize::Settings settings = normalize::default_settings(quantity);
    for (const NormalizeOverrides* some : overrides)
      if (some != nullptr) some->apply(settings);
    if (auto possible = normalize::check(quantity, settings); !possible) {
      findings_.error((*(overrides.end() - 1))->place->key_place(), possible.error().message,
                      possible.error().remedy);
    }
  }

  void check_connection(const DeviceSection& device) {
    const auto url = modbus::line_url(device.connect);
    const auto key = fmt::format("{} unit {}", url, device.unit().value());
    if (const auto [other, is_new] = units_.emplace(key, device.name); !is_new) {
      findings_.error(place(device.place, "connect"), fmt::format("{} is '{}' already", key, other->second),
                      "two devices on one line need different units");
    }
    if (complete_ && device.connect.transport == modbus::Transport::tls && !lines_.contains(url)) {
      findings_.error(place(device.place, "connect"), fmt::format("{} needs certificates", url),
                      "add it under lines: with tls:");
    }
    if (device.connect.transport != modbus::Transport::serial) return;
    const auto [first, is_first] = ports_.emplace(url, &device);
    if (!is_first && first->second->connect.serial != device.connect.serial) {
      findings_.error(place(device.place, "connect"),
                      fmt::format("'{}' opens {} with other settings", first->second->name, url),
                      "all devices on one serial port have the same baud, parity and stop bits");
    }
  }

  void check_profile(DeviceSection& device) {
    if (device.profile == sunspec_profile) return;
    auto profile = catalogue_.find(device.profile);
    if (profile) {
      device.described_by = *profile;
    } else if (complete_ || site_.profiles.empty()) {
      findings_.error(place(device.place, "profile"), profile.error().message, profile.error().remedy);
    }
  }

  void check_assets(DeviceSection& device) {
    if (device.assets_value == nullptr) return;
    if (device.assets_value->kind != Kind::map) {
      findings_.error(device.assets_value->place(),
                      "expected a map from role to name, for example battery: home-battery");
      return;
    }
    std::vector<std::string_view> roles;
    if (device.described_by != nullptr) {
      for (const modbus::ServedAsset& asset : device.described_by->assets)
        roles.push_back(asset.role);
    }
    for (const Value& child : device.assets_value->children) {
      if (device.described_by != nullptr && std::ranges::find(roles, child.key) == roles.end()) {
        findings_.error(child.key_place(), fmt::format("{} has no '{}'{}", device.profile, child.key,
                                                       suggestion(child.key, roles)));
      }
      device.assets[child.key] = child.text;
    }
  }

  void check_points(DeviceSection& device) {
    if (device.points_value == nullptr) return;
    if (device.points_value->kind != Kind::map) {
      findings_.error(device.points_value->place(),
                      "expected a map from point to period, for example ActivePower: 200ms");
      return;
    }
    for (const Value& child : device.points_value->children) {
      auto name = model::parse_point_name(child.key);
      auto period = parse_duration(child.text);
      if (!name) findings_.error(child.key_place(), name.error().message, name.error().remedy);
      if (!period) findings_.error(child.place(), period.error().message, period.error().remedy);
      if (!name || !period) continue;
      if (device.described_by != nullptr && !has_point(*device.described_by, *name)) {
        findings_.error(child.key_place(), fmt::format("{} has no {}", device.profile, child.key));
      }
      device.point_periods[*name] = *period;
    }
  }

  static bool has_point(const modbus::Profile& profile, const model::PointName& name) {
    return std::ranges::any_of(profile.map.points,
                               [&](const auto& point) { return point.point.name == name; });
  }

  SiteConfig& site_;
  const modbus::Catalogue& catalogue_;
  Findings& findings_;
  bool complete_;
  std::set<std::string> names_;
  std::set<std::string> lines_;
  std::map<std::string, std::string> units_;
  std::map<std::string, const DeviceSection*> ports_;
};

// A path of the configuration, which is relative to the folder of its file.
std::string beside(std::string_view file, const std::string& path) {
  if (path.starts_with('/')) return path;
  const auto slash = file.rfind('/');
  return slash == std::string_view::npos ? path : fmt::format("{}/{}", file.substr(0, slash), path);
}

}  // namespace

void RateOverrides::apply(polling::RateTable& rates) const {
  using model::RateClass;
  for (const auto& [rate, period] : {std::pair(RateClass::fast, fast), std::pair(RateClass::normal, normal),
                                     std::pair(RateClass::slow, slow), std::pair(RateClass::thermal, thermal),
                                     std::pair(RateClass::constant, constant)}) {
    if (period) rates.set(rate, *period);
  }
}

polling::RateTable rates_of(const SiteConfig& site, const DeviceSection& device) {
  polling::RateTable rates;
  site.rates.apply(rates);
  device.rates.apply(rates);
  return rates;
}

normalize::Settings normalization_of(const SiteConfig& site, const DeviceSection& device,
                                     const model::Point& point) {
  normalize::Settings settings = normalize::default_settings(point.name.quantity);
  const auto of_site = site.normalize.find(point.name.quantity);
  if (of_site != site.normalize.end()) of_site->second.apply(settings);
  const auto of_point = device.normalize.find(point.name);
  if (of_point != device.normalize.end()) of_point->second.apply(settings);
  const auto period = device.point_periods.find(point.name);
  settings.period =
      period != device.point_periods.end() ? period->second : rates_of(site, device).period(point.rate);
  return settings;
}

modbus::UnitId DeviceSection::unit() const {
  if (connect.unit) return *connect.unit;
  return modbus::UnitId(described_by != nullptr ? described_by->connection.unit : std::uint8_t{1});
}

model::Mrid SiteConfig::mrid() const {
  if (site.mrid) return *site.mrid;
  // The name space of sites that have no mRID of their own.
  static const model::Mrid sites = model::parse_mrid("b3f7c1a2-5d0e-4c7a-9a61-0c52d1f4e8ab").value();
  return model::derive(sites, site.name);
}

std::vector<events::PointLimits> SiteConfig::point_limits() const {
  std::vector<events::PointLimits> all;
  for (const auto& [path, of_point] : limits)
    all.push_back({.path = path, .limits = of_point});
  return all;
}

std::unique_ptr<LoadedConfig> load_config(std::string_view file, std::string_view text, io::Files& files,
                                          Findings& findings) {
  auto document = Document::parse(file, text, findings);
  if (!document) return nullptr;
  auto loaded = std::make_unique<LoadedConfig>(
      LoadedConfig{.document = std::move(*document), .catalogue = modbus::Catalogue::built_in(), .site = {}});
  site_config_record().read(loaded->document.root(), loaded->site, findings);
  if (!loaded->site.profiles.empty()) {
    loaded->catalogue.add_folder(files, beside(file, loaded->site.profiles), findings);
  }
  loaded->data_folder = beside(file, loaded->site.data);
  Checker(loaded->site, loaded->catalogue, findings).check();
  if (!findings.ok()) return nullptr;
  return loaded;
}

std::string config_json_schema() {
  return json_schema(site_config_record().shape(), "Interwatt site configuration");
}
std::string config_documentation() { return markdown_table(site_config_record().shape()); }

}  // namespace iw::gateway
