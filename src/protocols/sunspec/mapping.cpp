#include "protocols/sunspec/mapping.hpp"

namespace iw::sunspec {

namespace {

using enum model::Quantity;
using enum model::Phase;
using enum Frame;

constexpr auto inverter = Asset::inverter;
constexpr auto battery = Asset::battery;
constexpr auto ac_meter = Asset::meter;
constexpr auto weather = Asset::weather;

// OperatingState: DERStateKind, the numbers of 701.InvSt. 103.St and 160.DCSt count from 1.
constexpr Word inverter_states[] = {{0, 0, "off"},     {1, 1, "sleeping"},  {2, 2, "starting"},
                                    {3, 3, "running"}, {4, 4, "throttled"}, {5, 5, "shutting down"},
                                    {6, 6, "fault"},   {7, 7, "standby"}};
constexpr Word inverter_states_from_1[] = {{1, 0, "off"},     {2, 1, "sleeping"},  {3, 2, "starting"},
                                           {4, 3, "running"}, {5, 4, "throttled"}, {6, 5, "shutting down"},
                                           {7, 6, "fault"},   {8, 7, "standby"},   {9, 8, "test"}};
constexpr Word battery_bank_states[] = {{1, 0, "off"},     {2, 2, "starting"},  {3, 3, "running"},
                                        {4, 7, "standby"}, {5, 4, "throttled"}, {6, 5, "shutting down"},
                                        {99, 6, "fault"}};
// BatteryState: StorageModeStatusType of IEEE 2030.5 (0 to 2), then what SunSpec adds.
constexpr Word charge_states[] = {{4, 0, "charging"}, {3, 1, "discharging"}, {6, 2, "holding"}, {1, 3, "off"},
                                  {2, 4, "empty"},    {5, 5, "full"},        {7, 6, "testing"}};
// SwitchPosition.
constexpr Word connection[] = {{0, 0, "disconnected"}, {1, 1, "connected"}};
constexpr Word connect[] = {{0, 0, "disconnect"}, {1, 1, "connect"}};
constexpr Word connect_or_2[] = {{2, 0, "disconnect"}, {1, 1, "connect"}};
// 713.Sta is no bit field, but its numbers are one: no alarm, bit 0 warning, bit 1 error.
constexpr Word storage_alarm[] = {{0, 0, "none"}, {1, 1, "warning"}, {2, 2, "error"}};

constexpr MappingDetails settable{.writable = true};
constexpr MappingDetails power_limit{.percent_of = PercentOf::max_power, .writable = true};
constexpr MappingDetails charge_limit{
    .component = "charge", .percent_of = PercentOf::max_charge_power, .writable = true};
constexpr MappingDetails discharge_limit{
    .component = "discharge", .percent_of = PercentOf::max_charge_power, .writable = true};
constexpr MappingDetails each_mppt{.parts = Parts::mppt};
constexpr MappingDetails mppt_state{.parts = Parts::mppt, .words = inverter_states_from_1};
constexpr MappingDetails each_port{.parts = Parts::port};
constexpr MappingDetails each_string{.parts = Parts::string};
constexpr MappingDetails ghi_sensor{.component = "ghi", .parts = Parts::sensor};
constexpr MappingDetails poa_sensor{.component = "poa", .parts = Parts::sensor};
constexpr MappingDetails module_sensor{.component = "module", .parts = Parts::sensor};

// Columns: first and last model, point, quantity, phase, frame, asset, details.
// clang-format off
constexpr Mapping table[] = {
    // 101..103, 111..113 inverters: generator frame.
    {101, 113, "W", ActivePower, none, generator},
    {101, 113, "VAr", ReactivePower, none, generator},
    {101, 113, "VA", ApparentPower, none, magnitude},
    {101, 113, "PF", PowerFactor, none, magnitude},
    {101, 113, "A", Current, none, magnitude},
    {101, 113, "AphA", Current, A, magnitude},
    {101, 113, "AphB", Current, B, magnitude},
    {101, 113, "AphC", Current, C, magnitude},
    {101, 113, "PhVphA", VoltageLN, AN},
    {101, 113, "PhVphB", VoltageLN, BN},
    {101, 113, "PhVphC", VoltageLN, CN},
    {101, 113, "PPVphAB", VoltageLL, AB},
    {101, 113, "PPVphBC", VoltageLL, BC},
    {101, 113, "PPVphCA", VoltageLL, CA},
    {101, 113, "Hz", Frequency},
    {101, 113, "WH", EnergyExport},
    {101, 113, "DCA", DcCurrent, none, generator},
    {101, 113, "DCV", DcVoltage},
    {101, 113, "DCW", DcPower, none, generator},
    {101, 113, "TmpCab", CabinetTemperature},
    {101, 113, "TmpSnk", CabinetTemperature, none, canonical, inverter, {.component = "heatsink"}},
    {101, 113, "TmpTrns", CabinetTemperature, none, canonical, inverter, {.component = "transformer"}},
    {101, 113, "TmpOt", CabinetTemperature, none, canonical, inverter, {.component = "other"}},
    {101, 113, "St", OperatingState, none, canonical, inverter, {.words = inverter_states_from_1}},
    {101, 113, "Evt1", AlarmWord},

    // 120..124 settings, status and controls.
    {120, 120, "WRtg", RatedPower},
    {120, 120, "VARtg", RatedApparentPower},
    {120, 120, "WHRtg", RatedEnergy, none, canonical, battery},
    {120, 120, "MaxChaRte", MaxChargePower, none, canonical, battery},
    {120, 120, "MaxDisChaRte", MaxDischargePower, none, canonical, battery},
    {122, 122, "ECPConn", GridConnection, none, canonical, inverter, {.words = connection, .bit_0 = true}},
    {122, 122, "ActWh", EnergyExport},
    {122, 122, "ActVAh", ApparentEnergyExport},
    {123, 123, "Conn", ConnectCommand, none, canonical, inverter, {.words = connect, .writable = true}},
    {123, 123, "WMaxLimPct", ActivePowerLimit, none, canonical, inverter, power_limit},
    {124, 124, "ChaState", StateOfCharge, none, canonical, battery},
    {124, 124, "ChaSt", BatteryState, none, canonical, battery, {.words = charge_states}},
    {124, 124, "InBatV", DcVoltage, none, canonical, battery},
    {124, 124, "WChaMax", MaxChargePower, none, canonical, battery},
    {124, 124, "InWRte", ActivePowerLimit, none, canonical, battery, charge_limit},
    {124, 124, "OutWRte", ActivePowerLimit, none, canonical, battery, discharge_limit},

    // 160 DC inputs: power comes out of them, so it is negative as that of the inverter.
    {160, 160, "module.DCA", DcCurrent, none, generator, inverter, each_mppt},
    {160, 160, "module.DCV", DcVoltage, none, canonical, inverter, each_mppt},
    {160, 160, "module.DCW", DcPower, none, generator, inverter, each_mppt},
    {160, 160, "module.DCWH", DcEnergy, none, canonical, inverter, each_mppt},
    {160, 160, "module.Tmp", CabinetTemperature, none, canonical, inverter, each_mppt},
    {160, 160, "module.DCSt", OperatingState, none, canonical, inverter, mppt_state},

    // 201..204, 211..214 meters: load frame. The energies say Imp and Exp themselves.
    {201, 214, "W", ActivePower, none, meter, ac_meter},
    {201, 214, "WphA", ActivePower, A, meter, ac_meter},
    {201, 214, "WphB", ActivePower, B, meter, ac_meter},
    {201, 214, "WphC", ActivePower, C, meter, ac_meter},
    {201, 214, "VAR", ReactivePower, none, meter, ac_meter},
    {201, 214, "VARphA", ReactivePower, A, meter, ac_meter},
    {201, 214, "VARphB", ReactivePower, B, meter, ac_meter},
    {201, 214, "VARphC", ReactivePower, C, meter, ac_meter},
    {201, 214, "VA", ApparentPower, none, magnitude, ac_meter},
    {201, 214, "VAphA", ApparentPower, A, magnitude, ac_meter},
    {201, 214, "VAphB", ApparentPower, B, magnitude, ac_meter},
    {201, 214, "VAphC", ApparentPower, C, magnitude, ac_meter},
    {201, 214, "PF", PowerFactor, none, magnitude, ac_meter},
    {201, 214, "PFphA", PowerFactor, A, magnitude, ac_meter},
    {201, 214, "PFphB", PowerFactor, B, magnitude, ac_meter},
    {201, 214, "PFphC", PowerFactor, C, magnitude, ac_meter},
    {201, 214, "A", Current, none, magnitude, ac_meter},
    {201, 214, "AphA", Current, A, magnitude, ac_meter},
    {201, 214, "AphB", Current, B, magnitude, ac_meter},
    {201, 214, "AphC", Current, C, magnitude, ac_meter},
    {201, 214, "PhV", VoltageLN, none, canonical, ac_meter},
    {201, 214, "PhVphA", VoltageLN, AN, canonical, ac_meter},
    {201, 214, "PhVphB", VoltageLN, BN, canonical, ac_meter},
    {201, 214, "PhVphC", VoltageLN, CN, canonical, ac_meter},
    {201, 214, "PPV", VoltageLL, none, canonical, ac_meter},
    {201, 214, "PhVphAB", VoltageLL, AB, canonical, ac_meter},
    {201, 214, "PhVphBC", VoltageLL, BC, canonical, ac_meter},
    {201, 214, "PhVphCA", VoltageLL, CA, canonical, ac_meter},
    {201, 214, "PPVphAB", VoltageLL, AB, canonical, ac_meter},
    {201, 214, "PPVphBC", VoltageLL, BC, canonical, ac_meter},
    {201, 214, "PPVphCA", VoltageLL, CA, canonical, ac_meter},
    {201, 214, "Hz", Frequency, none, canonical, ac_meter},
    {201, 214, "TotWhImp", EnergyImport, none, canonical, ac_meter},
    {201, 214, "TotWhImpPhA", EnergyImport, A, canonical, ac_meter},
    {201, 214, "TotWhImpPhB", EnergyImport, B, canonical, ac_meter},
    {201, 214, "TotWhImpPhC", EnergyImport, C, canonical, ac_meter},
    {201, 214, "TotWhExp", EnergyExport, none, canonical, ac_meter},
    {201, 214, "TotWhExpPhA", EnergyExport, A, canonical, ac_meter},
    {201, 214, "TotWhExpPhB", EnergyExport, B, canonical, ac_meter},
    {201, 214, "TotWhExpPhC", EnergyExport, C, canonical, ac_meter},
    {201, 214, "TotVAhImp", ApparentEnergyImport, none, canonical, ac_meter},
    {201, 214, "TotVAhExp", ApparentEnergyExport, none, canonical, ac_meter},
    {201, 214, "TotVArhImpQ1", ReactiveEnergyQ1, none, canonical, ac_meter},
    {201, 214, "TotVArhImpQ2", ReactiveEnergyQ2, none, canonical, ac_meter},
    {201, 214, "TotVArhExpQ3", ReactiveEnergyQ3, none, canonical, ac_meter},
    {201, 214, "TotVArhExpQ4", ReactiveEnergyQ4, none, canonical, ac_meter},
    {201, 214, "Evt", AlarmWord, none, canonical, ac_meter},

    // 302..308 weather.
    {302, 302, "repeating.GHI", Irradiance, none, canonical, weather, ghi_sensor},
    {302, 302, "repeating.POAI", Irradiance, none, canonical, weather, poa_sensor},
    {303, 303, "temp.TmpBOM", CabinetTemperature, none, canonical, weather, module_sensor},
    {307, 307, "TmpAmb", AirTemperature, none, canonical, weather},
    {307, 307, "WndSpd", WindSpeed, none, canonical, weather},
    {308, 308, "GHI", Irradiance, none, canonical, weather, {.component = "ghi"}},
    {308, 308, "TmpBOM", CabinetTemperature, none, canonical, weather, {.component = "module"}},
    {308, 308, "TmpAmb", AirTemperature, none, canonical, weather},
    {308, 308, "WndSpd", WindSpeed, none, canonical, weather},

    // 701 AC measurement: generator frame, so its quadrants are mirrored: what it injects, we export.
    {701, 701, "W", ActivePower, none, generator},
    {701, 701, "WL1", ActivePower, A, generator},
    {701, 701, "WL2", ActivePower, B, generator},
    {701, 701, "WL3", ActivePower, C, generator},
    {701, 701, "Var", ReactivePower, none, generator},
    {701, 701, "VarL1", ReactivePower, A, generator},
    {701, 701, "VarL2", ReactivePower, B, generator},
    {701, 701, "VarL3", ReactivePower, C, generator},
    {701, 701, "VA", ApparentPower, none, magnitude},
    {701, 701, "VAL1", ApparentPower, A, magnitude},
    {701, 701, "VAL2", ApparentPower, B, magnitude},
    {701, 701, "VAL3", ApparentPower, C, magnitude},
    {701, 701, "PF", PowerFactor, none, magnitude},
    {701, 701, "PFL1", PowerFactor, A, magnitude},
    {701, 701, "PFL2", PowerFactor, B, magnitude},
    {701, 701, "PFL3", PowerFactor, C, magnitude},
    {701, 701, "A", Current, none, magnitude},
    {701, 701, "AL1", Current, A, magnitude},
    {701, 701, "AL2", Current, B, magnitude},
    {701, 701, "AL3", Current, C, magnitude},
    {701, 701, "LNV", VoltageLN},
    {701, 701, "VL1", VoltageLN, AN},
    {701, 701, "VL2", VoltageLN, BN},
    {701, 701, "VL3", VoltageLN, CN},
    {701, 701, "LLV", VoltageLL},
    {701, 701, "VL1L2", VoltageLL, AB},
    {701, 701, "VL2L3", VoltageLL, BC},
    {701, 701, "VL3L1", VoltageLL, CA},
    {701, 701, "Hz", Frequency},
    {701, 701, "TotWhInj", EnergyExport},
    {701, 701, "TotWhInjL1", EnergyExport, A},
    {701, 701, "TotWhInjL2", EnergyExport, B},
    {701, 701, "TotWhInjL3", EnergyExport, C},
    {701, 701, "TotWhAbs", EnergyImport},
    {701, 701, "TotWhAbsL1", EnergyImport, A},
    {701, 701, "TotWhAbsL2", EnergyImport, B},
    {701, 701, "TotWhAbsL3", EnergyImport, C},
    {701, 701, "TotVarhInj", ReactiveEnergyExport},
    {701, 701, "TotVarhAbs", ReactiveEnergyImport},
    {701, 701, "TmpAmb", AirTemperature},
    {701, 701, "TmpCab", CabinetTemperature},
    {701, 701, "TmpSnk", CabinetTemperature, none, canonical, inverter, {.component = "heatsink"}},
    {701, 701, "TmpTrns", CabinetTemperature, none, canonical, inverter, {.component = "transformer"}},
    {701, 701, "TmpSw", CabinetTemperature, none, canonical, inverter, {.component = "switch"}},
    {701, 701, "TmpOt", CabinetTemperature, none, canonical, inverter, {.component = "other"}},
    {701, 701, "InvSt", OperatingState, none, canonical, inverter, {.words = inverter_states}},
    {701, 701, "ConnSt", GridConnection, none, canonical, inverter, {.words = connection}},
    {701, 701, "Alrm", AlarmWord},

    // 702..704 ratings and controls.
    {702, 702, "WMaxRtg", RatedPower},
    {702, 702, "VAMaxRtg", RatedApparentPower},
    {702, 702, "WChaRteMaxRtg", MaxChargePower, none, canonical, battery},
    {702, 702, "WDisChaRteMaxRtg", MaxDischargePower, none, canonical, battery},
    {703, 703, "ES", ConnectCommand, none, canonical, inverter, {.words = connect, .writable = true}},
    {704, 704, "WMaxLimPct", ActivePowerLimit, none, canonical, inverter, power_limit},
    {704, 704, "WSet", ActivePowerSetpoint, none, generator, inverter, settable},
    {704, 704, "VarSet", ReactivePowerSetpoint, none, generator, inverter, settable},

    // 713, 802, 803 storage.
    {713, 713, "WHRtg", RatedEnergy, none, canonical, battery},
    {713, 713, "WHAvail", StoredEnergy, none, canonical, battery},
    {713, 713, "SoC", StateOfCharge, none, canonical, battery},
    {713, 713, "SoH", StateOfHealth, none, canonical, battery},
    {713, 713, "Sta", AlarmWord, none, canonical, battery, {.words = storage_alarm}},
    {802, 802, "WHRtg", RatedEnergy, none, canonical, battery},
    {802, 802, "WChaRteMax", MaxChargePower, none, canonical, battery},
    {802, 802, "WDisChaRteMax", MaxDischargePower, none, canonical, battery},
    {802, 802, "SoC", StateOfCharge, none, canonical, battery},
    {802, 802, "SoH", StateOfHealth, none, canonical, battery},
    {802, 802, "ChaSt", BatteryState, none, canonical, battery, {.words = charge_states}},
    {802, 802, "State", OperatingState, none, canonical, battery, {.words = battery_bank_states}},
    {802, 802, "Evt1", AlarmWord, none, canonical, battery},
    {802, 802, "V", DcVoltage, none, canonical, battery},
    {802, 802, "A", DcCurrent, none, storage, battery},
    {802, 802, "W", DcPower, none, storage, battery},
    {802, 802, "CellVMax", DcVoltage, none, canonical, battery, {.component = "cell_max"}},
    {802, 802, "CellVMin", DcVoltage, none, canonical, battery, {.component = "cell_min"}},
    {802, 802, "NCyc", Count, none, canonical, battery, {.component = "cycles"}},
    {802, 802, "SetOp", ConnectCommand, none, canonical, battery, {.words = connect_or_2, .writable = true}},
    {803, 803, "string.StrSoC", StateOfCharge, none, canonical, battery, each_string},
    {803, 803, "string.StrSoH", StateOfHealth, none, canonical, battery, each_string},
    {803, 803, "string.StrA", DcCurrent, none, storage, battery, each_string},

    // 714 DC ports: generator frame as 701; a port with a battery is the battery's.
    {714, 714, "DCA", DcCurrent, none, generator},
    {714, 714, "DCW", DcPower, none, generator},
    {714, 714, "Prt.DCA", DcCurrent, none, generator, inverter, each_port},
    {714, 714, "Prt.DCV", DcVoltage, none, canonical, inverter, each_port},
    {714, 714, "Prt.DCW", DcPower, none, generator, inverter, each_port},
    {714, 714, "Prt.DCWhInj", DcEnergy, none, canonical, inverter, each_port},
    {714, 714, "Prt.Tmp", CabinetTemperature, none, canonical, inverter, each_port},
};
// clang-format on

// Columns: model, control, enabled by, value, mask, whether a device may leave it out (as the choice of the
// mode, when it has only one).
// clang-format off
constexpr Enabling enabling_table[] = {
    {123, "WMaxLimPct", "WMaxLim_Ena"},
    {123, "OutPFSet", "OutPFSet_Ena"},
    {123, "VArWMaxPct", "VArPct_Mod", 1, 0xFFFF, true},  // WMax
    {123, "VArWMaxPct", "VArPct_Ena"},
    {123, "VArMaxPct", "VArPct_Mod", 2, 0xFFFF, true},   // VArMax
    {123, "VArMaxPct", "VArPct_Ena"},
    {123, "VArAvalPct", "VArPct_Mod", 3, 0xFFFF, true},  // VArAval
    {123, "VArAvalPct", "VArPct_Ena"},
    {124, "InWRte", "StorCtl_Mod", 1, 1},                // CHARGE, bit 0
    {124, "OutWRte", "StorCtl_Mod", 2, 2},               // DiSCHARGE, bit 1
    {704, "PFWInj.PF", "PFWInjEna"},
    {704, "PFWAbs.PF", "PFWAbsEna"},
    {704, "WMaxLimPct", "WMaxLimPctEna"},
    {704, "WSet", "WSetMod", 1, 0xFFFF, true},           // WATTS
    {704, "WSet", "WSetEna"},
    {704, "WSetPct", "WSetMod", 0, 0xFFFF, true},        // W_MAX_PCT
    {704, "WSetPct", "WSetEna"},
    {704, "VarSet", "VarSetMod", 4, 0xFFFF, true},       // VARS
    {704, "VarSet", "VarSetEna"},
    {704, "VarSetPct", "VarSetEna"},                     // VarSetMod says percent of what
};
// clang-format on

// 123.Conn_RvrtTms is not here: what was disconnected for people's safety must not connect itself again.
constexpr Reverting reverting_table[] = {
    {123, "WMaxLimPct", "WMaxLimPct_RvrtTms"},
    {123, "OutPFSet", "OutPFSet_RvrtTms"},
    {123, "VArWMaxPct", "VArPct_RvrtTms"},
    {123, "VArMaxPct", "VArPct_RvrtTms"},
    {123, "VArAvalPct", "VArPct_RvrtTms"},
    {124, "InWRte", "InOutWRte_RvrtTms"},
    {124, "OutWRte", "InOutWRte_RvrtTms"},
    {704, "PFWInj.PF", "PFWInjRvrtTms"},
    {704, "PFWAbs.PF", "PFWAbsRvrtTms"},
    {704, "WMaxLimPct", "WMaxLimPctRvrtTms", "WMaxLimPctRvrt", "WMaxLimPctEnaRvrt"},
    {704, "WSet", "WSetRvrtTms", "WSetRvrt", "WSetEnaRvrt"},
    {704, "WSetPct", "WSetRvrtTms", "WSetPctRvrt", "WSetEnaRvrt"},
    {704, "VarSet", "VarSetRvrtTms", "VarSetRvrt", "VarSetEnaRvrt"},
    {704, "VarSetPct", "VarSetRvrtTms", "VarSetPctRvrt", "VarSetEnaRvrt"},
};

constexpr std::uint16_t models_by_preference[] = {
    701, 702, 703, 704,            // IEEE 1547-2018: the most exact counters, signs stated
    802, 713, 803, 714,            // storage; its own model before the inverter's view of it
    103, 102, 101, 113, 112, 111,  // integers count every Wh, floats do not beyond 16 MWh
    203, 202, 201, 204, 213, 212, 211, 214, 120, 123, 124, 160, 122, 307, 302, 303, 308};

}  // namespace

std::string_view to_string(Asset asset) {
  switch (asset) {
    case Asset::inverter: return "inverter";
    case Asset::meter: return "meter";
    case Asset::battery: return "battery";
    case Asset::weather: return "weather";
  }
  return "";
}

std::span<const Mapping> mappings() { return table; }

std::span<const Enabling> enablings() { return enabling_table; }

std::span<const Reverting> revertings() { return reverting_table; }

std::span<const std::uint16_t> preference() { return models_by_preference; }

model::RateClass rate_of(model::Quantity quantity) {
  switch (quantity) {
    case ActivePower:
    case ReactivePower:
    case DcPower: return model::RateClass::fast;
    case RatedPower:
    case RatedApparentPower:
    case RatedEnergy:
    case MaxChargePower:
    case MaxDischargePower: return model::RateClass::constant;
    case EnergyImport:
    case EnergyExport:
    case ReactiveEnergyImport:
    case ReactiveEnergyExport:
    case ReactiveEnergyQ1:
    case ReactiveEnergyQ2:
    case ReactiveEnergyQ3:
    case ReactiveEnergyQ4:
    case ApparentEnergyImport:
    case ApparentEnergyExport:
    case DcEnergy:
    case StateOfHealth:
    case CabinetTemperature:
    case AirTemperature:
    case Count: return model::RateClass::slow;
    default: return model::RateClass::normal;
  }
}

}  // namespace iw::sunspec
