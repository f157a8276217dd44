#include "gateway/site_config.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "base/nearest.hpp"
#include "base/tzif.hpp"
#include "config/beside.hpp"
#include "config/record.hpp"
#include "gateway/api_tls.hpp"
#include "gateway/bacnet_server_config.hpp"
#include "gateway/controlled_points.hpp"
#include "gateway/drivers.hpp"
#include "model/point_path.hpp"

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
                    "a site")
          .optional("time_zone", &SiteSection::time_zone, text(),
                    "local time of schedules and billing months: Europe/Berlin; the machine's when left out");
  return record;
}

std::string address_examples() {
  std::string text;
  for (const driver::DriverKind& kind : drivers())
    text += fmt::format("{}{}", text.empty() ? "" : ", ", kind.example);
  return text;
}

Result<std::string> parse_address(std::string_view url) {
  const driver::DriverKind* kind = driver_for(url);
  if (kind == nullptr) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no address that a driver knows", url),
                fmt::format("for example {}", address_examples()));
  }
  if (auto checked = kind->check_address(url); !checked) return fail(std::move(checked).error());
  return std::string(url);
}

Rule<std::string> address() { return parsed<std::string>("an address", &parse_address); }

const Record<LineSection>& line_record() {
  static const auto record = [] {
    auto all = Record<LineSection>()
                   .required("connect", &LineSection::connect, address(),
                             "the same host and port, or serial port, as its devices have")
                   .place(&LineSection::place);
    for (const driver::DriverKind& kind : drivers())
      std::move(all).also(kind.line_keys);
    return all;
  }();
  return record;
}

const Record<DeviceSection>& device_record() {
  static const auto record = [] {
    auto all = Record<DeviceSection>()
                   .required("name", &DeviceSection::name, text(),
                             "unique; also the name of its asset, unless that is given")
                   .required("connect", &DeviceSection::connect, address(), address_examples())
                   .optional("profile", &DeviceSection::profile, text(),
                             "a profile of the catalogue; left out: the device describes itself (SunSpec)")
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
                   .place(&DeviceSection::place);
    for (const driver::DriverKind& kind : drivers())
      std::move(all).also(kind.device_keys);
    return all;
  }();
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

const Record<SiteConfig>& site_config_record() {
  static const auto record =
      Record<SiteConfig>()
          .optional("site", &SiteConfig::site, site_record(), "the site")
          .optional("rates", &SiteConfig::rates, rates_record(), "periods of the rate classes")
          .optional("normalize", &SiteConfig::normalize,
                    map_of<model::Quantity, NormalizeOverrides>("quantity", &parse_quantity_key,
                                                                normalize_record()),
                    "how values of a quantity are cleaned; the defaults are in docs/normalisation.md")
          .optional(
              "limits", &SiteConfig::limits,
              map_of<std::string, events::Limits>("asset/point", &model::parse_point_path, limits_record()),
              "an event when a value leaves them")
          .optional("control", &SiteConfig::control, control_record(), "what may be moved, and by whom")
          .optional("data", &SiteConfig::data, text(),
                    "folder for what the gateway keeps; beside this file unless it begins with /")
          .optional("history", &SiteConfig::history, history_record(), "values kept for years")
          .optional("api", &SiteConfig::api, api_record(), "the API and the dashboard")
          .optional("outputs", &SiteConfig::outputs, list_of<OutputSection>(output_record()),
                    "other systems that values are sent to")
          .optional("profiles", &SiteConfig::profiles, text(), "folder with device profiles of your own")
          .optional("lines", &SiteConfig::lines, list_of<LineSection>(line_record()),
                    "lines that need tuning")
          .optional("devices", &SiteConfig::devices, list_of<DeviceSection>(device_record()), "the devices")
          .optional("controllers", &SiteConfig::controllers,
                    list_of<control::ControllerSection>(control::controller_record()),
                    "what moves points by itself: docs/controllers.md")
          .also(bacnet_server_keys());
  return record;
}

// ---- What the sections mean together
//
// Sections with a mistake in themselves were left out; `complete`: there were none. What is then missing
// elsewhere is not complained about, for it may only have been left out.

class Checker {
 public:
  Checker(LoadedConfig& loaded, Findings& findings)
      : loaded_(loaded), site_(loaded.site), findings_(findings), complete_(findings.ok()) {}

  void check() {
    for (const auto& [quantity, overrides] : site_.normalize)
      check_normalization(quantity, {&overrides});
    for (const LineSection& line : site_.lines)
      check_line(line);
    check_names();
    for (DeviceSection& device : site_.devices)
      check_device(device);
    for (const auto& one : loaded_.drivers)
      one->check(complete_, findings_);
    site_.control.add_groups(findings_);
    site_.control.check(findings_);
    control::check(site_.controllers, findings_);
    if (findings_.ok()) check_controlled_points(site_, findings_);
    check_api_tls(loaded_.document.root(), site_.api, findings_);
    if (complete_ && site_.devices.empty()) {
      findings_.warning({}, "there are no devices",
                        "add one under devices:, or look for some with interwatt scan");
    }
  }

 private:
  // The protocol of a section, which must not have the keys of another.
  const driver::DriverKind& kind_of(const Value& section, const std::string& connect) {
    const driver::DriverKind& kind = *driver_for(connect);
    for (const Value& child : section.children) {
      for (const driver::DriverKind& other : drivers()) {
        if (&other == &kind || !has_key(other, child.key) || has_key(kind, child.key)) continue;
        findings_.error(child.key_place(),
                        fmt::format("means nothing to a {} address, only to {}", kind.name, other.name));
      }
    }
    return kind;
  }

  static bool has_key(const driver::DriverKind& kind, const std::string& key) {
    const auto named = [&](const Shape& field) { return field.name == key; };
    return std::ranges::any_of(kind.device_keys.parts, named) ||
           std::ranges::any_of(kind.line_keys.parts, named);
  }

  void check_line(const LineSection& line) {
    driver_of(loaded_, kind_of(*line.place, line.connect)).read_line(*line.place, findings_);
  }

  // In the file itself: a device that is left out because of another mistake has its name all the same.
  void check_names() {
    const Value* devices = loaded_.document.root().find("devices");
    if (devices == nullptr) return;
    std::set<std::string> names;
    for (const Value& section : devices->children) {
      const Value* name = section.find("name");
      if (name != nullptr && !name->text.empty() && !names.insert(name->text).second)
        findings_.error(name->place(), fmt::format("the name '{}' is there twice", name->text));
    }
  }

  void check_device(DeviceSection& device) {
    device.kind = &kind_of(*device.place, device.connect);
    if (device.asset) device.assets[""] = *device.asset;
    read_points(device);
    driver_of(loaded_, *device.kind).read_device(device, findings_);
    check_assets(device);
    check_points(device);
    for (const auto& [name, overrides] : device.normalize) {
      expect_point(device, name, overrides.place->key_place());
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

  void check_assets(DeviceSection& device) {
    if (device.assets_value == nullptr) return;
    if (device.assets_value->kind != Kind::map) {
      findings_.error(device.assets_value->place(),
                      "expected a map from role to name, for example battery: home-battery");
      return;
    }
    std::vector<std::string_view> roles;
    if (device.described_by != nullptr) {
      for (const driver::ServedAsset& asset : device.described_by->assets)
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

  void read_points(DeviceSection& device) {
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
      if (name && period) device.point_periods[*name] = *period;
    }
  }

  void check_points(const DeviceSection& device) {
    if (device.points_value == nullptr) return;
    for (const Value& child : device.points_value->children) {
      if (const auto name = model::parse_point_name(child.key))
        expect_point(device, *name, child.key_place());
    }
  }

  void expect_point(const DeviceSection& device, const model::PointName& name, const Place& place) {
    if (device.described_by != nullptr && device.described_by->complete && !device.described_by->has(name))
      findings_.error(place, fmt::format("{} has no {}", device.profile, model::to_string(name)));
  }

  LoadedConfig& loaded_;
  SiteConfig& site_;
  Findings& findings_;
  bool complete_;
};

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

namespace {

constexpr std::string_view zones_folder = "/usr/share/zoneinfo/";
constexpr std::string_view zone_of_machine = "/etc/localtime";

Place place_of_zone(const LoadedConfig& loaded) {
  const Value* site = loaded.document.root().find("site");
  const Value* zone = site != nullptr ? site->find("time_zone") : nullptr;
  return zone != nullptr ? zone->place() : Place{};
}

// A machine without a zone shows UTC.
std::unique_ptr<const TimeZone> zone_of(const LoadedConfig& loaded, io::Files& files, Findings& findings) {
  const std::string& name = loaded.site.site.time_zone;
  if (!name.empty() && !is_zone_name(name)) {
    findings.error(place_of_zone(loaded), fmt::format("'{}' is no time zone", name),
                   "write it as Europe/Berlin");
    return nullptr;
  }
  const auto file =
      files.read(name.empty() ? std::string(zone_of_machine) : fmt::format("{}{}", zones_folder, name));
  if (!file && name.empty()) return std::make_unique<const Utc>();
  auto zone = file ? decode_tzif(std::as_bytes(std::span(*file))) : fail(file.error());
  if (zone) return std::move(*zone);
  findings.error(place_of_zone(loaded), fmt::format("no time zone '{}': {}", name, zone.error().message),
                 "is tzdata installed, and the name one of its own?");
  return nullptr;
}

}  // namespace

std::unique_ptr<LoadedConfig> load_config(std::string_view file, std::string_view text, io::Files& files,
                                          Findings& findings) {
  auto document = Document::parse(file, text, findings);
  if (!document) return nullptr;
  auto loaded = std::make_unique<LoadedConfig>(
      LoadedConfig{.document = std::move(*document), .site = {}, .drivers = {}});
  for (const driver::DriverKind& kind : drivers())
    loaded->drivers.push_back(kind.make());
  site_config_record().read(loaded->document.root(), loaded->site, findings);
  if (!loaded->site.profiles.empty()) {
    for (const auto& one : loaded->drivers)
      one->add_profiles(files, config::beside(file, loaded->site.profiles), findings);
  }
  loaded->data_folder = config::beside(file, loaded->site.data);
  loaded->zone = zone_of(*loaded, files, findings);
  Checker(*loaded, findings).check();
  loaded->outputs = plan_outputs(
      loaded->site.outputs, [&](const std::string& path) { return config::beside(file, path); }, files,
      findings);
  read_bacnet_server(*loaded, files, findings);
  if (!findings.ok()) return nullptr;
  return loaded;
}

std::string config_json_schema() {
  return json_schema(site_config_record().shape(), "Interwatt site configuration");
}
std::string config_documentation() { return markdown_table(site_config_record().shape()); }

}  // namespace iw::gateway
