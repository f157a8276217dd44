#include "sim/bacnet_device.hpp"

#include <cmath>

namespace iw::sim {
namespace {

using bacnet::Enumerated;
using bacnet::ObjectId;
using bacnet::ObjectType;
using bacnet::PropertyId;
using bacnet::Unsigned;
using bacnet::server::Object;
using bacnet::server::ObjectHead;

bacnet::server::DeviceSettings identity(std::string_view name, std::string_view model,
                                        std::uint32_t instance) {
  return {.instance = instance,
          .name = std::string(name),
          .vendor_name = "Interwatt",
          .model = std::string(model),
          .version = "simulated",
          .writable = true,
          .takes_time = true,
          .reports = true};
}

ObjectHead head(std::uint32_t instance, std::string_view name) {
  return {.instance = instance, .name = std::string(name), .description = std::string(name)};
}

// Everybody: these devices have nothing to lose.
std::vector<bacnet::server::IpNetwork> everywhere() { return {{.host = {0, 0, 0, 0}, .prefix = 0}}; }

}  // namespace

BacnetDevice::BacnetDevice(io::Network& network, io::Random& random, std::string_view name,
                           std::string_view model, std::uint32_t instance)
    : network_(network, random, faults), device_(identity(name, model, instance)) {}

Result<io::Endpoint> BacnetDevice::listen(const io::Endpoint& at) {
  settings_.listen = at;
  settings_.allow = settings_.write = everywhere();
  settings_.announce = false;
  settings_.services.reporting = bacnet::server::ReportingSettings{};
  bacnet::server::Plant& self = *this;
  server_ = std::make_unique<bacnet::server::Server>(device_, self, settings_, network_);
  for (const Followed& each : followed_)
    if (each.alarm) server_->reporting()->enroll(*each.object, {});
  return server_->open();
}

io::Task<void> BacnetDevice::run() { co_await server_->run(); }

void BacnetDevice::stop() {
  if (server_) server_->close();
}

void BacnetDevice::command(const bacnet::server::Command& /*command*/, Done done) { done(std::nullopt); }

std::uint32_t BacnetDevice::next_instance(ObjectType type) { return ++instances_[type]; }

void BacnetDevice::follow(Object object, Reading reading, bool alarm) {
  followed_.push_back(
      {.object = device_.add(std::move(object)).value(), .reading = std::move(reading), .alarm = alarm});
}

void BacnetDevice::add_analog(std::string_view name, bacnet::server::UnitsCode units, float increment,
                              Reading reading) {
  constexpr auto type = ObjectType::analog_input;
  follow(analog_object(type, head(next_instance(type), name), {.units = units, .cov_increment = increment}),
         std::move(reading));
}

void BacnetDevice::add_alarm(std::string_view name, std::string_view active, Reading reading) {
  constexpr auto type = ObjectType::binary_input;
  follow(binary_object(type, head(next_instance(type), name),
                       {.inactive_text = "normal", .active_text = std::string(active)}),
         std::move(reading), true);
}

void BacnetDevice::add_states(std::string_view name, std::vector<std::string> states, Reading state) {
  constexpr auto type = ObjectType::multi_state_input;
  follow(multi_state_object(type, head(next_instance(type), name), {.states = std::move(states)}),
         std::move(state));
}

void BacnetDevice::add_energy(std::string_view name, bacnet::server::UnitsCode units, Reading reading) {
  follow(accumulator_object(head(next_instance(ObjectType::accumulator), name), {.units = units}),
         std::move(reading));
}

ObjectId BacnetDevice::add_analog_output(std::string_view name, const bacnet::server::AnalogTraits& traits) {
  constexpr auto type = ObjectType::analog_output;
  return device_.add(analog_object(type, head(next_instance(type), name), traits)).value()->id();
}

ObjectId BacnetDevice::add_binary_output(std::string_view name, bool normal) {
  constexpr auto type = ObjectType::binary_output;
  return device_
      .add(binary_object(type, head(next_instance(type), name),
                         {.inactive_text = "off", .active_text = "on", .relinquish_default = normal}))
      .value()
      ->id();
}

double BacnetDevice::commanded(ObjectId output) const {
  return bacnet::number(*device_.find(output)->value(PropertyId::present_value)).value_or(0);
}

void BacnetDevice::show() {
  for (const Followed& each : followed_) {
    const double value = each.reading();
    bacnet::Value shown = static_cast<float>(value);
    switch (each.object->id().type) {
      case ObjectType::binary_input: shown = Enumerated{value != 0 ? 1U : 0U}; break;
      case ObjectType::multi_state_input: shown = Unsigned{static_cast<std::uint64_t>(value)}; break;
      case ObjectType::accumulator: shown = Unsigned{static_cast<std::uint64_t>(value)}; break;
      default: break;
    }
    const bool is_new = each.object->set(PropertyId::present_value, shown);
    if (each.alarm)
      each.object->set_condition(
          {.event = value != 0 ? bacnet::EventState::offnormal : bacnet::EventState::normal});
    if (!server_) continue;
    if (each.alarm) server_->look(*each.object, each.object->name());
    if (is_new) server_->changed(*each.object);
  }
}

// ---- The devices; units are BACnetEngineeringUnits

namespace {

constexpr std::uint32_t amperes = 3;
constexpr std::uint32_t volts = 5;
constexpr std::uint32_t volt_amperes_reactive = 11;
constexpr std::uint32_t power_factor = 15;
constexpr std::uint32_t watt_hours = 18;
constexpr std::uint32_t hertz = 27;
constexpr std::uint32_t watts = 47;
constexpr std::uint32_t kilowatts = 48;
constexpr std::uint32_t degrees_celsius = 62;
constexpr std::uint32_t hours = 71;
constexpr std::uint32_t no_units = 95;
constexpr std::uint32_t percent = 98;

}  // namespace

AirHandler::AirHandler(io::Network& network, io::Random& random, HvacPhysics& hvac, std::uint32_t instance)
    : BacnetDevice(network, random, "AHU-1", "Simulated air handler", instance), hvac_(hvac) {
  const HvacState& state = hvac.state();
  const HvacCommands normal;
  add_analog("Supply Air Temperature", degrees_celsius, 0.1F, [&state] { return state.supply_c; });
  add_analog("Zone Temperature", degrees_celsius, 0.1F, [&state] { return state.zone_c; });
  add_analog("Outdoor Air Temperature", degrees_celsius, 0.1F, [&state] { return state.outdoor_c; });
  add_analog("Fan Power", watts, 5, [&state] { return state.fan_w; });
  add_analog("Fan Speed", percent, 1, [&state] { return state.fan_speed; });
  add_analog("Cooling Valve", percent, 1, [&state] { return state.valve; });
  add_analog("Run Hours", hours, 1, [&state] { return state.run_hours; });
  add_alarm("Filter Alarm", "dirty", [&state] { return state.filter_dirty ? 1 : 0; });
  add_states("Air Handler Mode", {"off", "ventilating", "cooling"}, [&state] {
    return state.fan_speed == 0 ? 1 : state.valve < 1 ? 2 : 3;
  });
  fan_ = add_binary_output("Fan Command", normal.fan_on);
  speed_ =
      add_analog_output("Fan Speed Command", {.units = percent,
                                              .minimum = 0,
                                              .maximum = 100,
                                              .cov_increment = 1,
                                              .relinquish_default = static_cast<float>(normal.fan_speed)});
  supply_ = add_analog_output("Supply Air Temperature Setpoint",
                              {.units = degrees_celsius,
                               .minimum = 10,
                               .maximum = 30,
                               .cov_increment = 0.1F,
                               .relinquish_default = static_cast<float>(normal.supply_air_c)});
}

void AirHandler::refresh() {
  hvac_.commands.fan_on = commanded(fan_) != 0;
  hvac_.commands.fan_speed = commanded(speed_);
  hvac_.commands.supply_air_c = commanded(supply_);
  show();
}

ChillerPlant::ChillerPlant(io::Network& network, io::Random& random, HvacPhysics& hvac,
                           std::uint32_t instance)
    : BacnetDevice(network, random, "CH-1", "Simulated chiller plant", instance), hvac_(hvac) {
  const HvacState& state = hvac.state();
  const HvacCommands normal;
  add_analog("Chilled Water Supply Temperature", degrees_celsius, 0.1F,
             [&state] { return state.chilled_supply_c; });
  add_analog("Chilled Water Return Temperature", degrees_celsius, 0.1F,
             [&state] { return state.chilled_return_c; });
  add_analog("Chiller Power", kilowatts, 0.01F, [&state] { return state.chiller_w / 1000; });
  add_analog("Pump Power", kilowatts, 0.01F, [&state] { return state.pump_w / 1000; });
  add_analog("Coefficient Of Performance", no_units, 0.1F, [&state] { return state.coefficient; });
  add_states("Chiller State", {"off", "idle", "running"}, [&state, &hvac] {
    return !hvac.commands.chiller_on ? 1 : state.chiller_w < 1 ? 2 : 3;
  });
  enable_ = add_binary_output("Chiller Enable", normal.chiller_on);
  water_ = add_analog_output("Chilled Water Temperature Setpoint",
                             {.units = degrees_celsius,
                              .minimum = 4,
                              .maximum = 15,
                              .cov_increment = 0.1F,
                              .relinquish_default = static_cast<float>(normal.chilled_water_c)});
}

void ChillerPlant::refresh() {
  hvac_.commands.chiller_on = commanded(enable_) != 0;
  hvac_.commands.chilled_water_c = commanded(water_);
  show();
}

BacnetMeter::BacnetMeter(io::Network& network, io::Random& random, const Branch& branch,
                         std::uint32_t instance)
    : BacnetDevice(network, random, "EM-1", "Simulated energy meter", instance) {
  add_analog("Building Power", kilowatts, 0.01F, [&branch] { return branch.total_power() / 1000; });
  add_analog("Building Reactive Power", volt_amperes_reactive, 10,
             [&branch] { return branch.total_reactive(); });
  add_analog("Building Power Factor", power_factor, 0.01F, [&branch] { return branch.power_factor(); });
  add_analog("Frequency", hertz, 0.01F, [&branch] { return branch.frequency; });
  constexpr std::array<std::string_view, 3> phases{"L1", "L2", "L3"};
  for (std::size_t phase = 0; phase < phases.size(); ++phase) {
    add_analog(fmt::format("Building {} Voltage", phases[phase]), volts, 0.5F,
               [&branch, phase] { return branch.voltage[phase]; });
    add_analog(fmt::format("Building {} Current", phases[phase]), amperes, 0.05F,
               [&branch, phase] { return branch.current[phase]; });
  }
  add_energy("Building Energy", watt_hours, [&branch] { return branch.energy.imported; });
}

}  // namespace iw::sim
