// Naming: what a point of another system is in our table of quantities. A name and a unit that leave no doubt
// give the quantity; anything else stays what it is, a Count or Text with the foreign name as its part.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/point.hpp"

namespace iw::importers {

// The quantity that "Voltage_L1-N" in "V" is; none when there is any doubt. Only what is measured: a
// set-point is named by a person.
std::optional<model::PointName> recognise(std::string_view name, std::string_view unit);

// The foreign name as the part of a point: letters, digits, '-' and '_', and not like a phase.
std::string component_of(std::string_view name);

// The quantities that are measured in this unit: "ActivePower, DcPower or RatedPower"; empty when there are
// none.
std::string quantities_in(std::string_view unit);

}  // namespace iw::importers
