#include "importers/writing.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/rule.hpp"
#include "config/writing.hpp"
#include "model/unit.hpp"
#include "model/words.hpp"
#include "protocols/modbus/profile.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::importers {
namespace {

using modbus::ByteOrder;
using modbus::Table;

using config::one_line;
using config::scalar;

std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

std::string place(const config::Place& from) {
  std::string text = file_name(from.file);
  if (from.line > 0) text += fmt::format(":{}", from.line);
  return one_line(text);
}

// ---- a profile

std::string label(const PointDraft& point) {
  if (point.measured || point.unit.empty()) return point.called();
  return fmt::format("{} [{}]", point.called(), point.unit);
}

std::string point_row(const PointDraft& point) {
  std::string row = fmt::format("  - {{name: {}, address: {}", model::to_string(point.name), point.address);
  const auto add = [&](std::string_view key, const auto& value) {
    row += fmt::format(", {}: {}", key, value);
  };
  const bool coil = point.table == Table::coils || point.table == Table::discrete_inputs;
  if (point.table != Table::holding_registers) add("table", to_string(point.table));
  if (!coil) add("type", to_string(point.type));
  if (point.order != ByteOrder::abcd) add("order", to_string(point.order));
  if (point.registers > 0) add("registers", point.registers);
  if (point.bit) add("bit", *point.bit);
  if (point.bits) add("bits", *point.bits);
  if (point.measured && !point.unit.empty()) add("unit", scalar(point.unit));
  if (point.scale != 1) add("scale", point.scale);
  if (point.offset != 0) add("offset", point.offset);
  if (point.scale_register) add("scale_register", *point.scale_register);
  if (point.writable) add("writable", "true");
  if (point.writable && point.minimum) add("min", *point.minimum);
  if (point.writable && point.maximum) add("max", *point.maximum);
  if (!point.texts.empty()) {
    std::vector<std::string> texts;
    for (const auto& [number, text] : point.texts)
      texts.push_back(fmt::format("{}: {}", number, scalar(text)));
    add("texts", fmt::format("{{{}}}", fmt::join(texts, ", ")));
  }
  add("label", scalar(label(point)));
  if (point.overlap) add("overlap", "true");
  row += fmt::format("}}  # {}", place(point.from));
  if (!point.note.empty()) row += fmt::format(": {}", one_line(point.note));
  return row + '\n';
}

std::string limits(const modbus::DeviceLimits& limits) {
  const modbus::DeviceLimits usual;
  std::vector<std::string> parts;
  if (limits.max_registers != usual.max_registers)
    parts.push_back(fmt::format("max_registers: {}", limits.max_registers));
  if (limits.max_gap != usual.max_gap) parts.push_back(fmt::format("max_gap: {}", limits.max_gap));
  if (!limits.write_single) parts.emplace_back("write_single: false");
  return parts.empty() ? "" : fmt::format("limits: {{{}}}\n", fmt::join(parts, ", "));
}

std::string profile_text(const ProfileDraft& profile, std::string_view system) {
  std::string out = fmt::format("# Imported from {}: {}\n# The comment of a point is where it stood.\n",
                                system, one_line(profile.source));
  std::vector<std::string> models;
  for (const std::string& model : profile.models)
    models.push_back(scalar(model));
  out += fmt::format("profile: {}\nmanufacturer: {}\nmodels: [{}]\n", profile.id,
                     scalar(profile.manufacturer), fmt::join(models, ", "));
  if (!profile.description.empty())
    out += fmt::format("description: {}\n", scalar(one_line(profile.description)));
  out += "assets: [{kind: other}]\naddress_base: pdu\n";
  out += limits(profile.limits);
  if (!profile.caveats.empty()) out += "caveats:\n";
  for (const std::string& caveat : profile.caveats)
    out += fmt::format("  - text: {}\n", scalar(one_line(caveat)));
  out += "points:\n";
  for (const PointDraft& point : profile.points)
    out += point_row(point);
  return out;
}

// ---- the configuration

std::string address_url(const modbus::Address& address) {
  std::string url = modbus::line_url(address);
  if (address.transport == modbus::Transport::serial) {
    const io::SerialSettings& serial = address.serial;
    const std::string_view parity = serial.parity == io::Parity::even  ? "even"
                                    : serial.parity == io::Parity::odd ? "odd"
                                                                       : "none";
    return fmt::format("{}?baud={}&parity={}&stop={}&unit={}", url, serial.baud, parity, serial.stop_bits,
                       address.unit->value());
  }
  return fmt::format("{}?unit={}", url, address.unit->value());
}

std::string period_rows(const DeviceDraft& device, const Import& import) {
  std::string out;
  if (device.period) out += fmt::format("    rates: {{normal: {}}}\n", config::to_string(*device.period));
  const auto profile = std::ranges::find(import.profiles, device.profile, &ProfileDraft::id);
  if (device.point_periods.empty() || profile == import.profiles.end()) return out;
  std::string rows;
  for (const PointDraft& point : profile->points) {
    const auto period = device.point_periods.find(point.called());
    if (period == device.point_periods.end() || period->second == device.period) continue;
    rows += fmt::format("      {}: {}\n", model::to_string(point.name), config::to_string(period->second));
  }
  return rows.empty() ? out : out + "    points:\n" + rows;
}

std::string device_text(const DeviceDraft& device, const Import& import) {
  std::string out = fmt::format("  - name: {}  # {}{}\n", scalar(device.name), place(device.from),
                                device.remark.empty() ? "" : ": " + one_line(device.remark));
  out +=
      fmt::format("    connect: {}\n    profile: {}\n", scalar(address_url(device.connect)), device.profile);
  if (!device.enabled) out += "    enabled: false\n";
  return out + period_rows(device, import);
}

std::string commented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += fmt::format("  #{}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// What the devices of one line want: the most patient of them.
struct LineWishes {
  std::optional<Duration> timeout, connect_delay;
};

std::string lines_text(const Import& import) {
  std::map<std::string, LineWishes> lines;
  for (const DeviceDraft& device : import.devices) {
    if (!device.left_out.empty() || (!device.timeout && !device.connect_delay)) continue;
    LineWishes& line = lines[modbus::line_url(device.connect)];
    line.timeout = std::max(line.timeout, device.timeout);
    line.connect_delay = std::max(line.connect_delay, device.connect_delay);
  }
  std::string out;
  for (const auto& [url, line] : lines) {
    out += fmt::format("  - connect: {}\n", scalar(url));
    if (line.timeout) out += fmt::format("    timeout: {}\n", config::to_string(*line.timeout));
    if (line.connect_delay)
      out += fmt::format("    connect_delay: {}\n", config::to_string(*line.connect_delay));
  }
  return out.empty() ? "" : "lines:\n" + out;
}

std::string configuration(const Import& import) {
  std::string out = fmt::format("# Imported from {}. Look at the findings of the import before you run it.\n",
                                import.system);
  out += fmt::format("site:\n  name: imported from {}\n", import.system);
  if (!import.profiles.empty()) out += "profiles: profiles\n";
  out += lines_text(import);
  std::string devices;
  bool any = false;
  for (const DeviceDraft& device : import.devices) {
    any = any || device.left_out.empty();
    devices += device.left_out.empty() ? device_text(device, import)
                                       : fmt::format("  # {}:\n", one_line(device.left_out)) +
                                             commented(device_text(device, import));
  }
  return out + (any ? "devices:\n" : "devices: []\n") + devices;
}

std::string join(const std::string& folder, const std::string& path) {
  return folder.ends_with('/') ? folder + path : folder + "/" + path;
}

}  // namespace

std::vector<OutputFile> written(const Import& import) {
  std::vector<OutputFile> outputs;
  for (const ProfileDraft& profile : import.profiles) {
    outputs.push_back({fmt::format("profiles/{}.yaml", profile.id), profile_text(profile, import.system)});
  }
  outputs.push_back({"interwatt.yaml", configuration(import)});
  return outputs;
}

Result<void> write(const std::vector<OutputFile>& outputs, const std::string& folder, bool replace,
                   io::Files& files) {
  for (const OutputFile& output : outputs) {
    const std::string path = join(folder, output.path);
    if (!replace && files.read(path)) {
      return fail(ErrorKind::denied, fmt::format("{} is there already; nothing was written", path),
                  "name another folder, or replace it with --force");
    }
  }
  for (const OutputFile& output : outputs) {
    const std::string path = join(folder, output.path);
    if (auto made = files.make_folder(path.substr(0, path.rfind('/'))); !made) return made;
    if (auto done = files.replace(path, output.text); !done) return done;
  }
  return {};
}

bool check_profiles(const std::vector<OutputFile>& outputs, config::Findings& findings) {
  bool good = true;
  for (const OutputFile& output : outputs) {
    if (output.path == "interwatt.yaml") continue;
    good = modbus::load_profile(output.path, output.text, findings).has_value() && good;
  }
  return good;
}

}  // namespace iw::importers
