// The ids of the running gateway. They are small numbers, good for as long as the process runs; what lasts
// longer is named by an mRID (mrid.hpp).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/strong.hpp"

namespace iw::model {

using DeviceId = Strong<std::uint16_t, struct DeviceIdTag>;

// A point is the n-th of its device: a driver can number its own points without asking anybody.
struct PointId {
  DeviceId device;
  std::uint16_t index = 0;

  friend constexpr auto operator<=>(PointId, PointId) = default;
};

}  // namespace iw::model

template <>
struct std::hash<iw::model::PointId> {
  std::size_t operator()(iw::model::PointId id) const noexcept {
    return std::hash<std::uint32_t>{}((std::uint32_t{id.device.value()} << 16U) | id.index);
  }
};
