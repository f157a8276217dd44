#include "protocols/modbus/driver.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "config/beside.hpp"
#include "config/record.hpp"
#include "protocols/modbus/catalogue.hpp"
#include "protocols/modbus/line_plan.hpp"

namespace iw::modbus {
namespace {

using namespace config;  // the tables below read better without it at every word

// How a line is spoken to; what is not given comes from the profiles of its devices.
struct LineSection {
  const Value* place = nullptr;
  Address connect = {};
  std::optional<Duration> timeout, connect_delay, gap;
  std::optional<int> in_flight;
  std::optional<TlsFiles> tls;
};

const Record<TlsFiles>& tls_record() {
  static const auto record =
      Record<TlsFiles>()
          .required("ca", &TlsFiles::ca, text(), "file with the certificates that are trusted (PEM)")
          .required("certificate", &TlsFiles::certificate, text(), "file with our certificate chain (PEM)")
          .required("key", &TlsFiles::key, text(), "file with our private key (PEM), mode 0600")
          .optional("server_name", &TlsFiles::server_name, text(),
                    "name in the device's certificate, if not the host's");
  return record;
}

const Record<LineSection>& line_record() {
  static const auto record =
      Record<LineSection>()
          .optional("timeout", &LineSection::timeout, duration(10ms, 60s),
                    "how long a unit may take to answer")
          .optional("connect_delay", &LineSection::connect_delay, duration(0ms, 60s),
                    "between the connection and the first request")
          .optional("gap", &LineSection::gap, duration(0ms, 10s), "between an answer and the next request")
          .optional("in_flight", &LineSection::in_flight, integer(1, 16),
                    "requests outstanding at once, tried out")
          .optional("tls", &LineSection::tls, tls_record(),
                    "certificates of a modbus+tls line; files beside this one unless they begin with /")
          .place(&LineSection::place);
  return record;
}

Result<void> check_address(std::string_view url) {
  auto address = parse_address(url);
  if (!address) return fail(std::move(address).error());
  return {};
}

TlsFiles beside_file(TlsFiles files, std::string_view configuration) {
  for (std::string* path : {&files.ca, &files.certificate, &files.key})
    *path = beside(configuration, *path);
  return files;
}

// Checked before.
Address address_of(const Value& section) { return parse_address(section.find("connect")->text).value(); }

// What the device's profile asks for, joined with what the others on the line ask for.
void be_careful(LineSettings& settings, const ConnectionDefaults& wish, bool first) {
  settings.timeout = std::max(settings.timeout, wish.timeout);
  settings.connect_delay = std::max(settings.connect_delay, wish.connect_delay);
  settings.gap = std::max(settings.gap, wish.gap);
  settings.in_flight =
      first ? std::uint16_t{wish.in_flight} : std::min<std::uint16_t>(settings.in_flight, wish.in_flight);
}

void apply(LineSettings& settings, const LineSection& line) {
  settings.timeout = line.timeout.value_or(settings.timeout);
  settings.connect_delay = line.connect_delay.value_or(settings.connect_delay);
  settings.gap = line.gap.value_or(settings.gap);
  if (line.in_flight) settings.in_flight = static_cast<std::uint16_t>(*line.in_flight);
}

// The register maps in use: one for all devices of a profile, and one of its own for a device with periods of
// its own.
class Maps {
 public:
  std::shared_ptr<const RegisterMap> of(const Profile& profile, const driver::DeviceSection& section) {
    if (!section.point_periods.empty()) return make(profile, section);
    std::shared_ptr<const RegisterMap>& shared = shared_[&profile];
    if (!shared) shared = make(profile, section);
    return shared;
  }

 private:
  static std::shared_ptr<const RegisterMap> make(const Profile& profile,
                                                 const driver::DeviceSection& section) {
    RegisterMap map = profile.map;
    map.identity.manufacturer = profile.manufacturer;
    for (RegisterPoint& point : map.points) {
      const auto period = section.point_periods.find(point.point.name);
      if (period != section.point_periods.end()) point.period = period->second;
    }
    return std::make_shared<const RegisterMap>(std::move(map));
  }

  std::map<const Profile*, std::shared_ptr<const RegisterMap>> shared_;
};

std::string fingerprint_of(const LineDevice& device, const driver::DeviceSection& section) {
  std::string text = fmt::format("{} unit {} {}", section.name, device.unit.value(), section.profile);
  for (const auto rate : {model::RateClass::fast, model::RateClass::normal, model::RateClass::slow,
                          model::RateClass::thermal, model::RateClass::constant}) {
    text += fmt::format(" {}", device.rates.period(rate).count());
  }
  for (const auto& [point, period] : section.point_periods)
    text += fmt::format(" {}={}", model::to_string(point), period.count());
  return text;
}

class ModbusDriver final : public driver::Driver {
 public:
  explicit ModbusDriver(std::shared_ptr<const SelfDescription> self_description)
      : self_description_(std::move(self_description)), catalogue_(Catalogue::built_in()) {}

  void add_profiles(io::Files& files, const std::string& folder, Findings& findings) override {
    catalogue_.add_folder(files, folder, findings);
    own_profiles_ = true;
  }

  void read_line(const Value& section, Findings& findings) override {
    LineSection line{.connect = address_of(section)};
    if (!line_record().read_own(section, line, findings)) return;
    check_line(line, findings);
    lines_.push_back(std::move(line));
  }

  void read_device(driver::DeviceSection& section, Findings& findings) override {
    Device device{.section = &section, .connect = address_of(*section.place)};
    if (section.profile.empty() || section.profile == self_description_->profile) {
      device.describes_itself = self_description_->read(*section.place, findings);
    } else if (const auto profile = catalogue_.find(section.profile)) {
      device.profile = *profile;
      section.described_by = device.profile;
    } else {
      unknown_profiles_.push_back({&section, profile.error()});
    }
    check_place(device, findings);
    devices_.insert_or_assign(&section, std::move(device));
    order_.push_back(&section);
  }

  void check(bool complete, Findings& findings) override {
    for (const auto& [section, error] : unknown_profiles_) {
      if (complete || !own_profiles_)
        findings.error(driver::place_of(*section->place, "profile"), error.message, error.remedy);
    }
    if (!complete) return;
    for (const driver::DeviceSection* section : order_)
      check_certificates(devices_.at(section), findings);
    for (const LineSection& line : lines_) {
      const auto url = line_url(line.connect);
      const auto on_it = [&](const auto& device) { return line_url(device.second.connect) == url; };
      if (std::ranges::none_of(devices_, on_it)) {
        findings.warning(driver::place_of(*line.place, "connect"), fmt::format("no device is on {}", url));
      }
    }
  }

  [[nodiscard]] std::vector<driver::LinePlanPtr> plan(
      std::span<const driver::WantedDevice> wanted) const override {
    std::vector<Planned> lines;
    Maps maps;
    for (const driver::WantedDevice& one : wanted) {
      const Device& device = devices_.at(one.section);
      const std::string url = line_url(device.connect);
      auto line = std::ranges::find(lines, url, [](const Planned& p) { return p.settings.name; });
      const bool first = line == lines.end();
      if (first) {
        line = lines.insert(line, {.settings = {.name = url, .address = device.connect}});
        line->settings.address.unit.reset();
      }
      if (device.profile != nullptr) be_careful(line->settings, device.profile->connection, first);
      line->devices.push_back(planned(device, one, maps));
    }
    std::vector<driver::LinePlanPtr> plans;
    for (Planned& line : lines)
      plans.push_back(tuned(std::move(line)));
    return plans;
  }

 private:
  struct Device {
    const driver::DeviceSection* section = nullptr;
    Address connect;
    const Profile* profile = nullptr;
    std::optional<SelfDescription::Device> describes_itself;

    [[nodiscard]] UnitId unit() const {
      if (connect.unit) return *connect.unit;
      return UnitId(profile != nullptr ? profile->connection.unit : std::uint8_t{1});
    }
  };

  struct Planned {
    LineSettings settings;
    std::vector<PlannedDevice> devices = {};
  };

  void check_line(const LineSection& line, Findings& findings) {
    const auto url = line_url(line.connect);
    if (section_of(url) != nullptr)
      findings.error(driver::place_of(*line.place, "connect"), fmt::format("{} is there twice", url));
    const bool rtu =
        line.connect.transport == Transport::serial || line.connect.transport == Transport::rtu_over_tcp;
    if (rtu && line.in_flight.value_or(1) > 1) {
      findings.error(driver::place_of(*line.place, "in_flight"), "an RTU line carries one request at a time",
                     "leave in_flight out");
    }
    if (line.tls && line.connect.transport != Transport::tls) {
      findings.error(driver::place_of(*line.place, "tls"), fmt::format("{} is no TLS line", url),
                     "write modbus+tls://host:802");
    }
    if (!line.tls && line.connect.transport == Transport::tls) {
      findings.error(driver::place_of(*line.place, "connect"),
                     "a TLS line needs tls: with ca, certificate and key");
    }
  }

  // Nobody else is there, and who shares a serial port opens it in the same way.
  void check_place(const Device& device, Findings& findings) {
    const config::Place place = driver::place_of(*device.section->place, "connect");
    const auto url = line_url(device.connect);
    const auto key = fmt::format("{} unit {}", url, device.unit().value());
    if (const auto [other, is_new] = units_.emplace(key, device.section->name); !is_new) {
      findings.error(place, fmt::format("{} is '{}' already", key, other->second),
                     "two devices on one line need different units");
    }
    if (device.connect.transport != Transport::serial) return;
    const auto [first, is_first] =
        ports_.emplace(url, std::pair(device.section->name, device.connect.serial));
    if (!is_first && first->second.second != device.connect.serial) {
      findings.error(place, fmt::format("'{}' opens {} with other settings", first->second.first, url),
                     "all devices on one serial port have the same baud, parity and stop bits");
    }
  }

  void check_certificates(const Device& device, Findings& findings) const {
    const auto url = line_url(device.connect);
    if (device.connect.transport != Transport::tls || section_of(url) != nullptr) return;
    findings.error(driver::place_of(*device.section->place, "connect"),
                   fmt::format("{} needs certificates", url), "add it under lines: with tls:");
  }

  [[nodiscard]] const LineSection* section_of(const std::string& url) const {
    const auto line =
        std::ranges::find(lines_, url, [](const LineSection& l) { return line_url(l.connect); });
    return line != lines_.end() ? &*line : nullptr;
  }

  static PlannedDevice planned(const Device& device, const driver::WantedDevice& wanted, Maps& maps) {
    LineDevice line_device{.id = wanted.id,
                           .name = device.section->name,
                           .unit = device.unit(),
                           .map = {},
                           .discover = {},
                           .rates = wanted.rates};
    if (device.profile != nullptr) line_device.map = maps.of(*device.profile, *device.section);
    if (device.describes_itself) line_device.discover = device.describes_itself->discover;
    std::string fingerprint = fingerprint_of(line_device, *device.section);
    if (device.describes_itself) fingerprint += " " + device.describes_itself->fingerprint;
    return {.device = std::move(line_device), .fingerprint = std::move(fingerprint)};
  }

  [[nodiscard]] driver::LinePlanPtr tuned(Planned line) const {
    std::optional<TlsFiles> tls;
    if (const LineSection* section = section_of(line.settings.name); section != nullptr) {
      apply(line.settings, *section);
      if (section->tls) tls = beside_file(*section->tls, section->place->place().file);
    }
    return std::make_shared<ModbusLinePlan>(std::move(line.settings), std::move(tls),
                                            std::move(line.devices));
  }

  std::shared_ptr<const SelfDescription> self_description_;
  Catalogue catalogue_;
  bool own_profiles_ = false;
  std::vector<LineSection> lines_;
  std::map<const driver::DeviceSection*, Device> devices_;
  std::vector<const driver::DeviceSection*> order_;  // of the file
  std::vector<std::pair<const driver::DeviceSection*, Error>> unknown_profiles_;
  std::map<std::string, std::string> units_;                                 // whose
  std::map<std::string, std::pair<std::string, io::SerialSettings>> ports_;  // as who opens it first
};

}  // namespace

driver::DriverKind driver_kind(SelfDescription self_description) {
  return {.name = "modbus",
          .schemes = {"modbus", "modbus+tls", "modbus+rtu"},
          .example =
              "modbus://host:port?unit=1, modbus+tls://..., "
              "modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3, modbus+rtu://host:port?unit=3 (RTU over TCP)",
          .check_address = &check_address,
          .device_keys = self_description.keys,
          .line_keys = line_record().shape(),
          .make = [self_description = std::make_shared<const SelfDescription>(std::move(self_description))] {
            return std::make_unique<ModbusDriver>(self_description);
          }};
}

}  // namespace iw::modbus
