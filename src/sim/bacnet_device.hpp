// BacnetDevice: a simulated BACnet device on a UDP port: its objects, which follow the physics, the commands
// that the physics follows, its alarms, a clock that can be set, and how it misbehaves. On the executor of
// the network.
//
//   AirHandler device(network, random, hvac, 1001);
//   device.listen({"127.0.0.1", 47808});
//   group.spawn(device.run());           // until stop()
//   device.refresh();                    // after every step of the physics
//
// A device model derives from it: the constructor adds objects, refresh() sets their values.
#pragma once

#include <functional>
#include <vector>

#include "io/network.hpp"
#include "io/random.hpp"
#include "protocols/bacnet/server/server.hpp"
#include "sim/faults.hpp"
#include "sim/faulty_network.hpp"
#include "sim/hvac_physics.hpp"
#include "sim/site_physics.hpp"

namespace iw::sim {

class BacnetDevice : private bacnet::server::Plant {
 public:
  BacnetDevice(io::Network& network, io::Random& random, std::string_view name, std::string_view model,
               std::uint32_t instance);

  Faults faults;

  // Takes the port; port 0: any. Gives where it really is.
  Result<io::Endpoint> listen(const io::Endpoint& at);
  io::Task<void> run();
  void stop();

  // The physics have moved: objects and subscribers are to know.
  virtual void refresh() = 0;

  [[nodiscard]] const bacnet::server::Device& objects() const { return device_; }
  [[nodiscard]] std::uint32_t instance() const { return device_.settings().instance; }

 protected:
  // Inputs and outputs are numbered by type, from 1, in the order in which they are added.
  using Reading = std::function<double()>;
  void add_analog(std::string_view name, bacnet::server::UnitsCode units, float increment, Reading reading);
  // An alarm of the device while it is active.
  void add_alarm(std::string_view name, std::string_view active, Reading reading);
  void add_states(std::string_view name, std::vector<std::string> states, Reading state);  // from 1
  void add_energy(std::string_view name, bacnet::server::UnitsCode units, Reading reading);
  bacnet::ObjectId add_analog_output(std::string_view name, const bacnet::server::AnalogTraits& traits);
  bacnet::ObjectId add_binary_output(std::string_view name, bool normal);

  // What an output is commanded to.
  [[nodiscard]] double commanded(bacnet::ObjectId output) const;
  void show();

 private:
  struct Followed {
    bacnet::server::Object* object;
    Reading reading;
    bool alarm = false;
  };

  void command(const bacnet::server::Command& command, Done done) override;
  void follow(bacnet::server::Object object, Reading reading, bool alarm = false);
  std::uint32_t next_instance(bacnet::ObjectType type);

  FaultyNetwork network_;
  bacnet::server::Device device_;
  bacnet::server::ServerSettings settings_;
  std::unique_ptr<bacnet::server::Server> server_;
  std::vector<Followed> followed_;
  std::map<bacnet::ObjectType, std::uint32_t> instances_;
};

class AirHandler final : public BacnetDevice {
 public:
  AirHandler(io::Network& network, io::Random& random, HvacPhysics& hvac, std::uint32_t instance);
  void refresh() override;

 private:
  HvacPhysics& hvac_;
  bacnet::ObjectId fan_, speed_, supply_;
};

class ChillerPlant final : public BacnetDevice {
 public:
  ChillerPlant(io::Network& network, io::Random& random, HvacPhysics& hvac, std::uint32_t instance);
  void refresh() override;

 private:
  HvacPhysics& hvac_;
  bacnet::ObjectId enable_, water_;
};

// A meter of one branch of the site.
class BacnetMeter final : public BacnetDevice {
 public:
  BacnetMeter(io::Network& network, io::Random& random, const Branch& branch, std::uint32_t instance);
  void refresh() override { show(); }
};

}  // namespace iw::sim
