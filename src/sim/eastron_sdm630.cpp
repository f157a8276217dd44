// Eastron SDM630: everything f32 in input registers, at most 40 values a request; energies in kWh.
#include "sim/meters.hpp"

namespace iw::sim {

namespace {

using enum modbus::ValueType;
using B = const Branch&;

constexpr double kilo = 1000;

constexpr Cell<Branch> cells[] = {
    {0x0000, f32, 1, [](B b) { return b.voltage[0]; }},
    {0x0002, f32, 1, [](B b) { return b.voltage[1]; }},
    {0x0004, f32, 1, [](B b) { return b.voltage[2]; }},
    {0x0006, f32, 1, [](B b) { return b.current[0]; }},
    {0x0008, f32, 1, [](B b) { return b.current[1]; }},
    {0x000A, f32, 1, [](B b) { return b.current[2]; }},
    {0x000C, f32, 1, [](B b) { return b.power[0]; }},
    {0x000E, f32, 1, [](B b) { return b.power[1]; }},
    {0x0010, f32, 1, [](B b) { return b.power[2]; }},
    {0x0012, f32, 1, [](B b) { return b.apparent(0); }},
    {0x0014, f32, 1, [](B b) { return b.apparent(1); }},
    {0x0016, f32, 1, [](B b) { return b.apparent(2); }},
    {0x0018, f32, 1, [](B b) { return b.reactive[0]; }},
    {0x001A, f32, 1, [](B b) { return b.reactive[1]; }},
    {0x001C, f32, 1, [](B b) { return b.reactive[2]; }},
    {0x001E, f32, 1, [](B b) { return b.power_factor(0); }},
    {0x0020, f32, 1, [](B b) { return b.power_factor(1); }},
    {0x0022, f32, 1, [](B b) { return b.power_factor(2); }},
    {0x002A, f32, 1, [](B b) { return b.mean_voltage(); }},
    {0x002E, f32, 1, [](B b) { return b.total_current() / 3; }},
    {0x0030, f32, 1, [](B b) { return b.total_current(); }},
    {0x0034, f32, 1, [](B b) { return b.total_power(); }},
    {0x0038, f32, 1, [](B b) { return b.total_apparent(); }},
    {0x003C, f32, 1, [](B b) { return b.total_reactive(); }},
    {0x003E, f32, 1, [](B b) { return b.power_factor(); }},
    {0x0046, f32, 1, [](B b) { return b.frequency; }},
    {0x0048, f32, kilo, [](B b) { return b.energy.imported; }},
    {0x004A, f32, kilo, [](B b) { return b.energy.exported; }},
    {0x004C, f32, kilo, [](B b) { return b.reactive_energy.imported; }},
    {0x004E, f32, kilo, [](B b) { return b.reactive_energy.exported; }},
    {0x00C8, f32, 1, [](B b) { return b.line_voltage(0); }},
    {0x00CA, f32, 1, [](B b) { return b.line_voltage(1); }},
    {0x00CC, f32, 1, [](B b) { return b.line_voltage(2); }},
    {0x00CE, f32, 1, [](B b) { return b.mean_line_voltage(); }},
    {0x0156, f32, kilo, [](B b) { return b.energy.imported + b.energy.exported; }},
    {0x015A, f32, kilo, [](B b) { return b.phase_energy[0].imported; }},
    {0x015C, f32, kilo, [](B b) { return b.phase_energy[1].imported; }},
    {0x015E, f32, kilo, [](B b) { return b.phase_energy[2].imported; }},
    {0x0160, f32, kilo, [](B b) { return b.phase_energy[0].exported; }},
    {0x0162, f32, kilo, [](B b) { return b.phase_energy[1].exported; }},
    {0x0164, f32, kilo, [](B b) { return b.phase_energy[2].exported; }},
};

constexpr MeterModel::Space spaces[] = {{0x0000, 0x0180}};

}  // namespace

const MeterModel eastron_sdm630{.maker = "Eastron",
                                .model = "SDM630",
                                .table = Table::input_registers,
                                .max_registers = 80,
                                .cells = cells,
                                .spaces = spaces};

}  // namespace iw::sim
