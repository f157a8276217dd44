// The driver's part of SunSpec: asks a unit for its chain, through the Modbus line that owns it. Polling is
// then the line's, by the map that comes of it.
#pragma once

#include "io/task.hpp"
#include "protocols/modbus/driver.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/sunspec/chain.hpp"
#include "protocols/sunspec/map.hpp"

namespace iw::sunspec {

// Reads the chain: some dozen requests. The error says what each base answered.
io::Task<Result<Chain>> read_chain(modbus::UnitAccess& unit);

// For LineDevice::discover: a SunSpec device needs no profile.
modbus::Discover discover_with(MapOptions options);

// What stands in the place of a profile.
constexpr std::string_view profile_word = "sunspec";

// That of Modbus devices, with what the models leave to the maker: meter_sign, battery_sign.
modbus::SelfDescription self_description();

}  // namespace iw::sunspec
