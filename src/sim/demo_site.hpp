// DemoSite: a whole site of simulated devices on one physics: for `interwatt demo`, and for tests.
//
//   DemoSite site(network, random, log, {});
//   auto devices = site.start();        // takes the ports, says what is where
//   group.spawn(site.run());            // until stop()
//
// A SunSpec inverter, an inverter in the manner of Huawei, a SunSpec battery, a grid meter, a gateway with
// three meters on one slow bus and one unit that died, and a meter that is flaky: by turns well, garbled and
// late, and silent. With a building: its air handler, chiller plant and meter, which speak BACnet/IP.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "io/network.hpp"
#include "io/random.hpp"
#include "io/signal.hpp"
#include "io/task_group.hpp"
#include "sim/bacnet_device.hpp"
#include "sim/device.hpp"
#include "sim/hvac_physics.hpp"
#include "sim/modbus_server.hpp"
#include "sim/site_physics.hpp"

namespace iw::sim {

struct DemoSettings {
  std::string host = "127.0.0.1";
  std::uint16_t first_port = 0;  // then one up for each endpoint; 0: any ports
  Duration step = 250ms;
  bool building = false;
  SiteSettings site = {};
};

// One device, as the gateway is to be configured for it.
struct DemoDevice {
  std::string name;     // "roof inverter"
  std::string profile;  // id in the catalogue, or "sunspec"; empty: BACnet devices need none
  io::Endpoint endpoint;
  modbus::UnitId unit;  // of Modbus
  std::string role;     // in the site: "pv", "battery", "grid", "load", "meter", "building"
  std::string connect;  // "modbus://127.0.0.1:15020?unit=1"
};

class DemoSite {
 public:
  DemoSite(io::Network& network, io::Random& random, Log& log, DemoSettings settings = {});
  DemoSite(const DemoSite&) = delete;
  DemoSite& operator=(const DemoSite&) = delete;
  ~DemoSite();

  // Takes the ports, all or none.
  Result<std::vector<DemoDevice>> start();
  // Runs physics and devices until stop(); ends when all have ended.
  io::Task<void> run();
  void stop();

  [[nodiscard]] SitePhysics& physics() { return physics_; }
  // A device by its name, to make it misbehave; null when there is none.
  [[nodiscard]] Device* find(std::string_view name) const;
  [[nodiscard]] BacnetDevice* find_bacnet(std::string_view name) const;
  [[nodiscard]] HvacPhysics& hvac() { return hvac_; }

 private:
  struct Entry {
    DemoDevice description;
    std::unique_ptr<Device> device;  // null: the unit that died
    std::size_t server = 0;
  };
  struct BuildingEntry {
    DemoDevice description;
    std::unique_ptr<BacnetDevice> device;
  };

  ModbusServer& add_server(ServerSettings settings = {});
  // On the server added last.
  void add(std::string name, std::string profile, std::uint8_t unit, std::string role,
           std::unique_ptr<Device> device);
  void add_building();
  void add_bacnet(std::string name, std::unique_ptr<BacnetDevice> device);
  Result<void> listen();
  void step(WallTime now, Duration dt);
  void misbehave(Duration since_start) const;

  io::Network& network_;
  io::Executor& executor_;
  io::Random& random_;
  Log& log_;
  DemoSettings settings_;
  SitePhysics physics_;
  HvacPhysics hvac_;
  std::vector<Entry> entries_;
  std::vector<BuildingEntry> building_;
  std::vector<std::unique_ptr<ModbusServer>> servers_;
  io::Signal wake_;
  io::TaskGroup tasks_;
};

}  // namespace iw::sim
