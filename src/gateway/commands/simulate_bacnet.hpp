// A simulated BACnet device for `interwatt simulate`: one of a building of its own, whose days take ten
// minutes.
#pragma once

#include <string>

#include "gateway/console.hpp"
#include "io/endpoint.hpp"
#include "sim/faults.hpp"

namespace iw::gateway {

struct BacnetSimulation {
  std::string device;  // "air-handler", "chiller-plant", "meter"
  std::uint32_t instance = 0;
  io::Endpoint listen;
  sim::Faults faults;
};

// Until a signal ends it. Gives the exit status.
int simulate_bacnet(const BacnetSimulation& simulation, Console& console);

}  // namespace iw::gateway
