// SitePhysics: one consistent site: sun, clouds, load, PV inverters, a battery and the grid connection.
//
// Signs: + is into the equipment. So a load is positive, PV negative, a charging battery positive, and at
// every instant and on every phase grid = load + battery + PV, exactly. Units are SI without prefix, Wh,
// degree Celsius, percent. Pure: time comes in with step(), chance from the seed; the same seed and steps
// give the same site, bit for bit.
//
// Site time may run faster than the clock (day_length): then sun, load, energies and state of charge follow
// site time, while inverters and battery still answer a command within seconds of the clock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "sim/seeded_random.hpp"

namespace iw::sim {

struct PvSettings {
  double peak_w = 10'000;  // of the modules
  double rated_w = 8'000;  // of the inverter, AC
};

struct BatterySettings {
  double capacity_wh = 20'000;
  double max_charge_w = 8'000;
  double max_discharge_w = 8'000;
  double one_way_efficiency = 0.96;
  double initial_soc = 55;
  double min_soc = 5;
};

enum class LoadKind : std::uint8_t { household, commercial };

struct SiteSettings {
  double latitude_deg = 48;
  std::optional<int> day_of_year = {};    // none: by the calendar
  Duration day_length = 24h;              // how long a day of the site takes on the clock
  std::optional<Duration> start_at = {};  // time of day at the first step; none: the clock's, UTC
  LoadKind load = LoadKind::household;
  double load_peak_w = 6'000;
  std::vector<PvSettings> pv = {{}, {.peak_w = 6'000, .rated_w = 5'000}};
  BatterySettings battery = {};
};

using Phases = std::array<double, 3>;

// Two registers that only grow.
struct EnergyRegisters {
  double imported = 0;
  double exported = 0;

  void add(double power, double hours) {
    (power > 0 ? imported : exported) += (power > 0 ? power : -power) * hours;
  }
  [[nodiscard]] double net() const { return imported - exported; }
};

// A three-phase connection as a meter sees it.
struct Branch {
  Phases voltage{};  // L-N
  Phases current{};  // magnitude
  Phases power{};
  Phases reactive{};
  double frequency = 0;
  EnergyRegisters energy;
  std::array<EnergyRegisters, 3> phase_energy;
  EnergyRegisters reactive_energy;

  [[nodiscard]] double total_power() const { return power[0] + power[1] + power[2]; }
  [[nodiscard]] double total_reactive() const { return reactive[0] + reactive[1] + reactive[2]; }
  [[nodiscard]] double total_current() const { return current[0] + current[1] + current[2]; }
  [[nodiscard]] double apparent(std::size_t phase) const;
  [[nodiscard]] double total_apparent() const;
  [[nodiscard]] double power_factor() const;  // |P| / S, 1 at no load
  [[nodiscard]] double power_factor(std::size_t phase) const;
  [[nodiscard]] double line_voltage(std::size_t phase) const;  // L1-L2, L2-L3, L3-L1
  [[nodiscard]] double mean_voltage() const { return (voltage[0] + voltage[1] + voltage[2]) / 3; }
  [[nodiscard]] double mean_line_voltage() const;
};

enum class PvStatus : std::uint8_t { off, sleeping, running, throttled };

struct PvString {
  double voltage = 0;
  double current = 0;
  double power = 0;  // produced, not negative
  double energy = 0;
};

struct PvState {
  Branch ac;  // power <= 0
  std::array<PvString, 2> strings;
  double rated_w = 0;
  double limit_w = 0;      // the most it may generate; rated_w when not limited
  double available_w = 0;  // what the sun would give
  bool connected = true;
  double temperature = 20;  // of the cabinet
  double today_wh = 0;
  PvStatus status = PvStatus::sleeping;

  [[nodiscard]] double dc_power() const { return strings[0].power + strings[1].power; }
  [[nodiscard]] double dc_energy() const { return strings[0].energy + strings[1].energy; }
};

enum class BatteryStatus : std::uint8_t { idle, charging, discharging, empty, full };

struct BatteryState {
  Branch ac;
  double capacity_wh = 0;
  double rated_charge_w = 0;
  double rated_discharge_w = 0;
  double min_soc = 0;
  double soc = 0;  // percent
  double dc_voltage = 0;
  double dc_current = 0;  // + charges
  double dc_power = 0;    // + charges
  double temperature = 20;
  double can_charge_w = 0;  // now: rating, limit and taper
  double can_discharge_w = 0;
  std::optional<double> setpoint;  // of the AC side; none: self-consumption
  BatteryStatus status = BatteryStatus::idle;
};

struct SiteState {
  Branch grid;  // + is bought
  Branch load;
  Branch heat_pump;  // part of the load
  Branch building;   // likewise: what building_draws() said
  std::vector<PvState> pv;
  BatteryState battery;
  double irradiance = 0;  // W/m2
  double air_temperature = 15;
  double hour = 0;  // of the site's day, 0..24
  std::uint64_t steps = 0;
};

class SitePhysics {
 public:
  SitePhysics(SiteSettings settings, std::uint64_t seed);

  // The site after dt more of the clock. `now` is its end.
  void step(WallTime now, Duration dt);
  [[nodiscard]] const SiteState& state() const { return state_; }

  // Commands, as the devices of the site understand them. They take effect with the next steps.
  void limit_pv(std::size_t inverter, double watts);
  void connect_pv(std::size_t inverter, bool connected);
  void command_battery(std::optional<double> watts);  // none: back to self-consumption
  void limit_battery(double max_charge_w, double max_discharge_w);
  // What air handling and chillers draw (hvac_physics.hpp), on top of the other loads.
  void building_draws(double watts) { building_w_ = watts; }

 private:
  // A wandering value: mean 0, standard deviation 1, forgets in about `memory`.
  struct Wander {
    double value = 0;
  };
  void wander(Wander& w, double seconds, double memory_s);
  double gauss();

  void advance_time(WallTime now, double site_seconds);
  void step_sky(double site_seconds);
  void step_load(double site_seconds);
  void step_pv(std::size_t index, double seconds, double site_hours);
  void step_battery(double seconds, double site_hours);
  void step_grid(double site_hours);
  void measure(Branch& branch, double site_hours) const;
  [[nodiscard]] double clear_sky(double hour) const;

  SiteSettings settings_;
  SeededRandom random_;
  SiteState state_;
  double rate_;  // site seconds for each second of the clock
  std::optional<double> offset_hours_;
  int day_of_year_ = 1;
  double clearness_ = 1;
  double clearness_target_ = 1;
  double cloud_left_s_ = 0;
  Wander load_noise_;
  Wander frequency_noise_;
  std::array<Wander, 3> voltage_noise_;
  Phases appliance_w_{};
  Phases appliance_left_s_{};
  double building_w_ = 0;
  double charge_limit_w_;
  double discharge_limit_w_;
};

}  // namespace iw::sim
