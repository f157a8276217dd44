// HvacPhysics: one zone of a building, the air handler that cools it, and the chiller plant behind that.
// Pure: outdoor air and time come in with step(). Degree Celsius, watts, percent.
//
// The zone gains heat from outside, sun and people, and loses it to the supply air; what the coil takes from
// the air the chilled water brings to the chiller, which draws electricity for it.
#pragma once

namespace iw::sim {

// What the controllers of the plant are told.
struct HvacCommands {
  bool fan_on = true;
  double fan_speed = 70;     // percent
  double supply_air_c = 16;  // set-point
  bool chiller_on = true;
  double chilled_water_c = 7;  // set-point

  friend bool operator==(const HvacCommands&, const HvacCommands&) = default;
};

struct HvacState {
  double outdoor_c = 15;
  double zone_c = 23;
  double supply_c = 18;
  double valve = 0;  // of the cooling coil, percent
  double fan_speed = 0;
  double fan_w = 0;
  double chilled_supply_c = 9;
  double chilled_return_c = 12;
  double cooling_w = 0;  // heat that the coil takes
  double chiller_w = 0;  // electricity
  double pump_w = 0;
  double coefficient = 0;  // of performance; 0 while it is off
  double run_hours = 1'840;
  bool filter_dirty = false;

  [[nodiscard]] double air_handler_w() const { return fan_w; }
  [[nodiscard]] double plant_w() const { return chiller_w + pump_w; }
};

class HvacPhysics {
 public:
  HvacCommands commands;

  // The plant after so many seconds of the site's time.
  void step(double outdoor_c, double irradiance, double hour, double site_seconds);
  [[nodiscard]] const HvacState& state() const { return state_; }

 private:
  void step_air(double seconds);
  void step_plant(double seconds);
  void step_zone(double irradiance, double hour, double seconds);

  HvacState state_;
};

}  // namespace iw::sim
