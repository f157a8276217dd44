// Premises: the devices of the site that is lived in, all on one machine and one physics, and what they were
// told and what they said: the truth that the gateway's opinion is held against.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "io/task_group.hpp"
#include "io/world/world.hpp"
#include "plan.hpp"
#include "sim/modbus_server.hpp"
#include "sim/site_physics.hpp"

namespace iw::life {

// What can be moved, and what the site has declared about it. The gateway is configured from this table,
// unless a mutation makes it wrong.
struct Envelope {
  std::string_view path;
  std::size_t device;  // of device_names
  double minimum;
  double maximum;
  double fallback;
  double fail_safe;
  double resolution;                                      // of the device
  double ramp = std::numeric_limits<double>::infinity();  // units a second
  bool once = false;                                      // a value must not reach the device twice
};

enum Settable : std::size_t {
  battery_setpoint,
  carport_limit,
  inverter_limit,
  relay
};  // in the order of paths
constexpr std::size_t settables = 4;

constexpr std::array<std::string_view, 6> device_names{"grid",    "load",    "inverter",
                                                       "carport", "battery", "relay"};
constexpr std::size_t devices = device_names.size();

constexpr double export_limit_w = 3000;
constexpr std::array<Envelope, settables> envelopes{{
    {"battery/ActivePowerSetpoint", 4, -5000, 5000, 0, 0, 1, 1000},
    {"carport/ActivePowerLimit", 3, 0, 5000, 5000, 500, 1},
    {"inverter/ActivePowerLimit", 2, 0, 8000, 8000, 1000, 1},
    {.path = "relay/LoadShedLevel",
     .device = 5,
     .minimum = 0,
     .maximum = 60'000,
     .fallback = 0,
     .fail_safe = 0,
     .resolution = 0,
     .once = true},
}};

// Nothing was ever commanded: the device does as it likes.
constexpr double uncommanded = std::numeric_limits<double>::quiet_NaN();

class Premises {
 public:
  struct Held {
    Instant since;
    double value;
    bool by_itself = false;  // it fell back
  };
  struct Seen {
    Instant at;
    double grid_w;
    double load_w;
    double battery_w;
  };

  Premises(io::world::World& world, io::world::Node& node, Log& log, Duration step, Mutation mutation);
  Premises(const Premises&) = delete;
  Premises& operator=(const Premises&) = delete;
  ~Premises();

  // The machine of the devices ends and starts: they have forgotten what they were told.
  void kill();
  void start();
  // One device loses its power for a while, and with it what it was told.
  void restart_device(std::size_t device, Duration off);

  // As if another master had written it.
  void somebody_sets_battery(double watts);

  // Told after each write that a device has done.
  std::function<void(Settable)> on_write;
  std::function<void()> on_step;

  [[nodiscard]] io::Endpoint endpoint(std::size_t device) const;
  [[nodiscard]] sim::Faults& faults(std::size_t device) { return devices_[device]->faults; }
  [[nodiscard]] const sim::SiteState& state() const { return physics_.state(); }
  // The site stands still: for balances.
  void freeze() { frozen_ = true; }
  [[nodiscard]] bool frozen() const { return frozen_; }

  // What the device does now, whatever anybody believes.
  [[nodiscard]] double held(Settable point) const { return held_[point].back().value; }
  // What it has done since some minutes, the oldest first.
  [[nodiscard]] const std::deque<Held>& history(Settable point) const { return held_[point]; }
  [[nodiscard]] const std::deque<Seen>& seen() const { return seen_; }
  // When the device last answered.
  [[nodiscard]] Instant served(std::size_t device) const { return served_[device]; }
  void look();  // after each event of the world

 private:
  [[nodiscard]] double commanded(Settable point) const;
  void written(Settable point);
  void note_own_change(Settable point);
  void note(Settable point, bool by_itself = false);
  void make(std::size_t device);
  void serve(std::size_t device);
  void step_on();

  io::world::World& world_;
  io::world::Node& node_;
  Log& log_;
  Duration step_;
  Mutation mutation_;  // those that are of the devices
  bool frozen_ = false;
  sim::SitePhysics physics_;
  std::array<std::unique_ptr<sim::Device>, devices> devices_;
  std::array<std::unique_ptr<sim::ModbusServer>, devices> servers_;
  std::vector<std::unique_ptr<sim::Device>> retired_devices_;  // their servers may still be ending
  std::vector<std::unique_ptr<sim::ModbusServer>> retired_servers_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::array<std::deque<Held>, settables> held_;
  std::deque<Seen> seen_;
  std::array<Instant, devices> served_{};
  std::array<std::uint64_t, devices> requests_{};
};

}  // namespace iw::life
