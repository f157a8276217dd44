// Profile: a device model as data. A YAML file says how to reach such a device, which registers it has, what
// they mean and what to beware of; load_profile() checks it and converts units and signs once, so that what
// comes out of the RegisterMap is canonical. The format is described in profiles/README.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/finding.hpp"
#include "driver/profile.hpp"
#include "io/serial.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

using driver::Caveat;
using driver::ServedAsset;

// How such devices want to be spoken to, unless the configuration says otherwise.
struct ConnectionDefaults {
  std::uint16_t port = 502;
  std::uint8_t unit = 1;
  Duration timeout = 1s;                     // for an answer
  Duration connect_delay = 0s;               // from connected to the first request
  Duration gap = 0s;                         // from an answer to the next request
  std::uint8_t in_flight = 1;                // requests on the way at once
  std::uint8_t max_connections = 0;          // that the device accepts; 0: not known
  std::optional<io::SerialSettings> serial;  // of devices that also live on RS-485
};

// How to recognise the device. All that is given has to hold.
struct Detection {
  std::string vendor;   // contained in object 0 of Read Device Identification (43/14), case aside
  std::string product;  // contained in object 1 or 4
  std::optional<RegisterPoint> probe;
  std::string text;              // the probe begins with it
  std::optional<double> equals;  // the probe is this number
};

struct Profile : driver::Profile {
  ConnectionDefaults connection;
  std::vector<Detection> detect;
  std::vector<RegisterPoint> identity;  // components "manufacturer", "model", "version", "serial_number"
  RegisterMap map;
};

// None when there are errors; warnings leave a profile.
std::optional<Profile> load_profile(std::string_view file, std::string_view text, config::Findings& findings);

std::string profile_json_schema();
std::string profile_documentation();  // the format as a Markdown table

}  // namespace iw::modbus
