// Schneider iEM3000 and PM5xxx: f32 in kW, kvar, kVA, energies i64 in Wh. The addresses are those of the PDU,
// one less than what the maker prints.
#include <cmath>

#include "sim/meters.hpp"

namespace iw::sim {

namespace {

using enum modbus::ValueType;
using B = const Branch&;

constexpr double kilo = 1000;

// One number for four quadrants: its sign is that of the power; leading, it is beyond 1.
double four_quadrant_power_factor(B b) {
  const double pf = b.power_factor();
  const double p = b.total_power();
  const bool lagging = p * b.total_reactive() >= 0;
  return std::copysign(lagging ? pf : 2 - pf, p);
}

constexpr Cell<Branch> cells[] = {
    {2999, f32, 1, [](B b) { return b.current[0]; }},
    {3001, f32, 1, [](B b) { return b.current[1]; }},
    {3003, f32, 1, [](B b) { return b.current[2]; }},
    {3009, f32, 1, [](B b) { return b.total_current() / 3; }},
    {3019, f32, 1, [](B b) { return b.line_voltage(0); }},
    {3021, f32, 1, [](B b) { return b.line_voltage(1); }},
    {3023, f32, 1, [](B b) { return b.line_voltage(2); }},
    {3025, f32, 1, [](B b) { return b.mean_line_voltage(); }},
    {3027, f32, 1, [](B b) { return b.voltage[0]; }},
    {3029, f32, 1, [](B b) { return b.voltage[1]; }},
    {3031, f32, 1, [](B b) { return b.voltage[2]; }},
    {3035, f32, 1, [](B b) { return b.mean_voltage(); }},
    {3053, f32, kilo, [](B b) { return b.power[0]; }},
    {3055, f32, kilo, [](B b) { return b.power[1]; }},
    {3057, f32, kilo, [](B b) { return b.power[2]; }},
    {3059, f32, kilo, [](B b) { return b.total_power(); }},
    {3067, f32, kilo, [](B b) { return b.total_reactive(); }},
    {3075, f32, kilo, [](B b) { return b.total_apparent(); }},
    {3083, f32, 1, four_quadrant_power_factor},
    {3109, f32, 1, [](B b) { return b.frequency; }},
    {3203, i64, 1, [](B b) { return b.energy.imported; }},
    {3207, i64, 1, [](B b) { return b.energy.exported; }},
    {3219, i64, 1, [](B b) { return b.reactive_energy.imported; }},
    {3223, i64, 1, [](B b) { return b.reactive_energy.exported; }},
};

constexpr MeterModel::Space spaces[] = {{2999, 3111 - 2999}, {3203, 3227 - 3203}};

}  // namespace

const MeterModel schneider_iem3000{.maker = "Schneider Electric",
                                   .model = "iEM3255",
                                   .table = Table::holding_registers,
                                   .cells = cells,
                                   .spaces = spaces};

}  // namespace iw::sim
