// Quantity: the kind of a value, from one table. Everything that the world calls a measurement by another
// name is mapped to one of these: unit, sign, CIM class and the codes of the other standards stand in
// quantity.cpp, as data.
//
// Sign: + is into the equipment (import, consumption, charging), - is out. Energy registers are never
// negative.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/phase.hpp"
#include "model/unit.hpp"

namespace iw::model {

enum class Quantity : std::uint8_t {
  ActivePower,
  ReactivePower,
  ApparentPower,
  PowerFactor,
  VoltageLN,
  VoltageLL,
  Current,
  Frequency,
  VoltageAngle,
  EnergyImport,
  EnergyExport,
  EnergyIntervalImport,
  ReactiveEnergyImport,
  ReactiveEnergyExport,
  ReactiveEnergyQ1,
  ReactiveEnergyQ2,
  ReactiveEnergyQ3,
  ReactiveEnergyQ4,
  ApparentEnergyImport,
  DemandMax,
  DemandAvg,
  ThdVoltage,
  ThdCurrent,
  DcVoltage,
  DcCurrent,
  DcPower,
  StateOfCharge,
  StateOfHealth,
  StoredEnergy,
  RatedEnergy,
  BatteryState,
  MaxChargePower,
  MaxDischargePower,
  OperatingState,
  GridConnection,
  AlarmWord,
  ActivePowerSetpoint,
  ActivePowerLimit,
  ReactivePowerSetpoint,
  PowerFactorSetpoint,
  ConnectCommand,
  LoadShedLevel,
  EnergyPrice,
  CarbonIntensity,
  AirTemperature,
  CabinetTemperature,
  Irradiance,
  WindSpeed,
  PulseCount,
  ChargedAh,
  // Beyond the table of the field, because devices have them and nothing above says it:
  RatedPower,  // nameplate active power, W (DERCapability rtgMaxW)
  RatedApparentPower,
  ApparentEnergyExport,
  DcEnergy,  // energy of a DC input or port, Wh
  Text,      // a string: serial numbers, versions, vendor texts
  Count,     // a number without a unit that is none of the above
};

// Which class of CIM (IEC 61970-301) the point is, and so what may be done with its value.
enum class CimClass : std::uint8_t {
  Analog,
  Accumulator,
  Discrete,
  StringMeasurement,
  SetPoint,
  Command,
  EndDeviceControl,
};

// What the number may be.
enum class SignRule : std::uint8_t {
  into_is_positive,
  never_negative,
  any,
  zero_to_one,
  percent,  // 0..100
  angle,    // (-180, 180]
};

// ReadingType of IEEE 2030.5; 0 where the standard has no code.
struct Ieee2030_5Codes {
  std::uint8_t uom = 0;
  std::uint8_t kind = 0;
  std::uint8_t flow_direction = 0;
  std::uint8_t accumulation = 0;
  std::uint8_t data_qualifier = 0;
  std::string_view attribute = {};  // where a resource holds the value: "DERStatus.stateOfChargeStatus"
};

// Where the field has no code, bacnet_units is 0 and the text is empty.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct QuantityInfo {
  Quantity quantity{};
  std::string_view name;  // canonical: "Voltage.LN"
  CimClass cim_class{};
  std::string_view
      measurement_type;  // of the total: Measurement.measurementType, or the attribute that holds it
  Unit unit{};
  SignRule sign{};
  std::span<const Phase> phases;  // it may have, beside the total
  Ieee2030_5Codes ieee2030_5;
  std::string_view sunspec;                              // "701.W (-), 20x.W, 103.W (-)"; (-): the other sign
  std::string_view obis;                                 // of the total, without medium and channel: "16.7.0"
  std::uint16_t bacnet_units = 0;                        // BACnetEngineeringUnits of the canonical unit
  std::string_view openadr;                              // 2.0b item / 3.x payload: "powerReal / DEMAND"
  std::span<const std::string_view> obis_of_phase = {};  // beside phases, empty where the field has no codes
  bool per_phase = !phases.empty();
};

// All, in the order of the enumeration.
std::span<const QuantityInfo> quantities();
const QuantityInfo& info(Quantity quantity);
std::string_view to_string(Quantity quantity);
std::string_view to_string(CimClass cim_class);
std::optional<Quantity> parse_quantity(std::string_view name);  // any case

// The one way to write a phase of this quantity: a voltage against N is AN, a current A, a total none.
// Nothing when the quantity can not have that phase.
std::optional<Phase> canonical_phase(Quantity quantity, Phase phase);

// CIM's name of the measurement: "ThreePhaseActivePower" of the total, "ActivePower" of one phase.
std::string_view measurement_type(Quantity quantity, Phase phase);

// The OBIS code, empty where there is none.
std::string_view obis(Quantity quantity, Phase phase);

}  // namespace iw::model
