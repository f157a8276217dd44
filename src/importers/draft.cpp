#include "importers/draft.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "importers/naming.hpp"
#include "model/words.hpp"

namespace iw::importers {
namespace {

using modbus::Table;
using modbus::ValueType;

bool is_text(const PointDraft& point) {
  return point.type == ValueType::string || point.type == ValueType::string_swapped;
}

bool is_bits(const PointDraft& point) {
  return point.table == Table::coils || point.table == Table::discrete_inputs;
}

bool is_part(const PointDraft& point) {
  return !is_bits(point) && (point.type == ValueType::boolean || point.bits);
}

unsigned register_count(const PointDraft& point) {
  if (is_text(point)) return point.registers;
  return is_bits(point) ? 1U : modbus::register_count(point.type);
}

// ---- names

// May the number be this quantity? A text, a bit, or a number whose sign or transformation says otherwise may
// not.
bool may_be(const PointDraft& point, model::Quantity quantity) {
  if (point.raw || is_text(point) || point.type == ValueType::boolean || is_bits(point)) return false;
  return model::info(quantity).sign != model::SignRule::never_negative ||
         (point.scale > 0 && point.offset >= 0);
}

bool has_direction(model::Quantity quantity) {
  return model::info(quantity).sign == model::SignRule::into_is_positive;
}

class Namer {
 public:
  explicit Namer(config::Findings& findings) : findings_(findings) {}

  void name(PointDraft& point) {
    const auto quantity = recognise(point.called(), point.unit);
    if (quantity && may_be(point, quantity->quantity) && taken_.insert(*quantity).second) {
      point.name = *quantity;
      point.measured = true;
      if (has_direction(quantity->quantity)) {
        findings_.warning(point.from,
                          fmt::format("is taken as {}, its sign as it is", model::to_string(point.name)),
                          "if + is not into the equipment, add negate: true in the profile");
      }
      return;
    }
    keep_as_it_is(point);
  }

 private:
  void keep_as_it_is(PointDraft& point) {
    const std::string part = component_of(point.called());
    point.name = {.quantity = is_text(point) ? model::Quantity::Text : model::Quantity::Count,
                  .component = part};
    for (int i = 2; !taken_.insert(point.name).second; ++i)
      point.name.component = fmt::format("{}_{}", part, i);
    if (is_text(point) || is_bits(point) || point.type == ValueType::boolean || point.raw) return;
    const std::string candidates = quantities_in(point.unit);
    const std::string in_unit = point.unit.empty() ? "" : fmt::format(" in {}", point.unit);
    findings_.warning(
        point.from,
        fmt::format("what it measures is not certain; kept as {}{}", model::to_string(point.name), in_unit),
        candidates.empty() ? "give it the name of its quantity in the profile, if there is one"
                           : fmt::format("if it is {}, give it that name and unit: {} in the profile",
                                         candidates, point.unit));
  }

  config::Findings& findings_;
  std::set<model::PointName> taken_;
};

// ---- shared registers

bool may_share(const PointDraft& a, const PointDraft& b) {
  if (!is_part(a) && !is_part(b)) return false;
  return std::tie(a.address, a.type, a.bit, a.bits) != std::tie(b.address, b.type, b.bit, b.bits);
}

void mark_overlaps(ProfileDraft& profile, config::Findings& findings) {
  std::vector<PointDraft*> in_order;
  for (PointDraft& point : profile.points)
    in_order.push_back(&point);
  std::ranges::sort(in_order, {}, [](const PointDraft* p) { return std::tuple(p->table, p->address, p); });
  for (std::size_t a = 0; a < in_order.size(); ++a) {
    const PointDraft& first = *in_order[a];
    for (std::size_t b = a + 1; b < in_order.size(); ++b) {
      PointDraft& second = *in_order[b];
      if (second.table != first.table || second.address >= first.address + register_count(first)) break;
      if (may_share(first, second)) continue;
      if (!second.overlap) {
        findings.warning(
            second.from,
            fmt::format("shares registers with '{}'; written with overlap: true", first.called()),
            "correct the address or type if that is a slip of the pen");
      }
      second.overlap = true;
    }
  }
}

// ---- devices

class DeviceCheck {
 public:
  explicit DeviceCheck(Import& import) : import_(import) {}

  void check(DeviceDraft& device) {
    const std::string wanted = device.name;
    for (int i = 2; !names_.insert(device.name).second; ++i)
      device.name = fmt::format("{}-{}", wanted, i);
    if (device.name != wanted) {
      warn(device, fmt::format("there is another '{}'; this one is called '{}'", wanted, device.name));
    }
    if (!device.left_out.empty()) return;
    const std::string line = modbus::line_url(device.connect);
    if (device.connect.transport == modbus::Transport::serial) share_port(line, device);
    share_timeout(line, device);
    const auto [other, is_new] = units_.try_emplace({line, device.connect.unit->value()}, &device);
    if (is_new) return;
    device.left_out = fmt::format("{} unit {} is the device '{}' already", line, device.connect.unit->value(),
                                  other->second->name);
    warn(device, fmt::format("{}; only a comment in the configuration", device.left_out),
         fmt::format("put the points of {} into the profile {}", device.profile, other->second->profile));
  }

 private:
  void warn(const DeviceDraft& device, std::string message, std::string remedy = {}) {
    import_.findings.warning(device.from, std::move(message), std::move(remedy));
  }

  void share_port(const std::string& line, DeviceDraft& device) {
    const auto [first, is_new] = ports_.try_emplace(line, &device);
    if (is_new || first->second->connect.serial == device.connect.serial) return;
    device.connect.serial = first->second->connect.serial;
    warn(device,
         fmt::format("has other serial settings than '{}' on the same port; given those of '{}'",
                     first->second->name, first->second->name),
         "all devices on one serial port have the same settings: correct the wrong ones");
  }

  void share_timeout(const std::string& line, const DeviceDraft& device) {
    const auto [first, is_new] = timeouts_.try_emplace(line, &device);
    if (is_new || first->second->timeout == device.timeout) return;
    warn(device, fmt::format("has another timeout than '{}' on the same line; both are given the longer one",
                             first->second->name));
  }

  Import& import_;
  std::set<std::string> names_;
  std::map<std::string, const DeviceDraft*> timeouts_;
  std::map<std::pair<std::string, std::uint8_t>, const DeviceDraft*> units_;
  std::map<std::string, const DeviceDraft*> ports_;
};

}  // namespace

void settle(Import& import) {
  for (ProfileDraft& profile : import.profiles) {
    Namer namer(import.findings);
    for (PointDraft& point : profile.points) {
      namer.name(point);
      if (!is_bits(point) && register_count(point) > profile.limits.max_registers)
        profile.limits.max_registers = 125;
    }
    mark_overlaps(profile, import.findings);
  }
  DeviceCheck check(import);
  for (DeviceDraft& device : import.devices)
    check.check(device);
}

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char small = model::lower(c);
    const bool good =
        (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || small == '_' || small == '.';
    if (good) {
      out += small;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-') || out.ends_with('.'))
    out.pop_back();
  while (out.starts_with('.'))
    out.erase(0, 1);
  return out.empty() ? "unnamed" : out;
}

Result<io::Endpoint> endpoint_of(std::string_view host, std::uint16_t port) {
  const bool bare_ipv6 = host.find(':') != host.rfind(':') && !host.starts_with('[');
  auto endpoint = io::parse_endpoint(bare_ipv6 ? fmt::format("[{}]", host) : std::string(host), port);
  if (endpoint) endpoint->port = port;
  return endpoint;
}

std::string free_id(const Import& import, std::string id) {
  const auto taken = [&](const std::string& candidate) {
    return std::ranges::find(import.profiles, candidate, &ProfileDraft::id) != import.profiles.end();
  };
  std::string candidate = id;
  for (int i = 2; taken(candidate); ++i)
    candidate = fmt::format("{}-{}", id, i);
  return candidate;
}

}  // namespace iw::importers
