// What a drill tries on a site, and what is to be seen then. Made from the configuration alone, so that it
// can be said before anything is done.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/site_config.hpp"

namespace iw::gateway {

// The line of one device is lost.
struct DrillLoss {
  // A point that needs a value of the device: it is to go to its fail-safe value.
  struct Held {
    std::string path;
    double value = 0;
    Duration within{};  // as old as the value may be
  };

  std::string device;
  std::vector<Held> held;
  std::vector<std::string> away;         // controlled points of the device itself: nobody can move them
  std::vector<std::string> untouched;    // all other controlled points
  std::vector<std::string> controllers;  // that read it
};

// Of the enabled devices on which control depends, in the order of the file.
std::vector<DrillLoss> plan_drill(const SiteConfig& site);

// Where a point is read from its device, by a program that knows nothing of the site.
struct PointAtDevice {
  std::string connect;
  std::string profile;
  std::string point;  // "battery/StateOfCharge" of a device with several assets
};
std::optional<PointAtDevice> at_device(const SiteConfig& site, std::string_view path);

// "loss of grid meter: battery/ActivePowerSetpoint goes to 0 within 10 s".
std::string to_string(const DrillLoss& loss);

}  // namespace iw::gateway
