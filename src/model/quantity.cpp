#include "model/quantity.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/words.hpp"

namespace iw::model {
namespace {

using enum CimClass;
using enum SignRule;

constexpr std::span<const Phase> no_phases;
constexpr std::array abc{Phase::A, Phase::B, Phase::C};
constexpr std::array abc_n{Phase::A, Phase::B, Phase::C, Phase::N};
constexpr std::array to_neutral{Phase::AN, Phase::BN, Phase::CN};
constexpr std::array between{Phase::AB, Phase::BC, Phase::CA};
constexpr std::array abc_and_between{Phase::A, Phase::B, Phase::C, Phase::AB, Phase::BC, Phase::CA};

using Codes = std::array<std::string_view, 3>;
constexpr Codes obis_active_power{"36.7.0", "56.7.0",
                                  "76.7.0"};  // import only 21, 41, 61; export only 22, 42, 62
constexpr Codes obis_power_factor{"33.7.0", "53.7.0", "73.7.0"};
constexpr Codes obis_voltage_ln{"32.7.0", "52.7.0", "72.7.0"};
constexpr Codes obis_voltage_ll{"124.7.0", "125.7.0", "126.7.0"};  // depends on the edition of the code list
constexpr std::array<std::string_view, 4> obis_current{"31.7.0", "51.7.0", "71.7.0", "91.7.0"};

// Columns: the members of QuantityInfo in their order. 2030.5: uom, kind, flow, accumulation (4 delta, 6
// indicating, 9 summation, 12 instantaneous), data qualifier (2 average, 8 maximum). Where the field names
// only the uom, the accumulation is that of the value: instantaneous, or summation of a register. The phases
// of the reactive and apparent registers are there because SunSpec 20x has them.
// clang-format off: a row is read as a row
constexpr std::array table{
    // Power and voltage of an AC connection.
    QuantityInfo{Quantity::ActivePower, "ActivePower", Analog, "ThreePhaseActivePower", Unit::W,
                 into_is_positive, abc, {38, 37, 0, 12}, "701.W (-), 20x.W, 103.W (-)", "16.7.0", 47,
                 "powerReal / DEMAND", obis_active_power},
    QuantityInfo{Quantity::ReactivePower, "ReactivePower", Analog, "ThreePhaseReactivePower", Unit::VAr,
                 into_is_positive, abc, {63, 37, 0, 12}, "701.Var (-), 20x.VAR, 103.VAr (-)", "3.7.0-4.7.0",
                 11, "powerReactive"},
    QuantityInfo{Quantity::ApparentPower, "ApparentPower", Analog, "ApparentPower", Unit::VA, never_negative,
                 abc, {61, 37, 0, 12}, "701.VA, 20x.VA", "9.7.0", 8, "powerApparent"},
    QuantityInfo{Quantity::PowerFactor, "PowerFactor", Analog, "PowerFactor", Unit::power_factor, zero_to_one,
                 abc, {65, 0, 0, 12}, "701.PF, 20x.PF", "13.7.0", 15, "", obis_power_factor},
    QuantityInfo{Quantity::VoltageLN, "Voltage.LN", Analog, "PhaseVoltage", Unit::V, never_negative,
                 to_neutral, {29, 0, 0, 12}, "701.VL1 VL2 VL3, 20x.PhVphA PhVphB PhVphC", "", 5, "voltage",
                 obis_voltage_ln},
    QuantityInfo{Quantity::VoltageLL, "Voltage.LL", Analog, "LineToLineVoltage", Unit::V, never_negative,
                 between, {29, 0, 0, 12}, "701.VL1L2 VL2L3 VL3L1, 20x.PhVphAB PhVphBC PhVphCA", "", 5,
                 "voltage", obis_voltage_ll},
    QuantityInfo{Quantity::Current, "Current", Analog, "LineCurrent", Unit::A, never_negative, abc_n,
                 {5, 0, 0, 12}, "701.AL1 AL2 AL3, 20x.AphA AphB AphC", "", 3, "current", obis_current},
    QuantityInfo{Quantity::Frequency, "Frequency", Analog, "Frequency", Unit::Hz, never_negative, no_phases,
                 {33, 0, 0, 12}, "701.Hz, 20x.Hz", "14.7.0", 27, "frequency"},
    QuantityInfo{Quantity::VoltageAngle, "VoltageAngle", Analog, "Angle", Unit::deg, angle, abc, {}, "",
                 "81.7.x", 14, ""},

    // Energy registers.
    QuantityInfo{Quantity::EnergyImport, "EnergyImport", Accumulator, "ActiveEnergy", Unit::Wh,
                 never_negative, abc, {72, 12, 1, 9}, "20x.TotWhImp, 701.TotWhAbs", "1.8.0", 18,
                 "energyReal / USAGE"},
    QuantityInfo{Quantity::EnergyExport, "EnergyExport", Accumulator, "ActiveEnergy", Unit::Wh,
                 never_negative, abc, {72, 12, 19, 9}, "20x.TotWhExp, 701.TotWhInj, 103.WH", "2.8.0", 18,
                 "energyReal"},
    // Starts again at each interval, so it is no Accumulator.
    QuantityInfo{Quantity::EnergyIntervalImport, "EnergyIntervalImport", Analog, "IntervalReading", Unit::Wh,
                 never_negative, no_phases, {72, 12, 1, 4}, "", "1.29.0", 18, "DELTA_USAGE"},
    QuantityInfo{Quantity::ReactiveEnergyImport, "ReactiveEnergyImport", Accumulator, "ReactiveEnergy",
                 Unit::VArh, never_negative, abc, {73, 12, 1, 9},
                 "20x.TotVArhImpQ1+TotVArhImpQ2, 701.TotVarhAbs", "3.8.0", 242, "energyReactive"},
    QuantityInfo{Quantity::ReactiveEnergyExport, "ReactiveEnergyExport", Accumulator, "ReactiveEnergy",
                 Unit::VArh, never_negative, abc, {73, 12, 19, 9},
                 "20x.TotVArhExpQ3+TotVArhExpQ4, 701.TotVarhInj", "4.8.0", 242, "energyReactive"},
    QuantityInfo{Quantity::ReactiveEnergyQ1, "ReactiveEnergy.Q1", Accumulator, "ReactiveEnergy", Unit::VArh,
                 never_negative, abc, {73, 12, 15, 9}, "20x.TotVArhImpQ1", "5.8.0", 242, ""},
    QuantityInfo{Quantity::ReactiveEnergyQ2, "ReactiveEnergy.Q2", Accumulator, "ReactiveEnergy", Unit::VArh,
                 never_negative, abc, {73, 12, 16, 9}, "20x.TotVArhImpQ2", "6.8.0", 242, ""},
    QuantityInfo{Quantity::ReactiveEnergyQ3, "ReactiveEnergy.Q3", Accumulator, "ReactiveEnergy", Unit::VArh,
                 never_negative, abc, {73, 12, 17, 9}, "20x.TotVArhExpQ3", "7.8.0", 242, ""},
    QuantityInfo{Quantity::ReactiveEnergyQ4, "ReactiveEnergy.Q4", Accumulator, "ReactiveEnergy", Unit::VArh,
                 never_negative, abc, {73, 12, 18, 9}, "20x.TotVArhExpQ4", "8.8.0", 242, ""},
    QuantityInfo{Quantity::ApparentEnergyImport, "ApparentEnergyImport", Accumulator, "ApparentEnergy",
                 Unit::VAh, never_negative, abc, {71, 12, 1, 9}, "20x.TotVAhImp", "9.8.0", 239,
                 "energyApparent"},
    QuantityInfo{Quantity::DemandMax, "DemandMax", Analog, "Demand", Unit::W, never_negative, no_phases,
                 {38, 8, 1, 6, 8}, "", "1.6.0", 47, "DEMAND (PEAK)"},
    QuantityInfo{Quantity::DemandAvg, "DemandAvg", Analog, "Demand", Unit::W, into_is_positive, no_phases,
                 {38, 8, 1, 6, 2}, "", "1.4.0", 47, "DEMAND (MEAN)"},
    QuantityInfo{Quantity::ThdVoltage, "THD.V", Analog, "THD", Unit::percent, never_negative, abc_and_between,
                 {}, "", "12.7.124", 98, ""},
    QuantityInfo{Quantity::ThdCurrent, "THD.I", Analog, "THD", Unit::percent, never_negative, abc_n, {}, "",
                 "11.7.124", 98, ""},

    // The DC side and storage.
    QuantityInfo{Quantity::DcVoltage, "DcVoltage", Analog, "DCVoltage", Unit::V, never_negative, no_phases,
                 {29, 0, 0, 12}, "714.Prt.DCV, 103.DCV, 160.DCV", "", 5, ""},
    QuantityInfo{Quantity::DcCurrent, "DcCurrent", Analog, "DCCurrent", Unit::A, into_is_positive, no_phases,
                 {5, 0, 0, 12}, "714.Prt.DCA, 802.A", "", 3, ""},
    QuantityInfo{Quantity::DcPower, "DcPower", Analog, "DCPower", Unit::W, into_is_positive, no_phases,
                 {38, 0, 0, 12}, "714.DCW, 103.DCW, 502.OutPw", "", 47, ""},
    QuantityInfo{Quantity::StateOfCharge, "StateOfCharge", Analog, "StateOfCharge", Unit::percent, percent,
                 no_phases, {.attribute = "DERStatus.stateOfChargeStatus"}, "713.SoC, 802.SoC, 124.ChaState",
                 "", 98, "STORAGE_CHARGE_LEVEL"},
    QuantityInfo{Quantity::StateOfHealth, "StateOfHealth", Analog, "StateOfHealth", Unit::percent, percent,
                 no_phases, {}, "713.SoH, 802.SoH", "", 98, ""},
    QuantityInfo{Quantity::StoredEnergy, "StoredEnergy", Analog, "BatteryUnit.storedE", Unit::Wh,
                 never_negative, no_phases, {}, "713.WHAvail", "", 18, "STORAGE_USABLE_CAPACITY"},
    QuantityInfo{Quantity::RatedEnergy, "RatedEnergy", Analog, "BatteryUnit.ratedE", Unit::Wh, never_negative,
                 no_phases, {.attribute = "DERCapability.rtgMaxWh"}, "713.WHRtg, 802.WHRtg", "", 18, ""},
    QuantityInfo{Quantity::BatteryState, "BatteryState", Discrete, "BatteryStateKind", Unit::none, any,
                 no_phases, {.attribute = "DERStatus.storageModeStatus"}, "802.ChaSt, 802.State, 713.Sta", "",
                 0, "OPERATING_STATE"},
    QuantityInfo{Quantity::MaxChargePower, "MaxChargePower", Analog, "AnalogLimit", Unit::W, never_negative,
                 no_phases, {.attribute = "DERCapability.rtgMaxChargeRateW"},
                 "802.WChaRteMax, 702.WChaRteMaxRtg", "", 47, "STORAGE_MAX_CHARGE_POWER"},
    QuantityInfo{Quantity::MaxDischargePower, "MaxDischargePower", Analog, "AnalogLimit", Unit::W,
                 never_negative, no_phases, {.attribute = "DERCapability.rtgMaxDischargeRateW"},
                 "802.WDisChaRteMax, 702.WDisChaRteMaxRtg", "", 47, "STORAGE_MAX_DISCHARGE_POWER"},

    // States.
    QuantityInfo{Quantity::OperatingState, "OperatingState", Discrete, "DERStateKind", Unit::none, any,
                 no_phases, {.attribute = "DERStatus.operationalModeStatus, inverterStatus"},
                 "701.St, 701.InvSt, 103.St", "", 0, "OPERATING_STATE"},
    QuantityInfo{Quantity::GridConnection, "GridConnection", Discrete, "SwitchPosition", Unit::none, any,
                 no_phases, {.attribute = "DERStatus.genConnectStatus"}, "701.ConnSt", "", 0, ""},
    QuantityInfo{Quantity::AlarmWord, "AlarmWord", Discrete, "AlarmWord", Unit::none, any, no_phases,
                 {.attribute = "DERStatus.alarmStatus"}, "701.Alrm, 802.Evt1", "97.97.0", 0, ""},

    // What can be set.
    QuantityInfo{Quantity::ActivePowerSetpoint, "ActivePowerSetpoint", SetPoint, "ThreePhaseActivePower",
                 Unit::W, into_is_positive, no_phases, {.attribute = "DERControlBase.opModFixedW"},
                 "704.WSet (-), 704.WSetPct (-)", "", 47, "DISPATCH_SETPOINT"},
    QuantityInfo{Quantity::ActivePowerLimit, "ActivePowerLimit", SetPoint, "ThreePhaseActivePower", Unit::W,
                 never_negative, no_phases, {.attribute = "DERControlBase.opModMaxLimW"},
                 "704.WMaxLimPct, 123.WMaxLimPct", "", 47, "EXPORT_CAPACITY_LIMIT, IMPORT_CAPACITY_LIMIT"},
    QuantityInfo{Quantity::ReactivePowerSetpoint, "ReactivePowerSetpoint", SetPoint,
                 "ThreePhaseReactivePower", Unit::VAr, into_is_positive, no_phases,
                 {.attribute = "DERControlBase.opModFixedVar"}, "704.VarSet (-), 704.VarSetPct (-)", "", 11,
                 ""},
    QuantityInfo{Quantity::PowerFactorSetpoint, "PowerFactorSetpoint", SetPoint, "PowerFactor",
                 Unit::power_factor, zero_to_one, no_phases,
                 {.attribute = "DERControlBase.opModFixedPFInjectW, opModFixedPFAbsorbW"},
                 "704.PFWInj.PF, 704.PFWAbs.PF", "", 15, ""},
    QuantityInfo{Quantity::ConnectCommand, "ConnectCommand", Command, "SwitchPosition", Unit::none, any,
                 no_phases, {.attribute = "DERControlBase.opModConnect, opModEnergize"}, "703.ES, 123.Conn",
                 "", 0, ""},
    QuantityInfo{Quantity::LoadShedLevel, "LoadShedLevel", EndDeviceControl, "drProgramLevel", Unit::none,
                 never_negative, no_phases, {.attribute = "EndDeviceControl.dutyCycle, setPoint"}, "", "", 0,
                 "SIMPLE, LOAD_DISPATCH"},

    // What the world around says.
    QuantityInfo{Quantity::EnergyPrice, "EnergyPrice", Analog, "Price", Unit::currency_per_Wh, any, no_phases,
                 {72, 3, 0, 0, 0, "ConsumptionTariffInterval.price"}, "", "", 105, "PRICE, EXPORT_PRICE"},
    QuantityInfo{Quantity::CarbonIntensity, "CarbonIntensity", Analog, "CarbonIntensity", Unit::g_per_kWh,
                 never_negative, no_phases, {.attribute = "EnvironmentalCost.amount"}, "", "", 0, "GHG"},
    QuantityInfo{Quantity::AirTemperature, "AirTemperature", Analog, "Temperature", Unit::degC, any,
                 no_phases, {23, 0, 0, 12}, "307.TmpAmb, 701.TmpAmb", "", 62, "temperature"},
    QuantityInfo{Quantity::CabinetTemperature, "CabinetTemperature", Analog, "Temperature", Unit::degC, any,
                 no_phases, {23, 0, 0, 12}, "701.TmpCab", "", 62, "temperature"},
    QuantityInfo{Quantity::Irradiance, "Irradiance", Analog, "Irradiance", Unit::W_per_m2, never_negative,
                 no_phases, {}, "302.GHI, 302.POAI", "", 35, ""},
    QuantityInfo{Quantity::WindSpeed, "WindSpeed", Analog, "WindSpeed", Unit::m_per_s, never_negative,
                 no_phases, {}, "307.WndSpd", "", 74, ""},
    QuantityInfo{Quantity::PulseCount, "PulseCount", Accumulator, "PulseCount", Unit::count, never_negative,
                 no_phases, {}, "", "", 0, "pulseCount"},
    QuantityInfo{Quantity::ChargedAh, "ChargedAh", Accumulator, "ChargedAh", Unit::Ah, never_negative,
                 no_phases, {106, 0, 0, 9}, "802.AHRtg (rating)", "", 0, ""},

    // Beyond the table of the field.
    QuantityInfo{Quantity::RatedPower, "RatedPower", Analog, "RatedPower", Unit::W, never_negative, no_phases,
                 {.attribute = "DERCapability.rtgMaxW"}, "702.WMaxRtg, 120.WRtg", "", 47, ""},
    QuantityInfo{Quantity::RatedApparentPower, "RatedApparentPower", Analog,
                 "PowerElectronicsConnection.ratedS", Unit::VA, never_negative, no_phases,
                 {.attribute = "DERCapability.rtgMaxVA"}, "702.VAMaxRtg, 120.VARtg", "", 8, ""},
    QuantityInfo{Quantity::ApparentEnergyExport, "ApparentEnergyExport", Accumulator, "ApparentEnergy",
                 Unit::VAh, never_negative, abc, {71, 12, 19, 9}, "20x.TotVAhExp", "10.8.0", 239,
                 "energyApparent"},
    QuantityInfo{Quantity::DcEnergy, "DcEnergy", Accumulator, "DCEnergy", Unit::Wh, never_negative, no_phases,
                 {72, 12, 0, 9}, "714.Prt.DCWhInj, 160.DCWH", "", 18, ""},
    QuantityInfo{Quantity::Text, "Text", StringMeasurement, "Text", Unit::none, any, no_phases, {}, "", "", 0,
                 ""},
    QuantityInfo{Quantity::Count, "Count", Analog, "Count", Unit::none, any, no_phases, {}, "", "", 0, ""},
};
// clang-format on

constexpr std::size_t position(Quantity quantity) { return static_cast<std::size_t>(quantity); }

static_assert(table.size() == position(Quantity::Count) + 1, "one row for each Quantity");
static_assert(
    [] {
      for (std::size_t i = 0; i < table.size(); ++i) {
        if (position(table[i].quantity) != i) return false;
        if (!table[i].obis_of_phase.empty() && table[i].obis_of_phase.size() != table[i].phases.size())
          return false;
      }
      return true;
    }(),
    "the rows stand in the order of the enumeration, and codes of phases beside their phases");

// The same conductor, said with and without the neutral.
constexpr std::array with_neutral{std::pair{Phase::A, Phase::AN}, std::pair{Phase::B, Phase::BN},
                                  std::pair{Phase::C, Phase::CN}};

}  // namespace

std::span<const QuantityInfo> quantities() { return table; }

const QuantityInfo& info(Quantity quantity) { return table[position(quantity)]; }

std::string_view to_string(Quantity quantity) { return info(quantity).name; }

std::string_view to_string(CimClass cim_class) {
  switch (cim_class) {
    case Analog: return "Analog";
    case Accumulator: return "Accumulator";
    case Discrete: return "Discrete";
    case StringMeasurement: return "StringMeasurement";
    case SetPoint: return "SetPoint";
    case Command: return "Command";
    case EndDeviceControl: return "EndDeviceControl";
  }
  return "Measurement";
}

std::optional<Quantity> parse_quantity(std::string_view name) {
  const auto* found =
      std::ranges::find_if(table, [&](const QuantityInfo& row) { return same_word(row.name, name); });
  if (found == table.end()) return std::nullopt;
  return found->quantity;
}

std::optional<Phase> canonical_phase(Quantity quantity, Phase phase) {
  if (phase == Phase::none || phase == Phase::ABC || phase == Phase::ABCN) return Phase::none;
  const auto may_have = [&](Phase p) {
    return std::ranges::find(info(quantity).phases, p) != info(quantity).phases.end();
  };
  if (may_have(phase)) return phase;
  for (const auto& [alone, neutral] : with_neutral) {
    if (phase == alone && may_have(neutral)) return neutral;
    if (phase == neutral && may_have(alone)) return alone;
  }
  return std::nullopt;
}

std::string_view measurement_type(Quantity quantity, Phase phase) {
  constexpr std::string_view three_phase = "ThreePhase";
  std::string_view type = info(quantity).measurement_type;
  if (phase != Phase::none && type.starts_with(three_phase)) type.remove_prefix(three_phase.size());
  return type;
}

std::string_view obis(Quantity quantity, Phase phase) {
  const QuantityInfo& row = info(quantity);
  const auto canonical = canonical_phase(quantity, phase);
  if (!canonical) return "";
  if (*canonical == Phase::none) return row.obis;
  if (row.obis_of_phase.empty()) return "";
  return row.obis_of_phase[static_cast<std::size_t>(std::ranges::find(row.phases, *canonical) -
                                                    row.phases.begin())];
}

}  // namespace iw::model
