#include "premises.hpp"

#include <cmath>

#include "sim/huawei_sun2000.hpp"
#include "sim/meters.hpp"
#include "sim/sunspec_device.hpp"

namespace iw::life {
namespace {

constexpr std::uint16_t first_port = 1502;
constexpr Duration remembered = 5min;

// One register, and nothing else.
class Relay final : public sim::Device {
 public:
  Relay() { bank.add(sim::Table::holding_registers, 0, 1, sim::Access::read_write); }
};

}  // namespace

Premises::Premises(io::world::World& world, io::world::Node& node, Log& log, Duration step, Mutation mutation)
    : world_(world),
      node_(node),
      log_(log),
      step_(step),
      mutation_(mutation),
      physics_({.day_of_year = 172, .start_at = 8h, .battery = {.initial_soc = 60}},
               world.random("physics").next()) {
  physics_.step(io::world::SimulatedClock::wall_epoch, step_);
  start();
  step_on();
}

Premises::~Premises() { kill(); }

void Premises::make(std::size_t device) {
  const sim::SiteState& site = physics_.state();
  const auto made = [&]() -> std::unique_ptr<sim::Device> {
    switch (device) {
      case 0: return std::make_unique<sim::Meter>(sim::schneider_iem3000, site.grid);
      case 1:
        return std::make_unique<sim::Meter>(sim::eastron_sdm630,
                                            mutation_ == Mutation::wrong_meter ? site.heat_pump : site.load);
      case 2:
        physics_.limit_pv(0, site.pv[0].rated_w);
        return std::make_unique<sim::SunSpecInverter>(physics_, 0);
      case 3:
        physics_.limit_pv(1, site.pv[1].rated_w);
        return std::make_unique<sim::HuaweiSun2000>(physics_, 1);
      case 4: physics_.command_battery(std::nullopt); return std::make_unique<sim::SunSpecBattery>(physics_);
      default: return std::make_unique<Relay>();
    }
  };
  devices_[device] = made();
  requests_[device] = 0;
  for (std::size_t i = 0; i < settables; ++i) {
    if (envelopes[i].device != device) continue;
    const auto point = static_cast<Settable>(i);
    devices_[device]->on_refreshed = [this, point] { note_own_change(point); };
    devices_[device]->on_write = [this, point] { written(point); };
    note(point);
  }
}

void Premises::serve(std::size_t device) {
  servers_[device] =
      std::make_unique<sim::ModbusServer>(node_.network(), node_.random(), log_, sim::ServerSettings{});
  servers_[device]->add(modbus::UnitId(1), *devices_[device]);
  servers_[device]->listen(endpoint(device)).value();
  tasks_->spawn(servers_[device]->run());
}

void Premises::start() {
  tasks_ = std::make_unique<io::TaskGroup>(node_.executor());
  for (std::size_t device = 0; device < devices; ++device) {
    make(device);
    serve(device);
  }
}

void Premises::kill() {
  if (node_.alive()) node_.kill(io::world::Death::power_cut);
  if (!tasks_) return;
  for (const auto& server : servers_)
    if (server) server->stop();
  node_.bury();
  tasks_.reset();
  for (auto& server : servers_)
    server.reset();
  retired_servers_.clear();
  retired_devices_.clear();
}

void Premises::restart_device(std::size_t device, Duration off) {
  if (!tasks_ || !servers_[device]) return;  // off already
  servers_[device]->stop();
  retired_servers_.push_back(std::move(servers_[device]));
  retired_devices_.push_back(std::move(devices_[device]));
  make(device);
  world_.at(world_.now() + off, [this, device] {
    if (tasks_ && !servers_[device]) serve(device);
  });
}

void Premises::somebody_sets_battery(double watts) {
  physics_.command_battery(watts);
  written(battery_setpoint);
}

io::Endpoint Premises::endpoint(std::size_t device) const {
  return {node_.address(), static_cast<std::uint16_t>(first_port + device)};
}

double Premises::commanded(Settable point) const {
  const sim::SiteState& site = physics_.state();
  switch (point) {
    case inverter_limit: return site.pv[0].limit_w;
    case carport_limit: return site.pv[1].limit_w;
    case battery_setpoint: return site.battery.setpoint.value_or(uncommanded);
    case relay: return devices_[envelopes[relay].device]->bank.at(sim::Table::holding_registers, 0);
  }
  return uncommanded;
}

void Premises::written(Settable point) {
  if (point == inverter_limit && mutation_ == Mutation::device_that_lies)
    physics_.limit_pv(0, physics_.state().pv[0].rated_w);
  note(point);
  if (on_write && !std::isnan(held(point))) on_write(point);  // else it does not obey yet
}

void Premises::note(Settable point, bool by_itself) {
  auto& history = held_[point];
  history.push_back({world_.now(), commanded(point), by_itself});
  while (history.size() > 1 && history[1].since < world_.now() - remembered)
    history.pop_front();
}

void Premises::step_on() {
  if (mutation_ == Mutation::garbled_values) devices_[0]->faults.garble_rate = 0.05;
  if (!frozen_) {
    const WallTime wall = io::world::SimulatedClock::wall_epoch + world_.now().time_since_epoch();
    for (const auto& device : devices_)
      device->refresh(world_.now());
    if (mutation_ == Mutation::falls_back_early && held_[battery_setpoint].back().since < world_.now() - 5s &&
        !std::isnan(held(battery_setpoint)))
      physics_.command_battery(0);
    for (const Settable point : {battery_setpoint, carport_limit, inverter_limit, relay})
      note_own_change(point);
    physics_.step(wall, step_);
    const sim::SiteState& site = physics_.state();
    seen_.push_back(
        {world_.now(), site.grid.total_power(), site.load.total_power(), site.battery.ac.total_power()});
    while (seen_.size() > 1 && seen_[1].at < world_.now() - remembered)
      seen_.pop_front();
  }
  if (on_step) on_step();
  world_.at(world_.now() + step_, [this] { step_on(); });
}

void Premises::look() {
  for (std::size_t i = 0; i < devices; ++i) {
    const std::uint64_t requests = devices_[i]->counters.requests;
    if (std::exchange(requests_[i], requests) != requests) served_[i] = world_.now();
  }
}

// It falls back when it is not told again.
void Premises::note_own_change(Settable point) {
  const double now = commanded(point);
  if (now != held(point) && !(std::isnan(now) && std::isnan(held(point)))) note(point, true);
}

}  // namespace iw::life
