#include "control/split.hpp"

#include <algorithm>
#include <cassert>

namespace iw::control {

void split(double total, std::span<const Part> parts, std::span<double> shares) {
  assert(parts.size() == shares.size() && parts.size() <= most_parts);
  double lowest = 0;
  double highest = 0;
  for (const Part& part : parts) {
    lowest += part.lowest;
    highest += part.highest;
  }
  double rest = std::clamp(total, lowest, highest);

  // Each round gives the rest to those that are free, by weight. Bounds that are hit on the heavier side are
  // final; what they leave is given out anew.
  std::uint64_t settled = 0;
  const auto free = [&](std::size_t i) { return (settled >> i & 1U) == 0; };
  for (std::size_t round = 0; round <= parts.size(); ++round) {
    double weights = 0;
    double count = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!free(i)) continue;
      weights += parts[i].weight;
      count += 1;
    }
    if (count == 0) return;
    const auto ideal = [&](std::size_t i) {
      return weights > 0 ? rest * (parts[i].weight / weights) : rest / count;
    };
    double excess = 0;  // that bounds add to the ideal shares
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!free(i)) continue;
      shares[i] = std::clamp(ideal(i), parts[i].lowest, parts[i].highest);
      excess += shares[i] - ideal(i);
    }
    if (excess == 0) return;
    double given = 0;
    std::uint64_t now_settled = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!free(i)) continue;
      const double forced = shares[i] - ideal(i);
      if (excess > 0 ? forced <= 0 : forced >= 0) continue;
      now_settled |= std::uint64_t{1} << i;
      given += shares[i];
    }
    settled |= now_settled;
    rest -= given;
  }
}

Room room_beside(std::optional<double> neighbour_w, double connection_w) {
  return {.lowest = -connection_w - neighbour_w.value_or(-connection_w),
          .highest = connection_w - neighbour_w.value_or(0)};
}

Part part_of(const BatteryNow& battery, SplitBy by, bool charging) {
  Part part{.lowest = -battery.max_discharge_w, .highest = battery.max_charge_w};
  switch (by) {
    case SplitBy::equal: break;
    case SplitBy::capability: part.weight = charging ? battery.max_charge_w : battery.max_discharge_w; break;
    case SplitBy::state_of_charge:
      part.weight = std::max(0.0, charging ? battery.max_soc - battery.soc : battery.soc - battery.min_soc) *
                    battery.capacity_wh;
      break;
  }
  return part;
}

}  // namespace iw::control
