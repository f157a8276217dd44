#include "sim/site_physics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace iw::sim {

namespace {

constexpr double pi = std::numbers::pi;
constexpr double nominal_voltage = 230;
constexpr double nominal_frequency = 50;

// Share of the peak at each full hour, linear between.
constexpr std::array<double, 24> household{.10, .08, .07, .07, .07, .09, .18, .32, .30, .22, .20, .22,
                                           .30, .26, .20, .19, .22, .34, .52, .58, .50, .40, .26, .15};
constexpr std::array<double, 24> commercial{.18, .17, .17, .17, .18, .22, .35, .58, .80, .90, .94, .95,
                                            .88, .92, .95, .93, .86, .70, .48, .34, .28, .24, .21, .19};

// A house is not balanced over its phases.
constexpr Phases load_share{.42, .33, .25};
constexpr double heat_pump_share = 0.3;
constexpr double load_tan_phi = 0.25;  // power factor about 0.97, lagging
constexpr double inverter_tan_phi = 0.01;
constexpr double cabinet_s = 600;  // what a cabinet takes to get warm

double seconds_of(Duration d) { return std::chrono::duration<double>(d).count(); }

double at_hour(const std::array<double, 24>& profile, double hour) {
  const auto from = static_cast<std::size_t>(hour) % 24;
  const double part = hour - std::floor(hour);
  return profile[from] * (1 - part) + profile[(from + 1) % 24] * part;
}

// How far a first-order lag gets in `seconds`.
double lag(double seconds, double time_constant_s) { return 1 - std::exp(-seconds / time_constant_s); }

void set_balanced(Branch& branch, double power) {
  branch.power.fill(power / 3);
  branch.reactive.fill(power / 3 * inverter_tan_phi);
}

}  // namespace

double Branch::apparent(std::size_t phase) const { return std::hypot(power[phase], reactive[phase]); }

double Branch::total_apparent() const { return apparent(0) + apparent(1) + apparent(2); }

double Branch::power_factor() const {
  const double s = total_apparent();
  return s > 0 ? std::abs(total_power()) / s : 1;
}

double Branch::power_factor(std::size_t phase) const {
  const double s = apparent(phase);
  return s > 0 ? std::abs(power[phase]) / s : 1;
}

double Branch::line_voltage(std::size_t phase) const {
  const double a = voltage[phase];
  const double b = voltage[(phase + 1) % 3];
  return std::sqrt(a * a + b * b + a * b);  // 120 degrees apart
}

double Branch::mean_line_voltage() const { return (line_voltage(0) + line_voltage(1) + line_voltage(2)) / 3; }

SitePhysics::SitePhysics(SiteSettings settings, std::uint64_t seed)
    : settings_(std::move(settings)),
      random_(seed),
      rate_(seconds_of(24h) / seconds_of(settings_.day_length)),
      charge_limit_w_(settings_.battery.max_charge_w),
      discharge_limit_w_(settings_.battery.max_discharge_w) {
  // A site that has been running for a while: registers that agree with each other.
  state_.load.energy.imported = 14'200'000;
  state_.heat_pump.energy.imported = 3'900'000;
  state_.building.energy.imported = 1'100'000;
  double produced = 0;
  for (const PvSettings& pv : settings_.pv) {
    PvState& s = state_.pv.emplace_back();
    s.rated_w = s.limit_w = pv.rated_w;
    s.ac.energy.exported = 900 * pv.peak_w;
    produced += s.ac.energy.exported;
    for (PvString& string : s.strings)
      string.energy = s.ac.energy.exported / 1.95;
  }
  state_.battery.capacity_wh = settings_.battery.capacity_wh;
  state_.battery.rated_charge_w = settings_.battery.max_charge_w;
  state_.battery.rated_discharge_w = settings_.battery.max_discharge_w;
  state_.battery.min_soc = settings_.battery.min_soc;
  state_.battery.soc = settings_.battery.initial_soc;
  state_.battery.ac.energy = {.imported = 2'600'000, .exported = 2'300'000};
  const double net = state_.load.energy.imported - produced + state_.battery.ac.energy.net();
  state_.grid.energy = {.imported = 4'800'000 + std::max(net, 0.0),
                        .exported = 4'800'000 + std::max(-net, 0.0)};
  for (std::size_t phase = 0; phase < 3; ++phase) {
    for (Branch* b : {&state_.grid, &state_.load, &state_.heat_pump, &state_.building, &state_.battery.ac}) {
      b->phase_energy[phase] = {.imported = b->energy.imported / 3, .exported = b->energy.exported / 3};
    }
    for (PvState& pv : state_.pv)
      pv.ac.phase_energy[phase].exported = pv.ac.energy.exported / 3;
  }
  clearness_target_ = clearness_ = 0.9;
}

void SitePhysics::limit_pv(std::size_t inverter, double watts) {
  PvState& pv = state_.pv.at(inverter);
  pv.limit_w = std::clamp(watts, 0.0, pv.rated_w);
}

void SitePhysics::connect_pv(std::size_t inverter, bool connected) {
  state_.pv.at(inverter).connected = connected;
}

void SitePhysics::command_battery(std::optional<double> watts) { state_.battery.setpoint = watts; }

void SitePhysics::limit_battery(double max_charge_w, double max_discharge_w) {
  charge_limit_w_ = std::clamp(max_charge_w, 0.0, settings_.battery.max_charge_w);
  discharge_limit_w_ = std::clamp(max_discharge_w, 0.0, settings_.battery.max_discharge_w);
}

void SitePhysics::step(WallTime now, Duration dt) {
  const double seconds = seconds_of(dt);
  const double site_seconds = seconds * rate_;
  const double site_hours = site_seconds / 3600;

  advance_time(now, site_seconds);
  step_sky(site_seconds);
  for (std::size_t phase = 0; phase < 3; ++phase)
    wander(voltage_noise_[phase], seconds, 20);
  wander(frequency_noise_, seconds, 10);
  step_load(site_seconds);
  for (std::size_t i = 0; i < state_.pv.size(); ++i)
    step_pv(i, seconds, site_hours);
  step_battery(seconds, site_hours);
  step_grid(site_hours);
  measure(state_.load, site_hours);
  measure(state_.heat_pump, site_hours);
  measure(state_.building, site_hours);
  for (PvState& pv : state_.pv)
    measure(pv.ac, site_hours);
  measure(state_.battery.ac, site_hours);
  ++state_.steps;
}

void SitePhysics::advance_time(WallTime now, double site_seconds) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const double clock_hours = seconds_of(now.time_since_epoch()) / 3600;
  // Site time is clock time stretched about the first step.
  if (!offset_hours_) {
    const double first =
        settings_.start_at ? seconds_of(*settings_.start_at) / 3600 : seconds_of(now - day) / 3600;
    offset_hours_ = first - clock_hours * rate_;
  }
  const double before = state_.hour;
  state_.hour = std::fmod(clock_hours * rate_ + *offset_hours_, 24);
  if (state_.hour < 0) state_.hour += 24;
  if (state_.hour < before && site_seconds > 0) {
    for (PvState& pv : state_.pv)
      pv.today_wh = 0;
  }
  const std::chrono::year_month_day date{day};
  const auto new_year = std::chrono::sys_days{date.year() / 1 / 1};
  day_of_year_ = settings_.day_of_year.value_or(static_cast<int>((day - new_year).count()) + 1);
}

// W/m2 on a plane that follows nothing, without clouds, from the height of the sun.
double SitePhysics::clear_sky(double hour) const {
  const double declination = -23.44 * pi / 180 * std::cos(2 * pi * (day_of_year_ + 10) / 365.0);
  const double latitude = settings_.latitude_deg * pi / 180;
  const double height = std::sin(latitude) * std::sin(declination) +
                        std::cos(latitude) * std::cos(declination) * std::cos((hour - 12) * pi / 12);
  return height <= 0 ? 0 : 1100 * std::pow(height, 1.15);
}

// Clouds pass: each lasts some minutes and lets through a part of the light; its edge takes about a minute.
void SitePhysics::step_sky(double site_seconds) {
  cloud_left_s_ -= site_seconds;
  if (cloud_left_s_ <= 0) {
    const bool cloud = clearness_target_ > 0.85 && random_.unit() < 0.6;
    clearness_target_ = cloud ? 0.25 + 0.55 * random_.unit() : 0.9 + 0.1 * random_.unit();
    cloud_left_s_ = cloud ? 120 + 900 * random_.unit() : 300 + 2400 * random_.unit();
  }
  clearness_ += (clearness_target_ - clearness_) * lag(site_seconds, 60);
  state_.irradiance = clear_sky(state_.hour) * clearness_;
  // Warmest in the middle of the afternoon.
  state_.air_temperature = 16 + 7 * std::cos((state_.hour - 15) * pi / 12);
}

void SitePhysics::step_load(double site_seconds) {
  wander(load_noise_, site_seconds, 180);
  const auto& profile = settings_.load == LoadKind::household ? household : commercial;
  const double base =
      settings_.load_peak_w * at_hour(profile, state_.hour) * std::max(0.5, 1 + 0.1 * load_noise_.value);
  for (std::size_t phase = 0; phase < 3; ++phase) {
    // Kettles, ovens, machines: on one phase, for some minutes.
    appliance_left_s_[phase] -= site_seconds;
    if (appliance_left_s_[phase] <= 0) {
      const bool on = appliance_w_[phase] == 0 && random_.unit() < 0.5;
      appliance_w_[phase] = on ? settings_.load_peak_w * (0.1 + 0.2 * random_.unit()) : 0;
      appliance_left_s_[phase] = on ? 120 + 900 * random_.unit() : 600 + 5400 * random_.unit();
    }
    const double heat_pump = heat_pump_share * base / 3;
    state_.heat_pump.power[phase] = heat_pump;
    state_.heat_pump.reactive[phase] = heat_pump * load_tan_phi;
    const double building = building_w_ / 3;
    state_.building.power[phase] = building;
    state_.building.reactive[phase] = building * load_tan_phi;
    const double power =
        heat_pump + building + (1 - heat_pump_share) * base * load_share[phase] + appliance_w_[phase];
    state_.load.power[phase] = power;
    state_.load.reactive[phase] = power * load_tan_phi;
  }
}

void SitePhysics::step_pv(std::size_t index, double seconds, double site_hours) {
  PvState& pv = state_.pv[index];
  const double peak = settings_.pv[index].peak_w;

  // One string looks a little to the east, one to the west; warm modules give less.
  constexpr Phases::value_type tilt_hours = 1.2;
  const Phases::value_type heat = 1 - 0.0035 * (state_.air_temperature + state_.irradiance * 0.028 - 25);
  std::array<double, 2> sun{};
  for (std::size_t s = 0; s < 2; ++s) {
    const double shifted = state_.hour + (s == 0 ? tilt_hours : -tilt_hours);
    sun[s] = std::max(0.0, peak / 2 * clear_sky(shifted) * clearness_ / 1000 * heat);
  }
  const double dc_available = sun[0] + sun[1];

  const double load_part = std::min(1.0, dc_available / pv.rated_w);
  const double efficiency = 0.98 - 0.004 / std::max(load_part, 0.05);
  const bool awake = dc_available > 0.01 * pv.rated_w;
  pv.available_w = awake ? std::min(dc_available * efficiency, pv.rated_w) : 0;

  const double target = pv.connected ? std::min(pv.available_w, pv.limit_w) : 0;
  const double before = -pv.ac.total_power();
  // Never more than the sun gives, whatever the ramp.
  const double power = std::min(before + (target - before) * lag(seconds, 0.8), pv.available_w);
  set_balanced(pv.ac, -power);

  const double dc = power / efficiency;
  for (std::size_t s = 0; s < 2; ++s) {
    PvString& string = pv.strings[s];
    string.power = dc_available > 0 ? dc * sun[s] / dc_available : 0;
    // Throttled, the tracker goes up towards the open-circuit voltage.
    const double used = dc_available > 0 ? std::min(1.0, dc / dc_available) : 0;
    string.voltage = sun[s] > 0 ? 720 - 110 * used - 0.4 * state_.air_temperature : 0;
    string.current = string.voltage > 0 ? string.power / string.voltage : 0;
    string.energy += string.power * site_hours;
  }
  pv.today_wh += power * site_hours;
  const double warmth = state_.air_temperature + 8 + 25 * power / pv.rated_w;
  pv.temperature += (warmth - pv.temperature) * lag(seconds, cabinet_s);
  pv.status = !pv.connected                        ? PvStatus::off
              : !awake                             ? PvStatus::sleeping
              : pv.limit_w < pv.available_w - 1e-6 ? PvStatus::throttled
                                                   : PvStatus::running;
}

void SitePhysics::step_battery(double seconds, double site_hours) {
  const BatterySettings& s = settings_.battery;
  BatteryState& b = state_.battery;
  const double stored = b.soc / 100 * s.capacity_wh;
  const double floor = s.min_soc / 100 * s.capacity_wh;

  // Cells take less above 90 % and give less near the floor; and never more than is there for this step.
  const double charge_taper = std::clamp((100 - b.soc) / 10, 0.0, 1.0);
  const double discharge_taper = std::clamp((b.soc - s.min_soc) / 5, 0.0, 1.0);
  b.can_charge_w = std::min(charge_limit_w_, s.max_charge_w * charge_taper);
  b.can_discharge_w = std::min(discharge_limit_w_, s.max_discharge_w * discharge_taper);

  double surplus = -state_.load.total_power();
  for (const PvState& pv : state_.pv)
    surplus -= pv.ac.total_power();
  const double target = std::clamp(b.setpoint.value_or(surplus), -b.can_discharge_w, b.can_charge_w);
  const double before = b.ac.total_power();
  double power = before + (target - before) * lag(seconds, 0.5);
  power = std::clamp(power, -b.can_discharge_w, b.can_charge_w);
  if (site_hours > 0) {
    const double room = (s.capacity_wh - stored) / s.one_way_efficiency / site_hours;
    const double there = std::max(0.0, stored - floor) * s.one_way_efficiency / site_hours;
    power = std::clamp(power, -there, room);
  }
  set_balanced(b.ac, power);

  b.dc_power = power > 0 ? power * s.one_way_efficiency : power / s.one_way_efficiency;
  b.soc = std::clamp((stored + b.dc_power * site_hours) / s.capacity_wh * 100, 0.0, 100.0);
  b.dc_voltage = 380 + 0.5 * b.soc + 10 * b.dc_power / std::max(1.0, s.max_charge_w);
  b.dc_current = b.dc_power / b.dc_voltage;
  const double warmth =
      state_.air_temperature * 0.3 + 16 + 6 * std::abs(power) / std::max(1.0, s.max_charge_w);
  b.temperature += (warmth - b.temperature) * lag(seconds, cabinet_s);
  b.status = b.soc >= 99.9              ? BatteryStatus::full
             : b.soc <= s.min_soc + 0.1 ? BatteryStatus::empty
             : power > 20               ? BatteryStatus::charging
             : power < -20              ? BatteryStatus::discharging
                                        : BatteryStatus::idle;
}

void SitePhysics::step_grid(double site_hours) {
  Branch& grid = state_.grid;
  for (std::size_t phase = 0; phase < 3; ++phase) {
    grid.power[phase] = state_.load.power[phase] + state_.battery.ac.power[phase];
    grid.reactive[phase] = state_.load.reactive[phase] + state_.battery.ac.reactive[phase];
    for (const PvState& pv : state_.pv) {
      grid.power[phase] += pv.ac.power[phase];
      grid.reactive[phase] += pv.ac.reactive[phase];
    }
    // What is bought lowers the voltage of its phase, what is sold raises it.
    grid.voltage[phase] = nominal_voltage + 0.6 * voltage_noise_[phase].value - grid.power[phase] * 0.0006;
  }
  grid.frequency = nominal_frequency + 0.012 * frequency_noise_.value;
  measure(grid, site_hours);
}

void SitePhysics::measure(Branch& branch, double site_hours) const {
  branch.voltage = state_.grid.voltage;
  branch.frequency = state_.grid.frequency;
  for (std::size_t phase = 0; phase < 3; ++phase) {
    branch.current[phase] = branch.apparent(phase) / branch.voltage[phase];
    branch.phase_energy[phase].add(branch.power[phase], site_hours);
  }
  branch.energy.add(branch.total_power(), site_hours);
  branch.reactive_energy.add(branch.total_reactive(), site_hours);
}

double SitePhysics::gauss() {
  // Four uniform values: variance 1/3.
  const double sum = random_.unit() + random_.unit() + random_.unit() + random_.unit();
  return (sum - 2) * std::numbers::sqrt3;
}

void SitePhysics::wander(Wander& w, double seconds, double memory_s) {
  const double keep = std::exp(-seconds / memory_s);
  w.value = w.value * keep + std::sqrt(1 - keep * keep) * gauss();
}

}  // namespace iw::sim
