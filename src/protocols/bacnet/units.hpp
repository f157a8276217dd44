// What BACnetEngineeringUnits are in the units of the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/unit.hpp"

namespace iw::bacnet {

// As the model spells it: "kW", "degF", "kvarh". Empty for units that no quantity is measured in.
std::string_view unit_spelling(std::uint32_t units);
std::optional<model::Conversion> conversion_of(std::uint32_t units);

// For people: "kilowatts"; "bacnet:512" for a unit of a vendor.
std::string unit_name(std::uint32_t units);

}  // namespace iw::bacnet
