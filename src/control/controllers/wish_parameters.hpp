// What a schedule or a rule of the user wishes of a point: one of set, at_most, at_least and off.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "control/controllers/points.hpp"
#include "control/controllers/sighted.hpp"

namespace iw::control {

struct WishParameters {
  const config::Value* place = nullptr;
  std::string point;
  std::optional<double> set, at_most, at_least;
  bool off = false;

  [[nodiscard]] std::pair<Demand, double> demand() const;
};

// Adds the fields of a wish to a record that has others too.
template <class T>
config::Record<T> with_wish(config::Record<T>&& record) {
  return std::move(record)
      .required("point", &T::point, point_path(), "what is moved")
      .optional("set", &T::set, config::number(), "to this value, in the unit of the point")
      .optional("at_most", &T::at_most, config::number(), "or not above it")
      .optional("at_least", &T::at_least, config::number(), "or not below it")
      .optional("off", &T::off, config::boolean(), "or off: 0 W, open")
      .place(&T::place);
}

// Exactly one.
void check(const WishParameters& parameters, config::Findings& findings);

// "battery/ActivePowerSetpoint at most 3000"
std::string to_string(const WishParameters& parameters);

}  // namespace iw::control
