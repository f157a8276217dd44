// Drafts: what an importer has read of another system's files, before it becomes a profile
// (profiles/README.md) and an interwatt.yaml. Everything that could not be taken over exactly stands in the
// findings, at its file and line.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "config/finding.hpp"
#include "model/point.hpp"
#include "protocols/modbus/address.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::importers {

struct PointDraft {
  config::Place from;  // file and line; the key is what it is called there
  std::string unit;    // as written there
  std::string note;    // a remark of theirs, for the comment
  modbus::Table table = modbus::Table::holding_registers;
  std::uint16_t address = 0;  // of the PDU
  modbus::ValueType type = modbus::ValueType::u16;
  modbus::ByteOrder order = modbus::ByteOrder::abcd;
  std::uint16_t registers = 0;  // of a string
  std::optional<std::uint8_t> bit, bits;
  double scale = 1;
  double offset = 0;
  std::optional<std::uint16_t> scale_register;
  bool writable = false;
  std::optional<double> minimum, maximum;  // in their unit
  std::vector<std::pair<std::int64_t, std::string>> texts;
  bool raw = false;  // a transformation of theirs is missing: the number is not yet what the name says

  // Found by settle().
  model::PointName name;
  bool measured = false;  // the name is a quantity, and the unit is its unit
  bool overlap = false;

  [[nodiscard]] const std::string& called() const { return from.key; }
};

struct ProfileDraft {
  std::string id;  // "acme/meter-a"
  std::string manufacturer;
  std::vector<std::string> models;
  std::string description;
  std::string source;  // the files, for people
  std::vector<std::string> caveats;
  modbus::DeviceLimits limits;
  std::vector<PointDraft> points;
};

struct DeviceDraft {
  config::Place from;
  std::string name;
  std::string remark;
  modbus::Address connect;
  std::string profile;  // id
  bool enabled = true;
  std::optional<Duration> period;                  // of all its points
  std::map<std::string, Duration> point_periods;   // by what the point is called there
  std::optional<Duration> timeout, connect_delay;  // of its line
  std::string left_out;                            // why it is only a comment in the configuration
};

struct Import {
  std::string system;  // "VOLTTRON"
  std::vector<ProfileDraft> profiles;
  std::vector<DeviceDraft> devices;
  config::Findings findings;
};

// Gives every point a name that is right and its own, marks what shares registers, and keeps the devices from
// contradicting each other. Every importer ends with it.
void settle(Import& import);

// "Meter A (v2)" -> "meter-a-v2": a part of a profile's id, or a device's name.
std::string slug(std::string_view text);

// A host as a configuration names it, IPv6 with or without brackets.
Result<io::Endpoint> endpoint_of(std::string_view host, std::uint16_t port);

// The id, or the id with a number behind it when it is taken.
std::string free_id(const Import& import, std::string id);

}  // namespace iw::importers
