#include "importers/volttron.hpp"

#include <algorithm>
#include <array>

#include <fmt/ranges.h>

#include "importers/sources.hpp"
#include "importers/volttron_registry.hpp"
#include "model/words.hpp"

namespace iw::importers {
namespace {

using config::Kind;
using config::Value;
using model::same_word;

// What the drivers of VOLTTRON do on the wire: neighbours are read together, 100 registers at most, never
// over gaps; registers are written with function 16.
constexpr modbus::DeviceLimits driver_limits{.max_registers = 100, .max_gap = 0, .write_single = false};

bool is_modbus(std::string_view driver) {
  return same_word(driver, "modbus") || same_word(driver, "pymodbus");
}
bool is_modbus_tk(std::string_view driver) {
  return same_word(driver, "modbus_tk") || same_word(driver, "modbustk");
}

// An entry of maps.yaml: a register map under a name, with its settings.
struct NamedMap {
  SourceFile* file = nullptr;
  const Value* entry = nullptr;
};

class Importer {
 public:
  Importer(io::Files& files, const std::vector<std::string>& paths)
      : sources_(files, paths, import_.findings) {
    import_.system = "VOLTTRON";
  }

  Import run() {
    std::vector<std::pair<SourceFile*, const Value*>> devices;
    for (const auto& file : sources_.given()) {
      if (is_table(*file)) continue;
      const Value* root = parse(*file);
      if (root == nullptr) continue;
      if (child(*root, "driver_type") != nullptr || child(*root, "driver_config") != nullptr) {
        file->used = true;
        devices.emplace_back(file.get(), root);
      } else if (is_map_list(*root)) {
        file->used = true;
        for (const Value& entry : root->children)
          maps_.push_back({file.get(), &entry});
      }
    }
    for (const auto& [file, root] : devices)
      device(*file, *root);
    import_registries_alone();
    settle(import_);
    return std::move(import_);
  }

 private:
  void warn(config::Place place, std::string message, std::string remedy = {}) {
    import_.findings.warning(std::move(place), std::move(message), std::move(remedy));
  }

  static bool is_table(const SourceFile& file) {
    if (has_extension(file.path, ".csv")) return true;
    for (const std::string_view tree : {".json", ".yaml", ".yml"}) {
      if (has_extension(file.path, tree)) return false;
    }
    const std::string_view text = trim(file.text);  // names in a configuration store need no extension
    const bool is_json = text.starts_with('{') || text.starts_with('[') || text.starts_with('#');
    return !is_json && text.substr(0, text.find('\n')).contains(',');
  }

  static bool is_map_list(const Value& root) {
    return root.kind == Kind::list && !root.children.empty() &&
           child(root.children.front(), "file") != nullptr && child(root.children.front(), "name") != nullptr;
  }

  const Value* parse(SourceFile& file) {
    auto tree = Tree::parse(file, import_.findings);
    if (!tree) {
      file.used = true;  // said already
      return nullptr;
    }
    trees_.push_back(std::make_unique<Tree>(std::move(*tree)));
    return &trees_.back()->root();
  }

  // ---- registries

  std::vector<Row> rows_of(const Value& list) const {
    std::vector<Row> rows;
    for (const Value& item : list.children) {
      Row row{.file = *item.file, .line = item.line, .cells = {}};
      for (const Value& cell : item.children)
        row.cells.emplace_back(cell.key, cell.text);
      rows.push_back(std::move(row));
    }
    return rows;
  }

  std::vector<Row> rows_of(SourceFile& file) {
    file.used = true;
    if (is_table(file)) return parse_csv(file.path, file.text, import_.findings);
    const Value* root = parse(file);
    return root == nullptr ? std::vector<Row>{} : rows_of(*root);
  }

  // The rows that a value stands for: a reference to a file, or a list on the spot.
  struct Found {
    std::vector<Row> rows;
    std::string source;
  };

  std::optional<Found> registry(const SourceFile& from, const Value& owner, std::string_view key) {
    const Value* value = child(owner, key);
    if (value == nullptr) return std::nullopt;
    if (value->kind == Kind::list) return Found{rows_of(*value), from.path};
    SourceFile* file = sources_.resolve(value->text, from);
    if (file == nullptr) {
      import_.findings.error(
          value->place(), fmt::format("there is no file '{}'", value->text),
          "name it on the command line too, or name the folder of the configuration store");
      return std::nullopt;
    }
    return Found{rows_of(*file), file->path};
  }

  // ---- a device

  void device(const SourceFile& file, const Value& root) {
    static const Value nothing{.kind = Kind::map};
    const Value* config = child(root, "driver_config");
    if (config == nullptr) config = &nothing;
    const std::string driver(text_of(root, "driver_type"));
    const bool tk = is_modbus_tk(driver);
    if (!tk && !is_modbus(driver)) {
      return warn(root.place(),
                  fmt::format("the driver '{}' is not imported, only modbus and modbus_tk are", driver));
    }
    DeviceDraft device{.from = {.file = file.path, .line = root.line, .key = device_name(file, root)}};
    device.name = slug(device.from.key);
    device.profile = profile_of(file, root, *config, tk);
    if (device.profile.empty()) return;
    device.enabled = parse_truth(text_of(root, "active")).value_or(true);
    set_period(root, device);
    if (!connect(*config, tk, device)) return;
    tell_what_is_not_carried_over(root, *config, tk);
    import_.devices.push_back(std::move(device));
  }

  // The path after devices/ is the name; old files carry it inside.
  static std::string device_name(const SourceFile& file, const Value& root) {
    std::string path = file.path;
    for (const std::string_view extension : {".json", ".config", ".conf"}) {
      if (has_extension(path, extension)) path.resize(path.size() - extension.size());
    }
    constexpr std::string_view devices = "devices/";
    const auto at = path.find(devices);
    if (at != std::string::npos && (at == 0 || path[at - 1] == '/')) return path.substr(at + devices.size());
    std::vector<std::string_view> parts;
    for (const std::string_view key : {"campus", "building", "unit", "path"}) {
      if (const auto part = text_of(root, key); !part.empty()) parts.push_back(part);
    }
    return parts.empty() ? path.substr(path.rfind('/') + 1) : fmt::format("{}", fmt::join(parts, "/"));
  }

  void set_period(const Value& root, DeviceDraft& device) {
    constexpr std::int64_t a_day = 86'400;
    const Value* interval = child(root, "interval");
    if (interval == nullptr) interval = child(root, "polling_interval");
    std::int64_t seconds = interval == nullptr ? 60 : parse_whole(interval->text).value_or(0);
    if (seconds < 1) {
      warn(interval->place(),
           fmt::format("'{}' is no interval; VOLTTRON takes 60 s, and so does this", interval->text));
      seconds = 60;
    } else if (seconds > a_day) {
      warn(interval->place(), fmt::format("an interval of {} s is more than a day; taken as a day", seconds));
      seconds = a_day;
    }
    device.period = std::chrono::seconds(seconds);
  }

  bool connect(const Value& config, bool tk, DeviceDraft& device) {
    const std::string address(text_of(config, "device_address"));
    const auto refuse = [&](std::string why) {
      import_.findings.error(device.from, std::move(why) + "; the device is left out",
                             "correct driver_config");
      return false;
    };
    if (address.empty()) return refuse("there is no device_address");
    const auto whole = [&](std::string_view key, std::int64_t otherwise) {
      const Value* value = child(config, key);
      return value == nullptr ? std::optional(otherwise) : parse_whole(value->text);
    };
    const auto unit = whole("slave_id", tk ? 1 : 0);
    const auto port = whole("port", tk ? 0 : 502);
    if (!unit || *unit < 0 || *unit > 255) return refuse("slave_id is not from 0 to 255");
    if (!port || *port < 0 || *port > 65'535) return refuse("port is not from 1 to 65535");
    device.connect.unit = modbus::UnitId(static_cast<std::uint8_t>(*unit));
    if (*port != 0) {
      const auto endpoint = endpoint_of(address, static_cast<std::uint16_t>(*port));
      if (!endpoint) return refuse(endpoint.error().message);
      device.connect.endpoint = *endpoint;
      return true;
    }
    if (!address.starts_with('/'))
      return refuse(fmt::format("'{}' without a port is no serial device", address));
    device.connect.transport = modbus::Transport::serial;
    device.connect.serial.device = address;
    return serial(config, device);
  }

  bool serial(const Value& config, DeviceDraft& device) {
    io::SerialSettings& serial = device.connect.serial;
    const auto baud = parse_whole(text_of(config, "baudrate"));
    if (baud && *baud >= 300 && *baud <= 4'000'000) serial.baud = static_cast<std::uint32_t>(*baud);
    const std::string parity(text_of(config, "parity"));
    if (same_word(parity, "even")) {
      serial.parity = io::Parity::even;
    } else if (same_word(parity, "odd")) {
      serial.parity = io::Parity::odd;
    } else if (!parity.empty() && !same_word(parity, "none")) {
      warn(device.from, fmt::format("parity '{}' is not known here; taken as none", parity),
           "set it at the device");
    }
    const auto stop = parse_number(text_of(config, "stopbits")).value_or(1);
    serial.stop_bits = stop == 2 ? 2 : 1;
    if (stop != 1 && stop != 2)
      warn(device.from, fmt::format("{} stop bits are not possible here; taken as 1", stop));
    const auto size = parse_whole(text_of(config, "bytesize")).value_or(8);
    if (size != 8) warn(device.from, fmt::format("bytesize {}: RTU needs 8 bits; taken as 8", size));
    if (parse_truth(text_of(config, "xonxoff")).value_or(false)) {
      warn(device.from, "xonxoff would eat bytes of RTU frames; left off");
    }
    return true;
  }

  void tell_what_is_not_carried_over(const Value& root, const Value& config, bool tk) {
    static constexpr std::array<std::string_view, 11> of_device{
        "driver_config", "driver_type", "registry_config", "interval", "polling_interval",
        "active",        "campus",      "building",        "unit",     "path",
        "timezone"};
    static constexpr std::array<std::string_view, 3> of_modbus{"device_address", "port", "slave_id"};
    static constexpr std::array<std::string_view, 15> of_tk{"name",           "device_type",
                                                            "device_address", "port",
                                                            "slave_id",       "baudrate",
                                                            "bytesize",       "parity",
                                                            "stopbits",       "xonxoff",
                                                            "addressing",     "endian",
                                                            "description",    "write_multiple_registers",
                                                            "register_map"};
    const auto tell = [&](const Value& map, std::span<const std::string_view> known) {
      for (const Value& value : map.children) {
        const auto is = [&](std::string_view key) { return same_word(key, value.key); };
        if (std::ranges::any_of(known, is)) continue;
        const bool publish = value.key.starts_with("publish_");
        warn(value.key_place(), fmt::format("{} is not carried over", value.key),
             publish ? "every value is on the bus; connectors choose what they send" : "");
      }
    };
    tell(root, of_device);
    tell(config, tk ? std::span<const std::string_view>(of_tk) : of_modbus);
  }

  // ---- its profile

  // What decides how a register is read: devices that agree in it share a profile.
  std::string profile_of(const SourceFile& file, const Value& root, const Value& config, bool tk) {
    auto points = registry(file, root, "registry_config");
    if (!points) {
      if (child(root, "registry_config") == nullptr) {
        import_.findings.error(root.place(), "there is no registry_config; the device is left out");
      }
      return {};
    }
    if (!tk)
      return profile(
          points->source, {}, [&] { return modbus_points(points->rows, import_.findings); }, driver_limits);

    auto map = registry(file, config, "register_map");
    if (!map && child(config, "register_map") != nullptr) return {};
    const NamedMap* named = map ? nullptr : named_map(config);
    if (named != nullptr) map = registry(*named->file, *named->entry, "file");
    const auto setting = [&](std::string_view key) {
      const std::string_view own = text_of(config, key);
      return own.empty() && named != nullptr ? text_of(*named->entry, key) : own;
    };
    const TkSettings settings = tk_settings(config, setting("addressing"), setting("endian"));
    modbus::DeviceLimits limits = driver_limits;
    limits.write_single = !parse_truth(setting("write_multiple_registers")).value_or(true);
    const std::string source = map ? fmt::format("{}, {}", points->source, map->source) : points->source;
    const std::string how = fmt::format("{} {} {}", static_cast<int>(settings.addressing),
                                        static_cast<int>(settings.endian), limits.write_single);
    const std::vector<Row> none;
    return profile(
        source, how,
        [&] { return modbus_tk_points(points->rows, map ? map->rows : none, settings, import_.findings); },
        limits);
  }

  const NamedMap* named_map(const Value& config) const {
    for (const std::string_view key : {"device_type", "name"}) {
      const std::string_view wanted = text_of(config, key);
      const auto found = std::ranges::find_if(maps_, [&](const NamedMap& map) {
        return !wanted.empty() && same_word(text_of(*map.entry, "name"), wanted);
      });
      if (found != maps_.end()) return &*found;
    }
    return nullptr;
  }

  TkSettings tk_settings(const Value& config, std::string_view addressing, std::string_view endian) {
    TkSettings settings;
    if (same_word(addressing, "address")) {
      settings.addressing = Addressing::address;
    } else if (same_word(addressing, "offset_plus")) {
      settings.addressing = Addressing::offset_plus;
    } else if (!addressing.empty() && !same_word(addressing, "offset")) {
      warn(config.place(), fmt::format("addressing '{}' is unknown; taken as offset", addressing));
    }
    if (same_word(endian, "little")) {
      settings.endian = Endian::little;
    } else if (!endian.empty() && !same_word(endian, "big")) {
      warn(config.place(), fmt::format("endian '{}' is unknown; taken as big", endian));
    }
    return settings;
  }

  std::string profile(const std::string& source, const std::string& how, const auto& read,
                      const modbus::DeviceLimits& limits) {
    const auto [known, is_new] = known_.try_emplace({source, how});
    if (!is_new) return known->second;
    ProfileDraft draft{.manufacturer = "VOLTTRON import", .source = source, .limits = limits};
    const std::string model = stem(source.substr(0, source.find(", ")));
    draft.models = {model};
    draft.description = fmt::format("As in {}.", model);
    draft.points = read();
    if (draft.points.empty()) {
      import_.findings.error({.file = source}, "none of its rows is a point; no profile was made of it");
      return {};
    }
    const bool any_writable = std::ranges::any_of(draft.points, [](const PointDraft& point) {
      return point.writable && point.table == modbus::Table::holding_registers;
    });
    if (any_writable) {
      draft.caveats.emplace_back(
          "VOLTTRON's modbus driver reads holding registers only when they are writable: set "
          "writable: false where nothing should be written.");
    }
    draft.id = free_id(import_, "volttron/" + slug(model));
    known->second = draft.id;
    import_.profiles.push_back(std::move(draft));
    return known->second;
  }

  // Tables that no device names: profiles without a device.
  void import_registries_alone() {
    for (const auto& file : sources_.given()) {
      if (file->used) continue;
      const std::vector<Row> rows = is_table(*file) ? rows_of(*file) : std::vector<Row>{};
      const bool plain = is_modbus_registry(rows);
      if (!plain && !is_modbus_tk_map(rows)) {
        warn({.file = file->path}, "is neither a device configuration nor a Modbus registry; left out");
        continue;
      }
      warn({.file = file->path}, "no device configuration names this registry; a profile without a device",
           plain ? "" : "taken with addressing offset and big endian");
      profile(
          file->path, {},
          [&] {
            return plain ? modbus_points(rows, import_.findings)
                         : modbus_tk_points(rows, {}, {}, import_.findings);
          },
          driver_limits);
    }
  }

  Import import_;
  Sources sources_;
  std::vector<std::unique_ptr<Tree>> trees_;
  std::vector<NamedMap> maps_;
  std::map<std::pair<std::string, std::string>, std::string> known_;
};

}  // namespace

Import import_volttron(io::Files& files, const std::vector<std::string>& paths) {
  return Importer(files, paths).run();
}

}  // namespace iw::importers
