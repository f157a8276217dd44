// ABB B21, B23, B24: whole numbers in fine steps, energies u64.
#include "sim/meters.hpp"

namespace iw::sim {

namespace {

using enum modbus::ValueType;
using B = const Branch&;

constexpr double energy = 10;  // 0.01 kWh

constexpr Cell<Branch> cells[] = {
    {0x5000, u64, energy, [](B b) { return b.energy.imported; }},
    {0x5004, u64, energy, [](B b) { return b.energy.exported; }},
    {0x5460, u64, energy, [](B b) { return b.phase_energy[0].imported; }},
    {0x5464, u64, energy, [](B b) { return b.phase_energy[1].imported; }},
    {0x5468, u64, energy, [](B b) { return b.phase_energy[2].imported; }},
    {0x546C, u64, energy, [](B b) { return b.phase_energy[0].exported; }},
    {0x5470, u64, energy, [](B b) { return b.phase_energy[1].exported; }},
    {0x5474, u64, energy, [](B b) { return b.phase_energy[2].exported; }},
    {0x5B00, u32, 0.1, [](B b) { return b.voltage[0]; }},
    {0x5B02, u32, 0.1, [](B b) { return b.voltage[1]; }},
    {0x5B04, u32, 0.1, [](B b) { return b.voltage[2]; }},
    {0x5B06, u32, 0.1, [](B b) { return b.line_voltage(0); }},
    {0x5B08, u32, 0.1, [](B b) { return b.line_voltage(1); }},
    {0x5B0A, u32, 0.1, [](B b) { return b.line_voltage(2); }},
    {0x5B0C, u32, 0.01, [](B b) { return b.current[0]; }},
    {0x5B0E, u32, 0.01, [](B b) { return b.current[1]; }},
    {0x5B10, u32, 0.01, [](B b) { return b.current[2]; }},
    {0x5B14, i32, 0.01, [](B b) { return b.total_power(); }},
    {0x5B16, i32, 0.01, [](B b) { return b.power[0]; }},
    {0x5B18, i32, 0.01, [](B b) { return b.power[1]; }},
    {0x5B1A, i32, 0.01, [](B b) { return b.power[2]; }},
    {0x5B1C, i32, 0.01, [](B b) { return b.total_reactive(); }},
    {0x5B1E, i32, 0.01, [](B b) { return b.reactive[0]; }},
    {0x5B20, i32, 0.01, [](B b) { return b.reactive[1]; }},
    {0x5B22, i32, 0.01, [](B b) { return b.reactive[2]; }},
    {0x5B24, i32, 0.01, [](B b) { return b.total_apparent(); }},
    {0x5B26, i32, 0.01, [](B b) { return b.apparent(0); }},
    {0x5B28, i32, 0.01, [](B b) { return b.apparent(1); }},
    {0x5B2A, i32, 0.01, [](B b) { return b.apparent(2); }},
    {0x5B2C, u16, 0.01, [](B b) { return b.frequency; }},
    {0x5B3A, i16, 0.001, [](B b) { return b.power_factor(); }},
    {0x5B3B, i16, 0.001, [](B b) { return b.power_factor(0); }},
    {0x5B3C, i16, 0.001, [](B b) { return b.power_factor(1); }},
    {0x5B3D, i16, 0.001, [](B b) { return b.power_factor(2); }},
};

constexpr MeterModel::Space spaces[] = {{0x5000, 0x24}, {0x5460, 0x18}, {0x5B00, 0x44}};

}  // namespace

const MeterModel abb_b23{.maker = "ABB",
                         .model = "B23 112-100",
                         .table = Table::holding_registers,
                         .cells = cells,
                         .spaces = spaces};

}  // namespace iw::sim
