#include "gateway/bacnet_server_config.hpp"

#include <algorithm>

#include "config/beside.hpp"
#include "driver/section.hpp"
#include "gateway/site_config.hpp"
#include "model/point_path.hpp"
#include "protocols/bacnet/object.hpp"

namespace iw::gateway {

using namespace config;  // the tables below read better without it at every word

namespace {

using bacnet::IpAddress;
using bacnet::server::IpNetwork;

Result<io::Endpoint> parse_listen(std::string_view text) {
  return io::parse_endpoint(text, bacnet::default_port);
}
Result<IpAddress> parse_address(std::string_view text) { return bacnet::parse_ip(text); }
std::string show_address(const IpAddress& address) { return bacnet::to_string(address); }

Rule<IpNetwork> network() {
  return parsed<IpNetwork>("a network, as 192.0.2.0/24", &bacnet::server::parse_ip_network);
}

const Record<BacnetLoad>& load_record() {
  using L = BacnetLoad;
  static const auto record =
      Record<L>()
          .required("point", &L::point, parsed<std::string>("asset/point", &model::parse_point_path),
                    "the point that limits it, which control: points: has to declare")
          .required("baseline_w", &L::baseline_w, number(1), "what it takes when nothing is shed")
          .optional("levels", &L::levels, list_of<int>(integer(0, 99)),
                    "per cent of it that level 1, 2 ... leave; 75, 50, 25 when left out")
          .place(&L::place);
  return record;
}

const Record<BacnetAlarms>& alarms_record() {
  using A = BacnetAlarms;
  static const auto record =
      Record<A>()
          .optional("notification_class", &A::notification_class, integer(0, bacnet::max_instance),
                    "number of the Notification Class")
          .optional("recipients", &A::recipients,
                    list_of<IpAddress>(parsed<IpAddress>("an IPv4 address", &parse_address, &show_address)),
                    "who is told at the start; clients that may write can change the list, which lasts")
          .optional("process", &A::process, integer(0, 2'147'483'647), "by which the recipients know us")
          .optional("confirmed", &A::confirmed, boolean(), "each acknowledges what he is told")
          .place(&A::place);
  return record;
}

const Record<BacnetServerSection>& section_record() {
  using S = BacnetServerSection;
  static const auto record =
      Record<S>()
          .optional("enabled", &S::enabled, boolean(), "false: as if the section were not there")
          .required("device", &S::device, integer(0, bacnet::max_instance),
                    "our device instance: no other device of the network may have it")
          .optional("name", &S::name, text(), "Object_Name of the device; the site's name when left out")
          .optional("location", &S::location, text(), "Location of the device")
          .optional("vendor", &S::vendor, integer(0, 65'535), "Vendor_Identifier, if you have one of ASHRAE")
          .optional("listen", &S::listen,
                    parsed<io::Endpoint>("an address and port", &parse_listen, &io::to_string),
                    "where it is found; an address of one network serves that network only")
          .optional("broadcast", &S::broadcast,
                    parsed<IpAddress>("an IPv4 address", &parse_address, &show_address),
                    "where broadcasts go, and come to when listen is one address")
          .optional("bbmd", &S::bbmd, parsed<IpAddress>("an IPv4 address", &parse_address),
                    "of the network of the clients, if we are not on it: we register as a foreign device")
          .optional("time_to_live", &S::time_to_live, duration(30s, 18h),
                    "of the registration as a foreign device")
          .required("allow", &S::allow, list_of<IpNetwork>(network()),
                    "who is answered; nobody else notices us")
          .optional("write", &S::write, list_of<IpNetwork>(network()),
                    "who may command; nobody when left out")
          .optional("points", &S::points, list_of<std::string>(text()),
                    "paths of the points that are shown; * stands for anything; all when left out")
          .optional("trends", &S::trends, list_of<std::string>(text()),
                    "paths of those that have a Trend Log, from the history; none when left out")
          .optional("loads", &S::loads, list_of<BacnetLoad>(load_record()),
                    "loads that may be asked to take less, each a Load Control object")
          .optional("alarms", &S::alarms, alarms_record(),
                    "recipients are told of limits that are violated and of devices in trouble")
          .optional("owner", &S::owner, text(), "whose claims the commands are, for control: rights:")
          .optional("command_life", &S::command_life, duration(1min, std::chrono::hours(31 * 24)),
                    "a command that is not written again ends after so long, as if Null had been written")
          .optional("notify_period", &S::notify_period, duration(0s, 1h),
                    "least time between two notifications of one subscription")
          .optional("subscriptions", &S::subscriptions, integer(0, 100'000), "how many there may be")
          .optional("password_file", &S::password_file, text(),
                    "of DeviceCommunicationControl, mode 0600; without it the service is not there")
          .place(&S::place);
  return record;
}

// The whole file, as far as it is ours.
struct Keys {
  std::optional<BacnetServerSection> section;
};

const Record<Keys>& keys_record() {
  static const auto record =
      Record<Keys>().optional("bacnet_server", &Keys::section, section_record(),
                              "the points as a BACnet device, for building management systems");
  return record;
}

void check_lists(BacnetServerSection& section, const ControlSection& control, Findings& findings) {
  const auto place = [&](std::string_view key) { return driver::place_of(*section.place, key); };
  if (section.allow.empty()) {
    findings.error(place("allow"), "nobody is allowed",
                   "name the networks of the clients, for example allow: [192.0.2.0/24]");
  }
  for (const IpNetwork& one : section.write) {
    if (!bacnet::server::any_contains(section.allow, one.host)) {
      findings.error(place("write"), fmt::format("{} may write, but is not allowed to ask", to_string(one)),
                     "add it under allow: as well");
    }
  }
  for (const IpAddress& one : section.alarms.value_or(BacnetAlarms{}).recipients) {
    if (!bacnet::server::any_contains(section.allow, one.host)) {
      findings.error(driver::place_of(*section.alarms->place, "recipients"),
                     fmt::format("{} is told of alarms, but is not allowed to ask", to_string(one)),
                     "add it under allow: as well");
    }
  }
  for (BacnetLoad& load : section.loads) {
    if (load.levels.empty()) load.levels = {75, 50, 25};
    if (!control.points.contains(load.point)) {
      findings.error(driver::place_of(*load.place, "point"),
                     fmt::format("{} is not declared under control: points:", load.point),
                     "declare it with min, max and default, so that it may be limited");
    }
  }
}

// Two sockets on one port would take each other's datagrams away.
void check_port(const BacnetServerSection& section, const SiteConfig& site, Findings& findings) {
  const bool is_client = std::ranges::any_of(
      site.devices, [](const DeviceSection& device) { return device.connect.starts_with("bacnet:"); });
  std::uint16_t port = bacnet::default_port;
  for (const LineSection& line : site.lines) {
    const Value* bind = line.connect.starts_with("bacnet:") ? line.place->find("bind") : nullptr;
    if (bind == nullptr) continue;
    const auto at = io::parse_endpoint(bind->text, bacnet::default_port);
    port = at ? at->port : std::uint16_t{0};
  }
  if (!is_client || section.listen.port != port) return;
  findings.error(driver::place_of(*section.place, "listen"),
                 fmt::format("port {} is that of our BACnet client too", port),
                 "give one of them another: lines: [{connect: 'bacnet://', bind: '0.0.0.0:47809'}]");
}

void read_password(BacnetServerSection& section, const LoadedConfig& config, io::Files& files,
                   Findings& findings) {
  if (section.password_file.empty()) return;
  const Place place = driver::place_of(*section.place, "password_file");
  auto secret = files.read_secret(config::beside(config.document.file(), section.password_file));
  if (!secret) {
    findings.error(place, secret.error().message, secret.error().remedy);
    return;
  }
  while (secret->ends_with('\n') || secret->ends_with('\r'))
    secret->pop_back();
  if (secret->empty() || secret->size() > 20)  // 16.1.1.1.3
    findings.error(place, "a password has 1 to 20 characters");
  section.password = std::move(*secret);
}

}  // namespace

std::string bacnet_audit_folder(const std::string& data_folder) { return data_folder + "/audit-bacnet"; }

const Shape& bacnet_server_keys() { return keys_record().shape(); }

std::optional<BacnetServerSection> read_bacnet_server(const LoadedConfig& config, io::Files& files,
                                                      Findings& findings) {
  Keys keys;
  const std::size_t before = findings.errors();
  keys_record().read_own(config.document.root(), keys, findings);
  if (!keys.section || !keys.section->enabled || findings.errors() != before) return std::nullopt;
  check_lists(*keys.section, config.site.control, findings);
  check_port(*keys.section, config.site, findings);
  read_password(*keys.section, config, files, findings);
  if (findings.errors() != before) return std::nullopt;
  return std::move(keys.section);
}

}  // namespace iw::gateway
