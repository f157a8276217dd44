// Register range: all registers from one address to another, whatever holes there are between.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "commissioning/arguments.hpp"
#include "io/task.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::commissioning {

struct RegisterRange {
  AddressRange range;
  std::vector<std::optional<std::uint16_t>> registers;  // none: the device does not have it
  std::size_t requests = 0;
  std::optional<Error> error;  // why it ended early; what is behind was not asked

  [[nodiscard]] std::size_t found() const;
};

// Reads in large blocks; a block that is refused is halved until the single registers that are missing are
// known. A device that takes fewer registers at once (exception 03) is asked for fewer from then on.
// `progress` hears how many registers are done.
io::Task<RegisterRange> read_range(modbus::UnitAccess& unit, modbus::Table table, AddressRange range,
                                   std::function<void(std::size_t done)> progress);

}  // namespace iw::commissioning
