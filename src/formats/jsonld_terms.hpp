// Which words of the context stand for ours.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/phase.hpp"
#include "model/quality.hpp"
#include "model/unit.hpp"

namespace iw::formats {

struct UnitTerm {
  model::Unit unit;
  std::string_view qudt;
  std::string_view unece;  // UN/CEFACT Recommendation 20; empty where we know of no code
};

constexpr std::array unit_terms{
    UnitTerm{model::Unit::A, "unit:A", "AMP"},
    UnitTerm{model::Unit::deg, "unit:DEG", "DD"},
    UnitTerm{model::Unit::degC, "unit:DEG_C", "CEL"},
    UnitTerm{model::Unit::s, "unit:SEC", "SEC"},
    UnitTerm{model::Unit::V, "unit:V", "VLT"},
    UnitTerm{model::Unit::Hz, "unit:HZ", "HTZ"},
    UnitTerm{model::Unit::W, "unit:W", "WTT"},
    UnitTerm{model::Unit::VA, "unit:V-A", "D46"},
    UnitTerm{model::Unit::VAr, "unit:VAR", "D44"},
    UnitTerm{model::Unit::VAh, "unit:V-A-HR", ""},
    UnitTerm{model::Unit::Wh, "unit:W-HR", "WHR"},
    UnitTerm{model::Unit::VArh, "unit:V-A_Reactive-HR", ""},
    UnitTerm{model::Unit::Ah, "unit:A-HR", "AMH"},
    UnitTerm{model::Unit::W_per_m2, "unit:W-PER-M2", "D54"},
    UnitTerm{model::Unit::percent, "unit:PERCENT", "P1"},
    UnitTerm{model::Unit::m_per_s, "unit:M-PER-SEC", "MTS"},
};

// Beside validity, and `substituted`, which is the source of Quality61850.
struct DetailTerm {
  model::Detail detail;
  std::string_view term;
};

constexpr std::array detail_terms{
    DetailTerm{model::Detail::overflow, "overFlow"},
    DetailTerm{model::Detail::out_of_range, "outOfRange"},
    DetailTerm{model::Detail::bad_reference, "badReference"},
    DetailTerm{model::Detail::oscillatory, "oscillatory"},
    DetailTerm{model::Detail::failure, "failure"},
    DetailTerm{model::Detail::old_data, "oldData"},
    DetailTerm{model::Detail::inconsistent, "inconsistent"},
    DetailTerm{model::Detail::inaccurate, "inaccurate"},
    DetailTerm{model::Detail::test, "test"},
    DetailTerm{model::Detail::operator_blocked, "operatorBlocked"},
    DetailTerm{model::Detail::suspect, "suspect"},
    DetailTerm{model::Detail::estimator_replaced, "estimatorReplaced"},
    DetailTerm{model::Detail::clock_failure, "clockFailure"},
    DetailTerm{model::Detail::clock_not_synchronized, "clockNotSynchronized"},
    DetailTerm{model::Detail::interpolated, "interpolated"},
    DetailTerm{model::Detail::filtered, "filtered"},
    DetailTerm{model::Detail::derived, "derived"},
    DetailTerm{model::Detail::forecast, "forecast"},
    DetailTerm{model::Detail::historical, "historical"},
    DetailTerm{model::Detail::no_connection, "noConnection"},
};

constexpr std::string_view phase_prefix = "cim:PhaseCode.";

// PhaseCode of IEC 61970-301 spells CA as AC.
constexpr std::string_view phase_ac = "AC";

// What the value of a MeasurementValue may be. Others are a `number` beside it.
enum class Holds : std::uint8_t { doubles, whole_numbers, texts };

// Which CIM MeasurementValue has the values of a point, and what its point is called there.
struct ValueClass {
  std::string_view point;  // CIM class of the point
  std::string_view value;
  std::string_view link;
  Holds holds;
};

constexpr std::array value_classes{
    ValueClass{"Analog", "AnalogValue", "measurement", Holds::doubles},
    ValueClass{"Accumulator", "AccumulatorValue", "measurement", Holds::whole_numbers},
    ValueClass{"Discrete", "DiscreteValue", "measurement", Holds::whole_numbers},
    ValueClass{"StringMeasurement", "StringMeasurementValue", "measurement", Holds::texts},
    ValueClass{"SetPoint", "AnalogValue", "control", Holds::doubles},
    ValueClass{"Command", "DiscreteValue", "control", Holds::whole_numbers},
    ValueClass{"EndDeviceControl", "DiscreteValue", "control", Holds::whole_numbers},
};
inline constexpr const ValueClass& class_of_numbers = value_classes[0];
inline constexpr const ValueClass& class_of_texts = value_classes[3];

}  // namespace iw::formats
