// ReadingType of IEC 61968-9 from the codes of IEEE 2030.5, which are a subset of it where both have one.

#include <fmt/format.h>

#include "formats/telemetry.hpp"

namespace iw::formats {
namespace {

using model::Unit;

constexpr int electricity = 1;    // commodity: electricity, secondary metered
constexpr int summation = 9;      // accumulation of 2030.5: a register that only counts up
constexpr int bulk_quantity = 1;  // and what 61968-9 calls it

// measurementKind, where 2030.5 leaves it to the unit.
int kind_of(const model::QuantityInfo& info) {
  if (info.ieee2030_5.kind != 0) return info.ieee2030_5.kind;
  switch (info.unit) {
    case Unit::A: return 4;              // current
    case Unit::Hz: return 15;            // frequency
    case Unit::W: return 37;             // power
    case Unit::power_factor: return 38;  // power factor
    case Unit::degC: return 46;          // temperature
    case Unit::V: return 54;             // voltage
    default: return 0;
  }
}

}  // namespace

// macroPeriod.aggregate.measuringPeriod.accumulation.flowDirection.commodity.measurementKind
// .interharmonic(2).argument(2).tou.cpp.consumptionTier.phases.multiplier.unit.currency
std::string reading_type(model::Quantity quantity, model::Phase phase) {
  const model::QuantityInfo& info = model::info(quantity);
  const model::Ieee2030_5Codes& codes = info.ieee2030_5;
  if (codes.uom == 0) return {};
  return fmt::format("0.{}.0.{}.{}.{}.{}.0.0.0.0.0.0.0.{}.0.{}.0", codes.data_qualifier,
                     codes.accumulation == summation ? bulk_quantity : codes.accumulation,
                     codes.flow_direction, info.unit == Unit::degC ? 0 : electricity, kind_of(info),
                     static_cast<unsigned>(phase), codes.uom);
}

}  // namespace iw::formats
