#include "sim/sunspec_device.hpp"

namespace iw::sim {

SunSpecMeter::SunSpecMeter(const Branch& branch)
    : SunSpecDevice("Interwatt", "Simulated Meter", "SIM-MTR-1"), branch_(branch), meter_(add_model(203)) {
  meter_.set_raw("TotWh_SF", 1);  // 10 Wh
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
