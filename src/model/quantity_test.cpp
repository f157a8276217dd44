#include "model/quantity.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace iw::model;

namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

}  // namespace

TEST_CASE("every quantity has a row, and its name reads back in any case") {
  CHECK(quantities().size() == static_cast<std::size_t>(Quantity::Count) + 1);
  for (const QuantityInfo& row : quantities()) {
    CAPTURE(row.name);
    CHECK(&info(row.quantity) == &row);
    CHECK(to_string(row.quantity) == row.name);
    CHECK(parse_quantity(row.name) == row.quantity);
    CHECK(parse_quantity(upper(row.name)) == row.quantity);
    CHECK_FALSE(row.measurement_type.empty());
  }
}

TEST_CASE("a quantity is found by its whole name only") {
  CHECK(parse_quantity("voltage.ln") == Quantity::VoltageLN);
  CHECK(parse_quantity("ReactiveEnergy.Q3") == Quantity::ReactiveEnergyQ3);
  CHECK_FALSE(parse_quantity("ActivePowe").has_value());
  CHECK_FALSE(parse_quantity("ActivePower ").has_value());
  CHECK_FALSE(parse_quantity("Voltage").has_value());
  CHECK_FALSE(parse_quantity("").has_value());
}

TEST_CASE("no quantity is another one with a component, so that a point name reads in one way") {
  for (const QuantityInfo& a : quantities()) {
    for (const QuantityInfo& b : quantities()) {
      CAPTURE(a.name);
      CAPTURE(b.name);
      CHECK_FALSE(upper(b.name).starts_with(upper(a.name) + "."));
    }
    CHECK(std::ranges::count(a.name, '.') <= 1);
  }
}

TEST_CASE("sign, unit and class of a row agree") {
  const std::set<Unit> energy{Unit::Wh, Unit::VArh, Unit::VAh, Unit::Ah};
  for (const QuantityInfo& row : quantities()) {
    CAPTURE(row.name);
    if (row.cim_class == CimClass::Accumulator) CHECK(row.sign == SignRule::never_negative);
    if (energy.contains(row.unit)) CHECK(row.sign == SignRule::never_negative);
    if (row.unit == Unit::VA) CHECK(row.sign == SignRule::never_negative);
    if (row.unit == Unit::VAr) CHECK(row.sign == SignRule::into_is_positive);
    if (row.sign == SignRule::zero_to_one) CHECK(row.unit == Unit::power_factor);
    if (row.sign == SignRule::percent) CHECK(row.unit == Unit::percent);
    if (row.sign == SignRule::angle) CHECK(row.unit == Unit::deg);
    if (row.cim_class == CimClass::Discrete) CHECK(row.unit == Unit::none);
    CHECK((row.cim_class == CimClass::StringMeasurement) == (row.quantity == Quantity::Text));
    CHECK(row.per_phase == !row.phases.empty());
  }
}

TEST_CASE("a 2030.5 code agrees with the unit, the direction and the class") {
  for (const QuantityInfo& row : quantities()) {
    const Ieee2030_5Codes& codes = row.ieee2030_5;
    CAPTURE(row.name);
    if (codes.uom == 0) {
      CHECK(codes.kind + codes.flow_direction + codes.accumulation + codes.data_qualifier == 0);
      continue;
    }
    // The uom is the number of the unit; a price is money (kind 3) for a Wh.
    if (row.quantity != Quantity::EnergyPrice) CHECK(codes.uom == static_cast<unsigned>(row.unit));
    if (row.name.ends_with("Import")) CHECK(codes.flow_direction == 1);
    if (row.name.ends_with("Export")) CHECK(codes.flow_direction == 19);
    if (row.cim_class == CimClass::Accumulator) CHECK(codes.accumulation == 9);
  }
}

TEST_CASE("one unit has one BACnet unit") {
  for (const QuantityInfo& a : quantities()) {
    for (const QuantityInfo& b : quantities()) {
      CAPTURE(a.name);
      CAPTURE(b.name);
      if (a.unit != Unit::none && a.unit == b.unit && a.bacnet_units != 0 && b.bacnet_units != 0) {
        CHECK(a.bacnet_units == b.bacnet_units);
      }
    }
  }
}

TEST_CASE("codes are those of the standards") {
  struct Row {
    Quantity quantity;
    unsigned uom, kind, flow, accumulation, bacnet;
    std::string_view obis;
  };
  const Row rows[] = {
      {Quantity::ActivePower, 38, 37, 0, 12, 47, "16.7.0"},
      {Quantity::ReactivePower, 63, 37, 0, 12, 11, "3.7.0-4.7.0"},
      {Quantity::ApparentPower, 61, 37, 0, 12, 8, "9.7.0"},
      {Quantity::PowerFactor, 65, 0, 0, 12, 15, "13.7.0"},
      {Quantity::VoltageLN, 29, 0, 0, 12, 5, ""},
      {Quantity::Current, 5, 0, 0, 12, 3, ""},
      {Quantity::Frequency, 33, 0, 0, 12, 27, "14.7.0"},
      {Quantity::EnergyImport, 72, 12, 1, 9, 18, "1.8.0"},
      {Quantity::EnergyExport, 72, 12, 19, 9, 18, "2.8.0"},
      {Quantity::EnergyIntervalImport, 72, 12, 1, 4, 18, "1.29.0"},
      {Quantity::ReactiveEnergyImport, 73, 12, 1, 9, 242, "3.8.0"},
      {Quantity::ReactiveEnergyExport, 73, 12, 19, 9, 242, "4.8.0"},
      {Quantity::ReactiveEnergyQ1, 73, 12, 15, 9, 242, "5.8.0"},
      {Quantity::ReactiveEnergyQ4, 73, 12, 18, 9, 242, "8.8.0"},
      {Quantity::ApparentEnergyImport, 71, 12, 1, 9, 239, "9.8.0"},
      {Quantity::DemandMax, 38, 8, 1, 6, 47, "1.6.0"},
      {Quantity::StateOfCharge, 0, 0, 0, 0, 98, ""},
      {Quantity::AirTemperature, 23, 0, 0, 12, 62, ""},
      {Quantity::Irradiance, 0, 0, 0, 0, 35, ""},
      {Quantity::WindSpeed, 0, 0, 0, 0, 74, ""},
      {Quantity::ChargedAh, 106, 0, 0, 9, 0, ""},
  };
  for (const Row& expected : rows) {
    const QuantityInfo& row = info(expected.quantity);
    CAPTURE(row.name);
    CHECK(row.ieee2030_5.uom == expected.uom);
    CHECK(row.ieee2030_5.kind == expected.kind);
    CHECK(row.ieee2030_5.flow_direction == expected.flow);
    CHECK(row.ieee2030_5.accumulation == expected.accumulation);
    CHECK(row.bacnet_units == expected.bacnet);
    CHECK(row.obis == expected.obis);
  }
  CHECK(info(Quantity::DemandMax).ieee2030_5.data_qualifier == 8);
  CHECK(info(Quantity::DemandAvg).ieee2030_5.data_qualifier == 2);
  CHECK(info(Quantity::StateOfCharge).ieee2030_5.attribute == "DERStatus.stateOfChargeStatus");
}

TEST_CASE("a generator's power counts the other way round in SunSpec 701, a meter's does not") {
  const std::string_view power = info(Quantity::ActivePower).sunspec;
  CHECK(power.find("701.W (-)") != std::string_view::npos);
  CHECK(power.find("20x.W,") != std::string_view::npos);
  CHECK(info(Quantity::ReactivePower).sunspec.find("701.Var (-)") != std::string_view::npos);
  CHECK(info(Quantity::ActivePowerSetpoint).sunspec.find("704.WSet (-)") != std::string_view::npos);
}

TEST_CASE("a quantity has a phase in one way only") {
  CHECK(canonical_phase(Quantity::VoltageLN, Phase::A) == Phase::AN);
  CHECK(canonical_phase(Quantity::VoltageLN, Phase::CN) == Phase::CN);
  CHECK(canonical_phase(Quantity::Current, Phase::BN) == Phase::B);
  CHECK(canonical_phase(Quantity::Current, Phase::N) == Phase::N);
  CHECK(canonical_phase(Quantity::ActivePower, Phase::ABC) == Phase::none);
  CHECK(canonical_phase(Quantity::VoltageLL, Phase::CA) == Phase::CA);

  CHECK_FALSE(canonical_phase(Quantity::VoltageLL, Phase::A).has_value());
  CHECK_FALSE(canonical_phase(Quantity::VoltageLN, Phase::AB).has_value());
  CHECK_FALSE(canonical_phase(Quantity::ActivePower, Phase::N).has_value());
  CHECK_FALSE(canonical_phase(Quantity::Frequency, Phase::A).has_value());
}

TEST_CASE("names of the total and of one phase") {
  CHECK(measurement_type(Quantity::ActivePower, Phase::none) == "ThreePhaseActivePower");
  CHECK(measurement_type(Quantity::ActivePower, Phase::B) == "ActivePower");
  CHECK(measurement_type(Quantity::Current, Phase::B) == "LineCurrent");
  CHECK(obis(Quantity::ActivePower, Phase::none) == "16.7.0");
  CHECK(obis(Quantity::ActivePower, Phase::C) == "76.7.0");
  CHECK(obis(Quantity::VoltageLN, Phase::B) == "52.7.0");
  CHECK(obis(Quantity::Current, Phase::N) == "91.7.0");
  CHECK(obis(Quantity::ApparentPower, Phase::A) == "");
  CHECK(obis(Quantity::Frequency, Phase::A) == "");
}

TEST_CASE("the numbers of the phases are those of IEC 61968-9, and read back") {
  CHECK(static_cast<int>(Phase::ABN) == 193);
  CHECK(static_cast<int>(Phase::AB) == 132);
  for (const Phase phase :
       {Phase::N, Phase::C, Phase::CN, Phase::CA, Phase::B, Phase::BN, Phase::BC, Phase::A, Phase::AN,
        Phase::AB, Phase::ABN, Phase::ABC, Phase::ABCN, Phase::s2, Phase::s1, Phase::s12}) {
    CHECK_FALSE(to_string(phase).empty());
    CHECK(parse_phase(to_string(phase)) == phase);
  }
  CHECK(parse_phase("") == Phase::none);
  CHECK(parse_phase("ab") == Phase::AB);
  CHECK(parse_phase("AC") == Phase::CA);
  CHECK_FALSE(parse_phase("BA").has_value());
  CHECK_FALSE(parse_phase("string1").has_value());
}
