// The registries of VOLTTRON's Modbus drivers: rows of a table to points.
#pragma once

#include <vector>

#include "importers/csv.hpp"
#include "importers/draft.hpp"
#include "importers/struct_format.hpp"

namespace iw::importers {

// driver_type modbus: one registry.
std::vector<PointDraft> modbus_points(const std::vector<Row>& registry, config::Findings& findings);

enum class Addressing : std::uint8_t { offset, offset_plus, address };

struct TkSettings {
  Addressing addressing = Addressing::offset;
  Endian endian = Endian::big;
};

// driver_type modbus_tk: the point table, and the register map it picks from; without a map the points are
// the map.
std::vector<PointDraft> modbus_tk_points(const std::vector<Row>& registry, const std::vector<Row>& map,
                                         const TkSettings& settings, config::Findings& findings);

bool is_modbus_registry(const std::vector<Row>& rows);  // has "Point Address"
bool is_modbus_tk_map(const std::vector<Row>& rows);    // has "Register Name", "Address" and "Type"

}  // namespace iw::importers
