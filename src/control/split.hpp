// split: a wanted total over several units (batteries, inverters, chargers), each within its own bounds.
// Pure; no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace iw::control {

// Of a unit: what it can take now, + into it, and how much of the total should be its part.
struct Part {
  double lowest = 0;  // not above highest
  double highest = 0;
  double weight = 1;  // not negative
};

constexpr std::size_t most_parts = 64;

// Shares in proportion to the weights; what a unit can not take goes to the others. Their sum is the total,
// or the nearest that the bounds allow. One share for each part, most_parts at most.
void split(double total, std::span<const Part> parts, std::span<double> shares);

enum class SplitBy : std::uint8_t {
  capability,       // in proportion to what each can give
  state_of_charge,  // so that all are full, or empty, at the same time
  equal,
};

// A battery as split() takes it. Charging, its weight is the energy that it has room for; discharging, the
// one that it can give.
struct BatteryNow {
  double max_charge_w = 0;
  double max_discharge_w = 0;
  double capacity_wh = 0;
  double min_soc = 0;  // percent
  double max_soc = 100;
  double soc = 50;
};
// What a connection leaves to one of its units, + into the equipment: both units together stay within what it
// carries, either way. A neighbour that is not seen may give all of that, or nothing.
struct Room {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
};
Room room_beside(std::optional<double> neighbour_w, double connection_w);

Part part_of(const BatteryNow& battery, SplitBy by, bool charging);

}  // namespace iw::control
