// Survey: which units answer at an address, and who they are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "commissioning/identify.hpp"
#include "commissioning/link.hpp"
#include "protocols/sunspec/decode.hpp"

namespace iw::commissioning {

struct SurveyedUnit {
  modbus::UnitId unit;
  Duration took{};                               // until the first answer
  std::optional<modbus::ExceptionCode> said_no;  // the first answer, when it was an exception
  Identification identification;
};

struct Survey {
  std::vector<SurveyedUnit> found;
  std::vector<modbus::UnitId> silent;
  bool same_for_all = false;   // the device does not look at the unit id: only the first is identified
  std::optional<Error> error;  // why it ended early
};

// The unit ids that are tried when none are given: the first ten, and those that makers like.
std::vector<modbus::UnitId> usual_units();

// Asks each unit in turn. "The gateway can not reach it" (0A, 0B) is silence. `progress` hears what is being
// done.
io::Task<Survey> survey(Link& link, std::vector<modbus::UnitId> units, const modbus::Catalogue& catalogue,
                        std::function<void(std::string)> progress, std::function<bool()> stopped = {});

// One model of a chain with its values; no points when it is not public or could not be read.
struct SurveyedModel {
  sunspec::ModelBlock block;
  std::string_view name;  // empty: not public
  std::vector<sunspec::DecodedPoint> points;
};
io::Task<std::vector<SurveyedModel>> read_models(modbus::UnitAccess& unit, sunspec::Chain chain);

}  // namespace iw::commissioning
