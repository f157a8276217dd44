#include "protocols/bacnet/driver.hpp"

#include <algorithm>
#include <map>

#include "config/record.hpp"
#include "protocols/bacnet/catalogue.hpp"
#include "protocols/bacnet/line_plan.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet {
namespace {

using namespace config;  // the tables below read better without it at every word

constexpr std::string_view line_url = "bacnet://";

struct LineSection {
  const config::Value* place = nullptr;
  io::Endpoint bind{.host = "0.0.0.0", .port = default_port};
  IpAddress broadcast{.host = {255, 255, 255, 255}};
  std::optional<IpAddress> bbmd;
  Duration time_to_live = 5min;
  Duration timeout = 3s;
  int retries = 2;
  int in_flight = 2;
  std::optional<Duration> time_sync;
};

struct DeviceKeys {
  std::vector<ObjectId> objects;
  int priority = lowest_priority;
  bool cov = false;
  bool confirmed_cov = false;
  Duration cov_lifetime = 10min;
  bool alarms = true;
  bool backfill = false;
};

// Port 0 is nowhere to connect to, but somewhere to be: any port that is free.
Result<io::Endpoint> parse_bind(std::string_view text) {
  const bool any_port = text.ends_with(":0");
  if (any_port) text.remove_suffix(2);
  return io::parse_endpoint(text, any_port ? std::uint16_t{0} : default_port);
}
Result<IpAddress> parse_address(std::string_view text) { return parse_ip(text); }
std::string show_bind(const io::Endpoint& endpoint) { return io::to_string(endpoint); }
std::string show_address(const IpAddress& address) { return to_string(address); }

const Record<LineSection>& line_record() {
  static const auto record =
      Record<LineSection>()
          .optional("bind", &LineSection::bind,
                    parsed<io::Endpoint>("an address and port", parse_bind, show_bind),
                    "where our own port is; port 0: any that is free")
          .optional("broadcast", &LineSection::broadcast,
                    parsed<IpAddress>("an IPv4 address", parse_address, show_address),
                    "where broadcasts go: that of the network of the devices")
          .optional("bbmd", &LineSection::bbmd, parsed<IpAddress>("an IPv4 address", parse_address),
                    "of the devices' network, if we are not on it: we register as a foreign device")
          .optional("time_to_live", &LineSection::time_to_live, duration(30s, 18h),
                    "of the registration as a foreign device")
          .optional("timeout", &LineSection::timeout, duration(100ms, 60s),
                    "how long a device may take to answer")
          .optional("retries", &LineSection::retries, integer(0, 10), "how often a question is repeated")
          .optional("in_flight", &LineSection::in_flight, integer(1, 16), "requests to one device at once")
          .optional("time_sync", &LineSection::time_sync, duration(1h, 30 * 24h),
                    "how often the devices are told the time; never when left out")
          .place(&LineSection::place);
  return record;
}

const Record<DeviceKeys>& device_record() {
  static const auto record =
      Record<DeviceKeys>()
          .optional("objects", &DeviceKeys::objects,
                    list_of(parsed<ObjectId>("an object, as ai7", parse_object_id)),
                    "the objects that are wanted; else all that have values")
          .optional(
              "priority", &DeviceKeys::priority, integer(1, lowest_priority),
              "at which we write (1 and 2 are for life safety, 6 for minimum on and off times: refused)")
          .optional("cov", &DeviceKeys::cov, boolean(), "values come by notification, where the device can")
          .optional("cov_confirmed", &DeviceKeys::confirmed_cov, boolean(), "and we acknowledge each")
          .optional("cov_lifetime", &DeviceKeys::cov_lifetime, duration(1min, 24h), "of a subscription")
          .optional("alarms", &DeviceKeys::alarms, boolean(),
                    "its alarms become events; it is asked for them every five minutes")
          .optional("backfill", &DeviceKeys::backfill, boolean(),
                    "what its trend logs kept while it was not heard is fetched into the history");
  return record;
}

Result<void> check_address(std::string_view url) {
  auto parsed_url = parse_url(url);
  if (!parsed_url) return fail(std::move(parsed_url).error());
  return {};
}

class BacnetDriver final : public driver::Driver {
 public:
  void add_profiles(io::Files& files, const std::string& folder, Findings& findings) override {
    catalogue_.add_folder(files, folder, findings);
    own_profiles_ = true;
  }

  void read_line(const config::Value& section, Findings& findings) override {
    LineSection line;
    if (!line_record().read_own(section, line, findings)) return;
    const DeviceUrl url = parse_url(section.find("connect")->text).value();
    if (url != DeviceUrl{}) {
      findings.error(driver::place_of(section, "connect"), "all BACnet devices share one line",
                     "write connect: bacnet://");
    }
    if (line_) {
      findings.error(driver::place_of(section, "connect"), "bacnet:// is there twice");
      return;
    }
    line_ = std::move(line);
  }

  void read_device(driver::DeviceSection& section, Findings& findings) override {
    Device device{.url = parse_url(section.connect).value(), .keys = {}};
    if (!device.url.instance) {
      findings.error(driver::place_of(*section.place, "connect"), "the address names no device",
                     "write bacnet://192.0.2.20?device=1234; interwatt scan bacnet shows the instances");
    } else if (const auto [other, is_new] = instances_.emplace(*device.url.instance, section.name); !is_new) {
      findings.error(driver::place_of(*section.place, "connect"),
                     fmt::format("device {} is '{}' already", *device.url.instance, other->second));
    }
    if (!section.profile.empty()) read_profile(section, device);
    device_record().read_own(*section.place, device.keys, findings);
    const int priority = device.keys.priority;
    if (priority <= 2 || priority == minimum_on_off_priority) {
      findings.error(driver::place_of(*section.place, "priority"),
                     fmt::format("nothing is written at priority {}", priority),
                     "1 and 2 belong to life safety, 6 to minimum on and off times: take another up to 16");
    }
    devices_.insert_or_assign(&section, std::move(device));
  }

  void check(bool complete, Findings& findings) override {
    for (const auto& [section, error] : unknown_profiles_) {
      if (complete || !own_profiles_)
        findings.error(driver::place_of(*section->place, "profile"), error.message, error.remedy);
    }
    if (complete && line_ && devices_.empty())
      findings.warning(driver::place_of(*line_->place, "connect"), "no device is on bacnet://");
  }

  [[nodiscard]] std::vector<driver::LinePlanPtr> plan(
      std::span<const driver::WantedDevice> wanted) const override {
    if (wanted.empty()) return {};
    std::vector<LineDevice> devices;
    for (const driver::WantedDevice& one : wanted)
      devices.push_back(planned(one));
    return {std::make_shared<BacnetLinePlan>(settings(), std::move(devices))};
  }

 private:
  struct Device {
    DeviceUrl url;
    DeviceKeys keys;
    SharedRules profile = {};
  };

  void read_profile(driver::DeviceSection& section, Device& device) {
    const auto profile = catalogue_.find(section.profile);
    if (!profile) return unknown_profiles_.push_back({&section, profile.error()});
    section.described_by = *profile;
    device.profile.rules = std::make_shared<const ObjectRules>((*profile)->rules);
  }

  [[nodiscard]] LineDevice planned(const driver::WantedDevice& wanted) const {
    const Device& device = devices_.at(wanted.section);
    LineDevice out{.id = wanted.id,
                   .name = wanted.section->name,
                   .url = device.url,
                   .rates = wanted.rates,
                   .point_periods = wanted.section->point_periods,
                   .objects = device.keys.objects,
                   .profile = device.profile,
                   .priority = static_cast<std::uint8_t>(device.keys.priority),
                   .alarms = device.keys.alarms,
                   .backfill = device.keys.backfill};
    if (device.keys.cov)
      out.cov = CovSettings{.lifetime = device.keys.cov_lifetime, .confirmed = device.keys.confirmed_cov};
    return out;
  }

  [[nodiscard]] LineSettings settings() const {
    const LineSection line = line_.value_or(LineSection{});
    LineSettings settings{.name = std::string(line_url),
                          .client = {.bind = line.bind, .link = {.broadcast = line.broadcast}, .session = {}},
                          .in_flight = static_cast<std::size_t>(line.in_flight),
                          .time_sync = line.time_sync};
    settings.client.session.timeout = line.timeout;
    settings.client.session.retries = static_cast<unsigned>(line.retries);
    if (line.bbmd)
      settings.client.link.foreign = ForeignDevice{.bbmd = *line.bbmd, .time_to_live = line.time_to_live};
    return settings;
  }

  Catalogue catalogue_ = Catalogue::built_in();
  bool own_profiles_ = false;
  std::vector<std::pair<const driver::DeviceSection*, Error>> unknown_profiles_;
  std::optional<LineSection> line_;
  std::map<const driver::DeviceSection*, Device> devices_;
  std::map<std::uint32_t, std::string> instances_;  // whose
};

}  // namespace

driver::DriverKind driver_kind() {
  return {.name = "bacnet",
          .schemes = {"bacnet"},
          .example = "bacnet://192.0.2.20?device=1234, bacnet://?device=1234 (found by Who-Is)",
          .check_address = &check_address,
          .device_keys = device_record().shape(),
          .line_keys = line_record().shape(),
          .make = [] { return std::make_unique<BacnetDriver>(); }};
}

}  // namespace iw::bacnet
