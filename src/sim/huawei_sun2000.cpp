#include "sim/huawei_sun2000.hpp"

#include "sim/cells.hpp"

namespace iw::sim {

namespace {

using enum modbus::ValueType;
using enum modbus::Table;
using P = const PvState&;
using B = const Branch&;

constexpr double energy = 10;  // 0.01 kWh

constexpr Cell<PvState> inverter_cells[] = {
    {30073, u32, 1, [](P p) { return p.rated_w; }},
    {32016, i16, 0.1, [](P p) { return p.strings[0].voltage; }},
    {32017, i16, 0.01, [](P p) { return p.strings[0].current; }},
    {32018, i16, 0.1, [](P p) { return p.strings[1].voltage; }},
    {32019, i16, 0.01, [](P p) { return p.strings[1].current; }},
    {32064, i32, 1, [](P p) { return p.dc_power(); }},
    {32066, u16, 0.1, [](P p) { return p.ac.line_voltage(0); }},
    {32067, u16, 0.1, [](P p) { return p.ac.line_voltage(1); }},
    {32068, u16, 0.1, [](P p) { return p.ac.line_voltage(2); }},
    {32069, u16, 0.1, [](P p) { return p.ac.voltage[0]; }},
    {32070, u16, 0.1, [](P p) { return p.ac.voltage[1]; }},
    {32071, u16, 0.1, [](P p) { return p.ac.voltage[2]; }},
    {32072, i32, 0.001, [](P p) { return p.ac.current[0]; }},
    {32074, i32, 0.001, [](P p) { return p.ac.current[1]; }},
    {32076, i32, 0.001, [](P p) { return p.ac.current[2]; }},
    {32080, i32, -1, [](P p) { return p.ac.total_power(); }},
    {32082, i32, -1, [](P p) { return p.ac.total_reactive(); }},
    {32084, i16, 0.001, [](P p) { return p.ac.power_factor(); }},
    {32085, u16, 0.01, [](P p) { return p.ac.frequency; }},
    {32086, u16, 0.01, [](P p) { return p.dc_power() > 0 ? -p.ac.total_power() / p.dc_power() * 100 : 0; }},
    {32087, i16, 0.1, [](P p) { return p.temperature; }},
    {32106, u32, energy, [](P p) { return p.ac.energy.exported; }},
    {32114, u32, energy, [](P p) { return p.today_wh; }},
};

constexpr Cell<Branch> meter_cells[] = {
    {37101, i32, 0.1, [](B b) { return b.voltage[0]; }},
    {37103, i32, 0.1, [](B b) { return b.voltage[1]; }},
    {37105, i32, 0.1, [](B b) { return b.voltage[2]; }},
    {37107, i32, 0.01, [](B b) { return b.current[0]; }},
    {37109, i32, 0.01, [](B b) { return b.current[1]; }},
    {37111, i32, 0.01, [](B b) { return b.current[2]; }},
    {37113, i32, -1, [](B b) { return b.total_power(); }},
    {37115, i32, -1, [](B b) { return b.total_reactive(); }},
    {37117, i16, 0.001, [](B b) { return b.power_factor(); }},
    {37118, i16, 0.01, [](B b) { return b.frequency; }},
    {37119, i32, energy, [](B b) { return b.energy.exported; }},
    {37121, i32, energy, [](B b) { return b.energy.imported; }},
    {37132, i32, -1, [](B b) { return b.power[0]; }},
    {37134, i32, -1, [](B b) { return b.power[1]; }},
    {37136, i32, -1, [](B b) { return b.power[2]; }},
};

constexpr std::uint16_t state_1 = 32000;  // bit 1 grid-connected, bit 2 normally, bit 3 derated
constexpr std::uint16_t device_status = 32089;
constexpr std::uint16_t meter_status = 37100;
constexpr std::uint16_t limit_percent = 40125;  // i16, 0.1 %
constexpr std::uint16_t limit_watts = 40126;    // u32
constexpr std::uint16_t start = 40200;
constexpr std::uint16_t stop = 40201;

struct State {
  std::uint16_t bits;
  std::uint16_t status;
};

State state_of(PvStatus status) {
  switch (status) {
    case PvStatus::off: return {0x0020, 0x0300};        // stop, shut down
    case PvStatus::sleeping: return {0x0001, 0x0000};   // standby, initializing
    case PvStatus::running: return {0x0006, 0x0200};    // on grid
    case PvStatus::throttled: return {0x000A, 0x0201};  // on grid, derated
  }
  return {};
}

}  // namespace

HuaweiSun2000::HuaweiSun2000(SitePhysics& site, std::size_t index) : site_(site), index_(index) {
  bank.add(holding_registers, 30000, 75);
  bank.add(holding_registers, 32000, 120);
  bank.add(holding_registers, 37100, 40);
  bank.add(holding_registers, limit_percent, 3, Access::read_write);
  bank.add(holding_registers, start, 2, Access::read_write);
  add_cells<PvState>(bank, holding_registers, inverter_cells);
  add_cells<Branch>(bank, holding_registers, meter_cells);
  put_text(bank, holding_registers, 30000, 15, "SUN2000-5KTL-M1");
  put_text(bank, holding_registers, 30015, 10, "HV2150000001");
  put_text(bank, holding_registers, 30035, 15, "V100R001C00SPC142");
  bank.at(holding_registers, 30070) = 424;  // model id
  bank.at(holding_registers, 30071) = 2;    // PV strings
  bank.at(holding_registers, 30072) = 2;    // trackers
  bank.at(holding_registers, meter_status) = 1;
  bank.at(holding_registers, limit_percent) = 1000;
  put(bank, holding_registers, limit_watts, u32, pv().rated_w);
  identity = basic_identity("HUAWEI", "SUN2000", "V100R001");
}

void HuaweiSun2000::refresh(Instant /*now*/) {
  fill_cells<PvState>(bank, holding_registers, inverter_cells, pv());
  fill_cells<Branch>(bank, holding_registers, meter_cells, site_.state().grid);
  const State state = state_of(pv().status);
  bank.at(holding_registers, state_1) = state.bits;
  bank.at(holding_registers, device_status) = state.status;
}

std::optional<modbus::ExceptionCode> HuaweiSun2000::judge(const RegisterWrite& write) {
  if (write.value_of(limit_percent).value_or(0) > 1000) return modbus::ExceptionCode::illegal_data_value;
  // A 32-bit value is written as a whole.
  if (write.value_of(limit_watts).has_value() != write.value_of(limit_watts + 1).has_value()) {
    return modbus::ExceptionCode::illegal_data_address;
  }
  return std::nullopt;
}

void HuaweiSun2000::written(const RegisterWrite& write, Instant /*now*/) {
  if (write.value_of(limit_percent)) {
    site_.limit_pv(index_, pv().rated_w * bank.at(holding_registers, limit_percent) / 1000);
  }
  if (write.value_of(limit_watts)) {
    const auto words = bank.find(holding_registers, limit_watts, 2);
    site_.limit_pv(index_, static_cast<double>(std::uint32_t{words[0]} << 16U | words[1]));
  }
  if (write.value_of(start)) site_.connect_pv(index_, true);
  if (write.value_of(stop)) site_.connect_pv(index_, false);
  bank.at(holding_registers, start) = 0;
  bank.at(holding_registers, stop) = 0;
}

}  // namespace iw::sim
