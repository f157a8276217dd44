// Meters that measure one branch of the site, as their makers lay it out.
#pragma once

#include <span>
#include <string_view>

#include "sim/cells.hpp"
#include "sim/device.hpp"
#include "sim/site_physics.hpp"

namespace iw::sim {

// A meter as data: one table of cells and the space around them.
struct MeterModel {
  struct Space {  // registers that exist; those without a cell are 0
    std::uint16_t first = 0;
    std::uint16_t count = 0;
  };

  std::string_view maker;
  std::string_view model;
  Table table{};
  std::uint16_t max_registers = 125;
  std::span<const Cell<Branch>> cells;
  std::span<const Space> spaces = {};
};

extern const MeterModel eastron_sdm630;     // eastron_sdm630.cpp
extern const MeterModel schneider_iem3000;  // schneider_iem3000.cpp
extern const MeterModel abb_b23;            // abb_b23.cpp

class Meter final : public Device {
 public:
  // The branch outlives the meter.
  Meter(const MeterModel& model, const Branch& branch);

  void refresh(Instant now) override;

 private:
  const MeterModel& model_;
  const Branch& branch_;
};

}  // namespace iw::sim
