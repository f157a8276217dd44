// The numbers behind the rate classes. Each can be changed for the site, and a point can have a period of its
// own.
#pragma once

#include <array>
#include <cstddef>

#include "base/time.hpp"
#include "model/point.hpp"

namespace iw::polling {

class RateTable {
 public:
  [[nodiscard]] Duration period(model::RateClass rate) const {
    return periods_[static_cast<std::size_t>(rate)];
  }
  void set(model::RateClass rate, Duration period) { periods_[static_cast<std::size_t>(rate)] = period; }

  friend bool operator==(const RateTable&, const RateTable&) = default;

 private:
  // In the order of RateClass: fast, normal, slow, thermal, constant.
  std::array<Duration, 5> periods_{1s, 5s, 60s, 30s, 1h};
};

}  // namespace iw::polling
