// The Modbus driver: devices with a profile of the catalogue, and devices that describe themselves.
//
// Devices with the same host and port, or the same serial port, share one line. Its timings are the line's
// own, otherwise the most careful ones of the profiles on it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "driver/driver.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::modbus {

// Devices that need no profile, because they say themselves what their registers mean (SunSpec).
struct SelfDescription {
  struct Device {
    Discover discover;
    std::string fingerprint;  // equal when what was asked for is the same
  };

  std::string_view profile;  // the word that stands in the place of a profile
  config::Shape keys;        // of its own in the section of a device
  std::function<std::optional<Device>(const config::Value& section, config::Findings& findings)> read;
};

driver::DriverKind driver_kind(SelfDescription self_description);

}  // namespace iw::modbus
