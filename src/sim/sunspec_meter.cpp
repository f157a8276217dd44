#include <algorithm>
#include <cmath>

#include "sim/sunspec_device.hpp"

namespace iw::sim {

namespace {

// The finest power of ten, from `finest` up, in whose steps an int16 holds the value and half as much again.
std::uint16_t scale_factor_for(double largest, int finest) {
  const double steps = 1.5 * largest / 32'767;
  return static_cast<std::uint16_t>(std::max(finest, static_cast<int>(std::ceil(std::log10(steps)))));
}

}  // namespace

SunSpecMeter::SunSpecMeter(const Branch& branch, double largest_w)
    : SunSpecDevice("Interwatt", "Simulated Meter", "SIM-MTR-1"), branch_(branch), meter_(add_model(203)) {
  constexpr double nominal_v = 230;
  const std::uint16_t power = scale_factor_for(largest_w, 0);
  meter_.set_raw("W_SF", power)
      .set_raw("VA_SF", power)
      .set_raw("VAR_SF", power)
      .set_raw("A_SF", scale_factor_for(largest_w / nominal_v, -2))
      .set_raw("TotWh_SF", 1);  // 10 Wh
  publish();
}

void SunSpecMeter::refresh(Instant /*now*/) {
  const Branch& b = branch_;
  meter_.set("A", b.total_current())
      .set("AphA", b.current[0])
      .set("AphB", b.current[1])
      .set("AphC", b.current[2])
      .set("PhV", b.mean_voltage())
      .set("PhVphA", b.voltage[0])
      .set("PhVphB", b.voltage[1])
      .set("PhVphC", b.voltage[2])
      .set("PPV", b.mean_line_voltage())
      .set("Hz", b.frequency)
      .set("W", b.total_power())
      .set("WphA", b.power[0])
      .set("WphB", b.power[1])
      .set("WphC", b.power[2])
      .set("VA", b.total_apparent())
      .set("VAR", b.total_reactive())
      .set("PF", b.power_factor() * 100)
      .set("TotWhExp", b.energy.exported)
      .set("TotWhImp", b.energy.imported)
      .set_raw("Evt", 0);
  publish(meter_);
}

}  // namespace iw::sim
