// From what discovery found to a register map that the Modbus driver polls like that of any profile.
//
// Every canonical point appears once: where several models of a device give it, the first of preference() in
// mapping.hpp is taken. The first inverter, or else the first asset, is the main one and has the role "";
// further ones are "inverter2", "meter", "meter2", "battery", "weather". The inverter of a battery and
// nothing else (713, 802, 803) is one asset with it: to the site they are the battery.
//
// Writable points carry the registers that make the device obey them (123.WMaxLim_Ena, 704.WSetEna,
// 124.StorCtl_Mod): they are set with the point, and are no points of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocols/modbus/registers.hpp"
#include "protocols/sunspec/chain.hpp"

namespace iw::sunspec {

// For a device that leaves a scale factor out: the exponent to use instead of the register.
struct ScaleOverride {
  std::uint16_t model = 0;
  std::string scale_factor;  // "Hz_SF"
  int exponent = 0;
};

struct MapOptions {
  double meter_sign = 1;  // canonical = device x this, of W and VAR of 20x; -1: the meter says + for export
  double battery_sign = -1;  // the same of A and W of 802 and 803; 1: the battery says + for charging
  std::vector<ScaleOverride> scale_overrides = {};
  modbus::DeviceLimits limits = {};
};

modbus::RegisterMap make_map(const Chain& chain, const MapOptions& options = {});

// The next register of the block (offset from its ID) that decides how make_map reads it and is not among its
// facts.
std::optional<std::uint32_t> open_question(const ModelBlock& block);

}  // namespace iw::sunspec
