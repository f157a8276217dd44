// Who is there: what a unit says about itself in Read Device Identification (43/14) and in SunSpec, and which
// profiles of the catalogue recognise it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/task.hpp"
#include "model/point.hpp"
#include "protocols/modbus/catalogue.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/sunspec/chain.hpp"

namespace iw::commissioning {

struct Identification {
  std::vector<modbus::DeviceObject>
      objects;  // of 43/14, basic and regular; empty: the device does not have it
  std::optional<sunspec::Chain> chain;
  std::string why_no_chain;                      // what looking for SunSpec met
  std::vector<const modbus::Profile*> profiles;  // that recognise the device, the surest first

  // SunSpec first: its serial numbers are real.
  [[nodiscard]] model::DeviceIdentity identity() const;
  [[nodiscard]] bool anything() const { return !objects.empty() || chain || !profiles.empty(); }
};

// The objects of the device, asked for as often as it says that more follow.
io::Task<std::vector<modbus::DeviceObject>> read_objects(modbus::UnitAccess& unit);

// The profiles whose detection holds. The catalogue outlives what is returned.
io::Task<std::vector<const modbus::Profile*>> recognise(modbus::UnitAccess& unit,
                                                        const modbus::Catalogue& catalogue,
                                                        std::vector<modbus::DeviceObject> objects);

io::Task<Identification> identify(modbus::UnitAccess& unit, const modbus::Catalogue& catalogue);

// "Huawei SUN2000-10KTL, version V100, serial number 123"; empty when nothing is known.
std::string describe(const model::DeviceIdentity& identity);

// "1 common, 103 inverter (three phase), 64110 (not public)".
std::string list_models(const sunspec::Chain& chain);

}  // namespace iw::commissioning
