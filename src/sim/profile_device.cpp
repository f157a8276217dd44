#include "sim/profile_device.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace iw::sim {

namespace {

using modbus::RegisterPoint;
using model::Quantity;

constexpr Duration refresh_every = 100ms;
constexpr double swing_period_s = 300;
constexpr double cell_voltage = 3.3;

// What a middling device of a house shows: mean, and how far it swings; of accumulators: start, and growth a
// second.
struct Usual {
  Quantity quantity{};
  double mean = 0;
  double swing = 0;
};

constexpr Usual usual[] = {
    {Quantity::ActivePower, 3000, 1500},
    {Quantity::ReactivePower, 300, 150},
    {Quantity::ApparentPower, 3100, 1500},
    {Quantity::PowerFactor, 0.97, 0.02},
    {Quantity::VoltageLN, 230, 2},
    {Quantity::VoltageLL, 398, 3},
    {Quantity::Current, 4.5, 2},
    {Quantity::Frequency, 50, 0.02},
    {Quantity::VoltageAngle, 120, 1},
    {Quantity::EnergyImport, 5'400'000, 1},
    {Quantity::EnergyExport, 4'800'000, 1},
    {Quantity::EnergyIntervalImport, 400, 0},
    {Quantity::ReactiveEnergyImport, 900'000, 0.1},
    {Quantity::ReactiveEnergyExport, 120'000, 0.1},
    {Quantity::ReactiveEnergyQ1, 500'000, 0.1},
    {Quantity::ReactiveEnergyQ2, 100'000, 0.1},
    {Quantity::ReactiveEnergyQ3, 80'000, 0.1},
    {Quantity::ReactiveEnergyQ4, 60'000, 0.1},
    {Quantity::ApparentEnergyImport, 5'600'000, 1},
    {Quantity::ApparentEnergyExport, 4'900'000, 1},
    {Quantity::DemandMax, 7200, 0},
    {Quantity::DemandAvg, 2600, 200},
    {Quantity::ThdVoltage, 2.1, 0.3},
    {Quantity::ThdCurrent, 6.5, 1},
    {Quantity::DcVoltage, 420, 15},
    {Quantity::DcCurrent, 7, 3},
    {Quantity::DcPower, 2900, 1400},
    {Quantity::DcEnergy, 2'100'000, 0.8},
    {Quantity::StateOfCharge, 60, 20},
    {Quantity::StateOfHealth, 98, 0},
    {Quantity::StoredEnergy, 6'000, 2'000},
    {Quantity::RatedEnergy, 10'000, 0},
    {Quantity::MaxChargePower, 5'000, 0},
    {Quantity::MaxDischargePower, 5'000, 0},
    {Quantity::RatedPower, 8'000, 0},
    {Quantity::RatedApparentPower, 8'800, 0},
    {Quantity::ActivePowerLimit, 8'000, 0},
    {Quantity::AirTemperature, 18, 4},
    {Quantity::CabinetTemperature, 36, 5},
    {Quantity::Irradiance, 600, 300},
    {Quantity::WindSpeed, 3, 2},
    {Quantity::PulseCount, 1000, 1},
    {Quantity::ChargedAh, 25, 0.001},
    {Quantity::EnergyPrice, 0.0003, 0},
    {Quantity::CarbonIntensity, 300, 50},
};

const Usual* usual_of(Quantity quantity) {
  const auto* found = std::ranges::find(usual, quantity, &Usual::quantity);
  return found == std::end(usual) ? nullptr : found;
}

bool of_one_phase(model::Phase phase) {
  using enum model::Phase;
  return phase == A || phase == B || phase == C || phase == AN || phase == BN || phase == CN;
}

// Sums over the phases; voltages, factors and frequencies do not.
bool divides(Quantity q) {
  switch (q) {
    case Quantity::ActivePower:
    case Quantity::ReactivePower:
    case Quantity::ApparentPower:
    case Quantity::EnergyImport:
    case Quantity::EnergyExport: return true;
    default: return false;
  }
}

std::uint16_t end_of(const RegisterPoint& point) {
  return static_cast<std::uint16_t>(point.address + modbus::register_count(point));
}

bool is_text(const RegisterPoint& point) {
  return point.type == modbus::ValueType::string || point.type == modbus::ValueType::string_swapped;
}

}  // namespace

ProfileDevice::ProfileDevice(modbus::RegisterMap map, std::vector<RegisterPoint> identity_points)
    : map_(std::move(map)), identity_points_(std::move(identity_points)) {
  const auto& who = map_.identity;
  if (!who.manufacturer.empty()) {
    identity = basic_identity(who.manufacturer, who.model, who.version.empty() ? "1.0" : who.version);
  }
  faults.max_registers = map_.limits.max_registers;
  for (const RegisterPoint& point : map_.points)
    make_registers(point);
  for (const RegisterPoint& point : identity_points_)
    make_registers(point);
  choose_exponents();
  for (const RegisterPoint& point : map_.points)
    show(point, 0);
  for (const RegisterPoint& point : identity_points_) {
    if (!is_text(point)) {
      show(point, 0);
      continue;
    }
    const std::string& part = point.point.name.component;
    show_text(point, part == "manufacturer" && !who.manufacturer.empty() ? who.manufacturer
                     : part == "model" && !who.model.empty()             ? who.model
                     : part == "version"                                 ? "1.0"
                                                                         : "SIM0001");
  }
}

void ProfileDevice::make_registers(const RegisterPoint& point) {
  const Access access = point.point.writable ? Access::read_write : Access::read_only;
  bank.add(point.table, point.address, static_cast<std::size_t>(end_of(point) - point.address), access);
  if (point.scale_register) bank.add(point.table, point.scale_register->address, 1);
  const auto add_setting = [this](std::uint16_t address, std::size_t count) {
    bank.add(modbus::Table::holding_registers, address, count, Access::read_write);
  };
  if (const auto& timer = point.revert_timer) {
    add_setting(timer->address, modbus::register_count(timer->type));
    if (timer->value_address) add_setting(*timer->value_address, modbus::register_count(point));
  }
  if (point.heartbeat) add_setting(point.heartbeat->address, 1);
  for (const modbus::EnableRegister& enable : point.enables)
    add_setting(enable.address, 1);
}

// The finest scale in which all values of a scale register fit with room to spare.
void ProfileDevice::choose_exponents() {
  for (const RegisterPoint& point : map_.points) {
    if (!point.scale_register || exponents_.contains(point.scale_register->address)) continue;
    int& chosen = exponents_[point.scale_register->address];
    const auto fits = [&](const RegisterPoint& other) {
      if (!other.scale_register || *other.scale_register != *point.scale_register) return true;
      const Usual* u = usual_of(other.point.name.quantity);
      return u == nullptr || encode_value(other, 2 * u->mean, chosen).has_value();
    };
    for (chosen = -2; chosen < 6 && !std::ranges::all_of(map_.points, fits);)
      ++chosen;
    bank.at(point.table, point.scale_register->address) = static_cast<std::uint16_t>(chosen);
  }
}

std::optional<int> ProfileDevice::exponent(const RegisterPoint& point) const {
  if (!point.scale_register) return std::nullopt;
  return exponents_.at(point.scale_register->address);
}

void ProfileDevice::refresh(Instant now) {
  if (!start_) start_ = now;
  if (now - shown_ < refresh_every && now != *start_) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - *start_).count();
  for (const RegisterPoint& point : map_.points) {
    if (!point.point.writable) show(point, seconds);
  }
}

double ProfileDevice::plausible(const RegisterPoint& point, double seconds) {
  const model::Point& what = point.point;
  double value = 0;
  if (!what.texts.empty()) {
    value = static_cast<double>(what.texts.front().first);
  } else if (what.name.quantity == Quantity::DcVoltage && what.name.component.starts_with("cell")) {
    value = cell_voltage;
  } else if (const Usual* u = usual_of(what.name.quantity)) {
    const double angle = 2 * std::numbers::pi * seconds / swing_period_s;
    const bool grows = model::info(u->quantity).cim_class == model::CimClass::Accumulator;
    value = u->mean + u->swing * (grows ? seconds : std::sin(angle));
    if (divides(u->quantity) && of_one_phase(what.name.phase)) value /= 3;
    if (point.scale < 0) value = -value;
  }
  const double least = what.minimum.value_or(value);
  return std::clamp(value, least, std::max(least, what.maximum.value_or(value)));
}

void ProfileDevice::show(const RegisterPoint& point, double seconds) {
  if (is_text(point)) return show_text(point, "SIMULATED");
  const double value = plausible(point, seconds);
  if (is_partial(point)) {
    const auto mask = encode_mask(point, value);
    if (!mask) return;
    std::uint16_t& word = bank.at(point.table, mask->address);
    word = mask->applied_to(word);
    return;
  }
  const auto words = encode_value(point, value, exponent(point));
  if (words) store(point, *words);  // what the type can not hold stays 0
}

void ProfileDevice::show_text(const RegisterPoint& point, std::string_view text) {
  const std::size_t most = 2 * std::size_t{point.string_registers};
  const auto words = encode_text(point, text.substr(0, most));
  if (words) store(point, *words);
}

void ProfileDevice::store(const RegisterPoint& point, std::span<const std::uint16_t> words) {
  std::ranges::copy(words, bank.find(point.table, point.address, words.size()).begin());
}

}  // namespace iw::sim
