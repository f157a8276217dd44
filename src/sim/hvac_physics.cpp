#include "sim/hvac_physics.hpp"

#include <algorithm>
#include <cmath>

namespace iw::sim {
namespace {

constexpr double air_heat_w_per_k = 640;  // of the air that moves at full speed
constexpr double zone_heat_j_per_k = 2.4e6;
constexpr double envelope_w_per_k = 130;
constexpr double window_m2 = 5;
constexpr double people_w = 1'400;
constexpr double fan_rated_w = 900;
constexpr double pump_rated_w = 180;
constexpr double water_heat_w_per_k = 900;
constexpr double chiller_rated_w = 9'000;  // of cooling
constexpr double dirty_after_hours = 2'000;

// How far a first-order lag gets.
double lag(double seconds, double time_constant) { return 1 - std::exp(-seconds / time_constant); }

bool people_are_in(double hour) { return hour >= 7 && hour < 19; }

}  // namespace

void HvacPhysics::step(double outdoor_c, double irradiance, double hour, double site_seconds) {
  state_.outdoor_c = outdoor_c;
  step_air(site_seconds);
  step_plant(site_seconds);
  step_zone(irradiance, hour, site_seconds);
}

// The valve lets the coil bring the air to its set-point, as cold as the water allows.
void HvacPhysics::step_air(double seconds) {
  const double wanted = commands.fan_on ? std::clamp(commands.fan_speed, 0.0, 100.0) : 0;
  state_.fan_speed += (wanted - state_.fan_speed) * lag(seconds, 8);
  if (state_.fan_speed < 0.1) state_.fan_speed = 0;
  const double speed = state_.fan_speed / 100;
  state_.fan_w = fan_rated_w * speed * speed * speed;
  const double mixed = 0.7 * state_.zone_c + 0.3 * state_.outdoor_c;
  const double coldest = std::min(mixed, state_.chilled_supply_c + 4);
  const double target =
      speed > 0 ? std::clamp(commands.supply_air_c, coldest, std::max(mixed, coldest)) : mixed;
  state_.supply_c += (target - state_.supply_c) * lag(seconds, 60);
  const double air = air_heat_w_per_k * speed;
  state_.cooling_w = std::clamp(air * (mixed - state_.supply_c), 0.0, chiller_rated_w);
  const double possible = air * (mixed - coldest);
  state_.valve = possible > 1 ? std::clamp(100 * state_.cooling_w / possible, 0.0, 100.0) : 0;
  state_.run_hours += speed > 0 ? seconds / 3600 : 0;
  state_.filter_dirty = state_.run_hours > dirty_after_hours;
}

void HvacPhysics::step_plant(double seconds) {
  const bool on = commands.chiller_on;
  // Without the chiller the water warms up with what it takes from the air.
  const double target = on ? commands.chilled_water_c : std::min(state_.zone_c, state_.outdoor_c + 5);
  state_.chilled_supply_c += (target - state_.chilled_supply_c) * lag(seconds, on ? 120 : 900);
  state_.chilled_return_c = state_.chilled_supply_c + state_.cooling_w / water_heat_w_per_k;
  state_.pump_w = on ? pump_rated_w : 0;
  // Better the nearer the water is to the air outside.
  const double lift = std::max(8.0, state_.outdoor_c + 10 - state_.chilled_supply_c);
  state_.coefficient = on ? std::clamp(90 / lift, 2.0, 7.0) : 0;
  const double wanted = on ? state_.cooling_w / state_.coefficient : 0;
  state_.chiller_w += (wanted - state_.chiller_w) * lag(seconds, 30);
  if (state_.chiller_w < 0.5) state_.chiller_w = 0;
}

void HvacPhysics::step_zone(double irradiance, double hour, double seconds) {
  const double speed = state_.fan_speed / 100;
  const double gains = window_m2 * irradiance + (people_are_in(hour) ? people_w : 150);
  const double conductance = envelope_w_per_k + air_heat_w_per_k * speed;
  // Where the zone would settle, and how fast it goes there: right for steps of any length.
  const double settled =
      (gains + envelope_w_per_k * state_.outdoor_c + air_heat_w_per_k * speed * state_.supply_c) /
      conductance;
  state_.zone_c += (settled - state_.zone_c) * lag(seconds, zone_heat_j_per_k / conductance);
}

}  // namespace iw::sim
