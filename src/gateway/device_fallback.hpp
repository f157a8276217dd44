// DeviceFallback: what the device of a controlled point does by itself once the gateway is gone: the last of
// all fail-safes. A device that takes a time is told it with each write of a claim, and the claim is written
// again at half of it; a default, an `off` and what protects are to stand, whatever becomes of the gateway.
#pragma once

#include <optional>
#include <string>

#include "gateway/control_config.hpp"
#include "model/point.hpp"

namespace iw::gateway {

struct DeviceFallback {
  Duration after{};       // the last write; 0: it holds what it was told
  bool told = false;      // it takes the time from us, with each write
  bool to_value = false;  // likewise the value: the fail-safe value of the point

  friend bool operator==(const DeviceFallback&, const DeviceFallback&) = default;
};

// Of a point as its device describes it. Of a limit the end must not be no limit: where the device
// takes no value to go to, it is told no time, unless the point says one.
DeviceFallback device_fallback(const ControlPoint& how, bool limit,
                               const std::optional<model::Fallback>& device);

// "0 W after 60 s", "what is set in the device, after 60 s", "holds what it was told".
std::string describe(const DeviceFallback& fallback, double safe_value, std::string_view unit);

// How its point is written: refreshed in time where the device falls back in any case.
control::Actuator::Settings actuator_settings(const ControlPoint& point, const DeviceFallback& fallback = {});

}  // namespace iw::gateway
