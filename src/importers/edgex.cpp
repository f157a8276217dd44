#include "importers/edgex.hpp"

#include <algorithm>
#include <array>

#include "config/rule.hpp"
#include "importers/csv.hpp"
#include "importers/edgex_profile.hpp"
#include "importers/sources.hpp"
#include "model/words.hpp"

namespace iw::importers {
namespace {

using config::Kind;
using config::Value;
using model::same_word;

// The first of the keys that is there: the versions changed their names.
const Value* any_child(const Value& map, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const Value* value = child(map, key)) return value;
  }
  return nullptr;
}

std::string_view any_text(const Value& map, std::initializer_list<std::string_view> keys) {
  const Value* value = any_child(map, keys);
  return value == nullptr || value->kind != Kind::scalar ? std::string_view{} : trim(value->text);
}

// "500ms", "1h30m", "1.5m" as Go writes durations; none when it is none.
std::optional<Duration> parse_go_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double nanoseconds;
  };
  static constexpr std::array units{Unit{"ns", 1},  Unit{"us", 1e3}, Unit{"ms", 1e6},
                                    Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}};
  double sum = 0;
  while (!text.empty()) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_number(text.substr(0, digits));
    text.remove_prefix(digits);
    const auto letters = std::min(text.find_first_of("0123456789."), text.size());
    const auto* unit = std::ranges::find(units, text.substr(0, letters), &Unit::name);
    if (!number || unit == units.end()) return std::nullopt;
    sum += *number * unit->nanoseconds;
    text.remove_prefix(letters);
  }
  if (sum > 9e18) return std::nullopt;
  return Duration(static_cast<std::int64_t>(sum));
}

class Importer {
 public:
  Importer(io::Files& files, const std::vector<std::string>& paths)
      : sources_(files, paths, import_.findings) {
    import_.system = "EdgeX";
  }

  Import run() {
    std::vector<const Value*> devices;
    for (const auto& file : sources_.given()) {
      auto tree = Tree::parse(*file, import_.findings);
      if (!tree) continue;
      trees_.push_back(std::make_unique<Tree>(std::move(*tree)));
      sort_out(trees_.back()->root(), devices);
    }
    for (const Value* value : devices)
      device(*value);
    for (auto& [name, profile] : profiles_) {
      if (!profile.used)
        warn({.file = profile.read.draft.source}, fmt::format("no device uses the profile {}", name));
    }
    settle(import_);
    return std::move(import_);
  }

 private:
  struct Known {
    EdgexProfile read;
    std::string id;  // empty when it has no point
    bool used = false;
  };

  void warn(config::Place place, std::string message, std::string remedy = {}) {
    import_.findings.warning(std::move(place), std::move(message), std::move(remedy));
  }
  void error(const config::Place& place, std::string message, std::string remedy = {}) {
    import_.findings.error(place, std::move(message), std::move(remedy));
  }

  // A file holds a profile, devices, or a list of either as the REST interface takes them.
  void sort_out(const Value& root, std::vector<const Value*>& devices) {
    if (child(root, "deviceResources") != nullptr) return profile(root);
    if (const Value* list = child(root, "deviceList"); list != nullptr && list->kind == Kind::list) {
      for (const Value& value : list->children)
        devices.push_back(&value);
      return;
    }
    if (child(root, "protocols") != nullptr) return devices.push_back(&root);
    if (root.kind == Kind::list && !root.children.empty()) {
      for (const Value& item : root.children)
        sort_out(item, devices);
      return;
    }
    for (const std::string_view wrapped : {"profile", "device"}) {
      const Value* inner = child(root, wrapped);
      if (inner != nullptr && inner->kind == Kind::map) return sort_out(*inner, devices);
    }
    warn(root.place(), "is neither a device profile nor a device list; left out");
  }

  void profile(const Value& root) {
    const std::string name(text_of(root, "name"));
    if (name.empty()) return error(root.place(), "the profile has no name; left out");
    if (profiles_.contains(name))
      return error(root.place(), fmt::format("there are two profiles {}; this one is left out", name));
    labels(root, root.place());
    Known known{.read = read_edgex_profile(root, import_.findings), .id = {}};
    if (known.read.draft.points.empty()) {
      error(root.place(),
            fmt::format("no resource of {} is a Modbus point; no profile was made of it", name));
    } else {
      known.id = known.read.draft.id = free_id(import_, known.read.draft.id);
      import_.profiles.push_back(known.read.draft);
    }
    profiles_.emplace(name, std::move(known));
  }

  // ---- devices

  void device(const Value& value) {
    DeviceDraft device{.from = value.place()};
    const std::string name(text_of(value, "name"));
    device.from.key = name;
    if (name.empty()) return error(device.from, "the device has no name; left out");
    device.name = slug(name);
    device.remark = text_of(value, "description");
    device.enabled = !same_word(text_of(value, "adminState"), "LOCKED");
    const std::string profile_name(any_text(value, {"profileName", "profile"}));
    const auto known = profiles_.find(profile_name);
    if (known == profiles_.end()) {
      return error(device.from,
                   fmt::format("its profile '{}' is not among the files; left out", profile_name),
                   "name the profile's file on the command line too");
    }
    known->second.used = true;
    device.profile = known->second.id;
    if (device.profile.empty() || !connect(value, device)) return;
    labels(value, device.from);
    auto_events(value, known->second.read, device);
    import_.devices.push_back(std::move(device));
  }

  bool connect(const Value& value, DeviceDraft& device) {
    const auto refuse = [&](std::string why, std::string remedy = {}) {
      error(device.from, std::move(why) + "; the device is left out", std::move(remedy));
      return false;
    };
    const Value* protocols = child(value, "protocols");
    if (protocols == nullptr || protocols->children.empty()) return refuse("it has no protocols");
    const Value* tcp = child(*protocols, "modbus-tcp");
    const Value* rtu = child(*protocols, "modbus-rtu");
    if (tcp == nullptr && rtu == nullptr) {
      return refuse(fmt::format("the protocol {} is not imported, only modbus-tcp and modbus-rtu are",
                                protocols->children.front().key));
    }
    if (protocols->children.size() > 1) warn(device.from, "has several protocols; the Modbus one is taken");
    const Value& settings = tcp != nullptr ? *tcp : *rtu;
    const auto unit = parse_whole(text_of(settings, "UnitID"));
    const std::string address(text_of(settings, "Address"));
    if (!unit || *unit < 0 || *unit > 255)
      return refuse(fmt::format("UnitID '{}' is not from 0 to 255", text_of(settings, "UnitID")));
    if (address.empty()) return refuse("it has no Address");
    device.connect.unit = modbus::UnitId(static_cast<std::uint8_t>(*unit));
    if (tcp == nullptr) device.connect.transport = modbus::Transport::serial;
    times(settings, device);
    if (tcp == nullptr) {
      if (!address.starts_with('/'))
        return refuse(fmt::format("'{}' is no serial device", address), "write it as in /dev/ttyUSB0");
      device.connect.serial.device = address;
      serial(settings, device);
      return true;
    }
    const std::string_view port_text = text_of(settings, "Port");
    const auto port = port_text.empty() ? std::optional<std::int64_t>(502) : parse_whole(port_text);
    if (!port || *port < 1 || *port > 65'535)
      return refuse(fmt::format("Port '{}' is not from 1 to 65535", port_text));
    const auto endpoint = endpoint_of(address, static_cast<std::uint16_t>(*port));
    if (!endpoint) return refuse(endpoint.error().message);
    device.connect.endpoint = *endpoint;
    return true;
  }

  void serial(const Value& settings, DeviceDraft& device) {
    io::SerialSettings& serial = device.connect.serial;
    const auto refused = [&](std::string_view key, const auto& taken) {
      const std::string_view text = text_of(settings, key);
      if (!text.empty())
        warn(device.from, fmt::format("{} '{}' is not possible here; taken as {}", key, text, taken));
    };
    const auto baud = parse_whole(text_of(settings, "BaudRate"));
    if (baud && *baud >= 300 && *baud <= 4'000'000) {
      serial.baud = static_cast<std::uint32_t>(*baud);
    } else {
      refused("BaudRate", serial.baud);
    }
    const std::string_view parity = text_of(settings, "Parity");
    if (same_word(parity, "E")) {
      serial.parity = io::Parity::even;
    } else if (same_word(parity, "O")) {
      serial.parity = io::Parity::odd;
    } else if (!same_word(parity, "N")) {
      refused("Parity", "N");
    }
    const auto stop_bits = parse_whole(text_of(settings, "StopBits"));
    serial.stop_bits = stop_bits == 2 ? 2 : 1;
    if (stop_bits != 1 && stop_bits != 2) refused("StopBits", 1);
    if (parse_whole(text_of(settings, "DataBits")) != 8) refused("DataBits", 8);
  }

  // What has no place here is said, not dropped.
  void labels(const Value& value, const config::Place& from) {
    for (const std::string_view key : {"labels", "tags"}) {
      const Value* list = child(value, key);
      if (list != nullptr && !list->children.empty()) warn(from, fmt::format("{} are not carried over", key));
    }
  }

  // A bare number is seconds, without its fraction.
  std::optional<Duration> time(const Value& settings, std::string_view key, const DeviceDraft& device) {
    const std::string text(text_of(settings, key));
    if (text.empty()) return std::nullopt;
    if (const auto number = parse_number(text)) {
      const auto seconds = static_cast<std::int64_t>(std::clamp(*number, 0.0, 1e6));
      if (static_cast<double>(seconds) != *number) {
        warn(device.from, fmt::format("{} {} is whole seconds for EdgeX; taken as {} s", key, text, seconds));
      }
      return std::chrono::seconds(seconds);
    }
    const auto duration = parse_go_duration(text);
    if (!duration) warn(device.from, fmt::format("{} '{}' is no duration; ignored", key, text));
    return duration;
  }

  void times(const Value& settings, DeviceDraft& device) {
    const auto within = [&](std::string_view key, std::optional<Duration> wish, Duration least) {
      if (!wish || *wish == 0s) return std::optional<Duration>();
      const Duration taken = std::clamp<Duration>(*wish, least, 60s);
      if (taken != *wish) {
        warn(device.from, fmt::format("{} {} is out of range here; taken as {}", key,
                                      config::to_string(*wish), config::to_string(taken)));
      }
      return std::optional(taken);
    };
    device.timeout = within("Timeout", time(settings, "Timeout", device), 10ms);
    device.connect_delay = within("ConnectDelay", time(settings, "ConnectDelay", device), 0ms);
    if (device.connect.transport == modbus::Transport::tcp && time(settings, "IdleTimeout", device) == 0s) {
      warn(device.from, "IdleTimeout 0 makes EdgeX connect for each request; here the connection stays");
    }
    for (const std::string_view key : {"LinkRecoveryTimeout", "ProtocolRecoveryTimeout"}) {
      if (time(settings, key, device).value_or(0s) != 0s)
        warn(device.from, fmt::format("{} is not carried over: the line finds its own way back", key));
    }
  }

  // ---- how often

  void auto_events(const Value& value, const EdgexProfile& profile, DeviceDraft& device) {
    const Value* events = child(value, "autoEvents");
    if (events != nullptr) {
      for (const Value& event : events->children)
        auto_event(event, profile, device);
    }
    std::map<Duration, std::size_t> votes;
    for (const auto& [resource, period] : device.point_periods)
      ++votes[period];
    const auto most = std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
    if (most != votes.end()) device.period = most->first;
    tell_of_unread(profile, device);
  }

  void auto_event(const Value& event, const EdgexProfile& profile, DeviceDraft& device) {
    const std::string source(any_text(event, {"sourceName", "resource"}));
    const std::string interval(any_text(event, {"interval", "frequency"}));
    config::Place place = event.place();
    place.key = fmt::format("{} {}", device.from.key, source);
    auto period = parse_go_duration(interval);
    if (!period || interval.empty())
      return warn(place, fmt::format("'{}' is no interval; the autoEvent is left out", interval));
    if (*period < 50ms || *period > 24h) {
      const Duration taken = std::clamp<Duration>(*period, 50ms, 24h);
      warn(place, fmt::format("the interval {} is out of range here; taken as {}", interval,
                              config::to_string(taken)));
      period = taken;
    }
    const bool on_change = parse_truth(text_of(event, "onChange")).value_or(false);
    if (on_change) warn(place, "onChange is not carried over: every reading is on the bus");
    const auto command = profile.commands.find(source);
    const std::vector<std::string> resources =
        command == profile.commands.end() ? std::vector{source} : command->second;
    bool any = false;
    for (const std::string& resource : resources) {
      if (std::ranges::find(profile.draft.points, resource, [](const PointDraft& p) { return p.called(); }) ==
          profile.draft.points.end())
        continue;
      any = true;
      const auto [known, is_new] = device.point_periods.try_emplace(resource, *period);
      if (!is_new) known->second = std::min(known->second, *period);
    }
    if (!any) warn(place, fmt::format("'{}' is no point of the profile; the autoEvent is left out", source));
  }

  void tell_of_unread(const EdgexProfile& profile, const DeviceDraft& device) {
    std::string names;
    for (const PointDraft& point : profile.draft.points) {
      if (device.point_periods.contains(point.called())) continue;
      names += (names.empty() ? "" : ", ") + point.called();
    }
    if (names.empty()) return;
    warn(device.from,
         fmt::format("EdgeX reads {} only when asked; here {} read like the others", names,
                     names.find(',') == std::string::npos ? "it is" : "they are"),
         "give them a longer period under points:");
  }

  Import import_;
  Sources sources_;
  std::vector<std::unique_ptr<Tree>> trees_;
  std::map<std::string, Known> profiles_;
};

}  // namespace

Import import_edgex(io::Files& files, const std::vector<std::string>& paths) {
  return Importer(files, paths).run();
}

}  // namespace iw::importers
