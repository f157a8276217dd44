#include "control/controllers/wish_parameters.hpp"

namespace iw::control {

std::pair<Demand, double> WishParameters::demand() const {
  if (set) return {Demand::set, *set};
  if (at_most) return {Demand::at_most, *at_most};
  if (at_least) return {Demand::at_least, *at_least};
  return {Demand::off, 0};
}

void check(const WishParameters& parameters, config::Findings& findings) {
  const int given = int{parameters.set.has_value()} + int{parameters.at_most.has_value()} +
                    int{parameters.at_least.has_value()} + int{parameters.off};
  if (given != 1) {
    findings.error(parameters.place->place(),
                   fmt::format("{} of set, at_most, at_least and off are given", given), "give exactly one");
  }
}

std::string to_string(const WishParameters& parameters) {
  const auto [demand, value] = parameters.demand();
  switch (demand) {
    case Demand::set: return fmt::format("{} to {}", parameters.point, value);
    case Demand::at_most: return fmt::format("{} at most {}", parameters.point, value);
    case Demand::at_least: return fmt::format("{} at least {}", parameters.point, value);
    case Demand::off: break;
  }
  return fmt::format("{} off", parameters.point);
}

}  // namespace iw::control
