// Driver: one protocol's part of a configuration. It reads and checks what concerns the protocol, and plans
// the lines. Made anew for each configuration that is read; on the core executor.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/finding.hpp"
#include "config/shape.hpp"
#include "driver/line.hpp"
#include "driver/section.hpp"
#include "io/files.hpp"
#include "model/ids.hpp"
#include "polling/rates.hpp"

namespace iw::driver {

// A device that is to be polled.
struct WantedDevice {
  model::DeviceId id;
  const DeviceSection* section = nullptr;
  polling::RateTable rates = {};
};

class Driver {
 public:
  Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  virtual ~Driver() = default;

  // Profiles of the user's own. Those of other protocols are passed over.
  virtual void add_profiles(io::Files& files, const std::string& folder, config::Findings& findings) = 0;
  // A section under lines: whose `connect` is one of its addresses.
  virtual void read_line(const config::Value& section, config::Findings& findings) = 0;
  // A section under devices:. Sets described_by. The section stays where it is, and outlives the driver.
  virtual void read_device(DeviceSection& section, config::Findings& findings) = 0;
  // What only shows between sections. `complete`: none was left out because of a mistake in itself; if some
  // were, what is missing elsewhere may be there, and is not complained about.
  virtual void check(bool complete, config::Findings& findings) = 0;

  // The lines of these devices, all read before, in the order of the devices.
  [[nodiscard]] virtual std::vector<LinePlanPtr> plan(std::span<const WantedDevice> devices) const = 0;
};

// The entry of a protocol in the registry.
struct DriverKind {
  std::string_view name;                  // "modbus"
  std::vector<std::string_view> schemes;  // of the URLs that it takes
  std::string_view example;               // of such URLs, for people
  Result<void> (*check_address)(std::string_view url) = nullptr;
  config::Shape device_keys;  // records: what it reads itself in a section under devices:
  config::Shape line_keys;    // and under lines:
  std::function<std::unique_ptr<Driver>()> make;
};

}  // namespace iw::driver
