// Readings: all points of a register map, read once: for tools. Polling is the Line's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "io/task.hpp"
#include "model/point.hpp"
#include "model/quality.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::commissioning {

struct Reading {
  model::Point point;
  double value = 0;  // NaN where quality is invalid, and of texts
  std::string text;  // of a text; of a number that has a word for it
  model::Quality quality;

  // "battery: StateOfCharge"
  [[nodiscard]] std::string name() const;
};

struct Readings {
  std::vector<Reading> points;  // as in the map
  std::optional<Error>
      error;  // the first thing that went wrong with a request; exceptions of single points do not

  [[nodiscard]] std::size_t good() const;
};

// Refused blocks are halved until what is missing is found. Gives up on a device that no longer answers.
io::Task<Readings> read_points(modbus::UnitAccess& unit, modbus::RegisterMap map);

// The points of the map with these names: "ActivePower", "battery: StateOfCharge", "battery/StateOfCharge".
// All for no names.
Result<modbus::RegisterMap> select_points(const modbus::RegisterMap& map,
                                          const std::vector<std::string>& names);

nlohmann::ordered_json to_json(const Readings& readings);

}  // namespace iw::commissioning
