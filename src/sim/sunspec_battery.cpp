#include <algorithm>
#include <cmath>

#include "sim/sunspec_device.hpp"

namespace iw::sim {

using sunspec::ModelImage;

namespace {

constexpr std::string_view writable_settings[] = {"WChaRteMax", "WDisChaRteMax"};
constexpr std::string_view writable_controls[] = {"WSetEna",  "WSetMod",     "WSet",
                                                  "WSetRvrt", "WSetEnaRvrt", "WSetRvrtTms"};
constexpr std::uint16_t watts = 1;                          // WSetMod
constexpr std::uint32_t control_modes = 1U << 0 | 1U << 1;  // MAX_W, FIXED_W

// ChaSt of model 802.
std::uint64_t charge_state(BatteryStatus status) {
  switch (status) {
    case BatteryStatus::empty: return 2;
    case BatteryStatus::discharging: return 3;
    case BatteryStatus::charging: return 4;
    case BatteryStatus::full: return 5;
    case BatteryStatus::idle: return 6;  // HOLDING
  }
  return 1;
}

}  // namespace

SunSpecBattery::SunSpecBattery(SitePhysics& site)
    : SunSpecDevice("Interwatt", "Simulated Storage", "SIM-BAT-1"),
      site_(site),
      ac_(add_model(701)),
      capacity_(add_model(702)),
      controls_(add_model(704)),
      storage_(add_model(713)),
      cells_(add_model(802)) {
  const double charge = battery().rated_charge_w;
  const double discharge = battery().rated_discharge_w;
  const double rated = std::max(charge, discharge);
  capacity_.set("WMaxRtg", rated)
      .set("VAMaxRtg", rated)
      .set("WChaRteMaxRtg", charge)
      .set("WDisChaRteMaxRtg", discharge)
      .set("VNomRtg", 230)
      .set_raw("CtrlModes", control_modes)
      .set("WMax", rated)
      .set("VAMax", rated)
      .set("WChaRteMax", charge)
      .set("WDisChaRteMax", discharge)
      .set("VNom", 230);
  controls_.set_raw("WSet_SF", 0)
      .set_raw("WSetEna", 0)
      .set_raw("WSetMod", watts)
      .set_raw("WSet", 0)
      .set_raw("WSetRvrt", 0)
      .set_raw("WSetEnaRvrt", 0)
      .set_raw("WSetRvrtTms", 0)
      .set_raw("WSetRvrtRem", 0);
  storage_.set_raw("WH_SF", 1);  // 10 Wh
  cells_.set_raw("WHRtg_SF", 1)
      .set("WHRtg", battery().capacity_wh)
      .set("AHRtg", battery().capacity_wh / 400)
      .set("WChaRteMax", charge)
      .set("WDisChaRteMax", discharge)
      .set("SoCMax", 100)
      .set("SoCMin", battery().min_soc)
      .set_raw("LocRemCtl", 0)
      .set_raw("Typ", 4)    // lithium ion
      .set_raw("State", 3)  // connected
      .set_raw("Evt1", 0);
  publish();
  allow(capacity_, writable_settings);
  allow(controls_, writable_controls);
}

void SunSpecBattery::refresh(Instant now) {
  if (now >= revert_at_) {
    revert_at_ = never;
    set32(controls_, "WSet", value32(controls_, "WSetRvrt"));
    set16(controls_, "WSetEna", value16(controls_, "WSetEnaRvrt"));
    set32(controls_, "WSetRvrtRem", 0);
    obey_setpoint();
  } else if (revert_at_ != never) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(revert_at_ - now);
    set32(controls_, "WSetRvrtRem", static_cast<std::uint32_t>(left.count()));
  }
  if (site_.state().steps == shown_) return;
  shown_ = site_.state().steps;

  const BatteryState& b = battery();
  const Branch& ac = b.ac;
  // Models 70x count what goes out of the equipment as positive.
  ac_.set_raw("ACType", 2)
      .set_raw("St", 1)
      .set_raw("InvSt", 3)
      .set_raw("ConnSt", 1)
      .set_raw("Alrm", 0)
      .set_raw("DERMode", 1)
      .set("W", -ac.total_power())
      .set("VA", ac.total_apparent())
      .set("Var", -ac.total_reactive())
      .set("PF", ac.power_factor())
      .set("A", ac.total_current())
      .set("LLV", ac.mean_line_voltage())
      .set("LNV", ac.mean_voltage())
      .set("Hz", ac.frequency)
      .set("TotWhInj", ac.energy.exported)
      .set("TotWhAbs", ac.energy.imported)
      .set("TmpCab", b.temperature)
      .set("WL1", -ac.power[0])
      .set("WL2", -ac.power[1])
      .set("WL3", -ac.power[2])
      .set("AL1", ac.current[0])
      .set("AL2", ac.current[1])
      .set("AL3", ac.current[2])
      .set("VL1", ac.voltage[0])
      .set("VL2", ac.voltage[1])
      .set("VL3", ac.voltage[2]);
  publish(ac_);
  storage_.set("WHRtg", b.capacity_wh)
      .set("WHAvail", b.capacity_wh * b.soc / 100)
      .set("SoC", b.soc)
      .set("SoH", 98)
      .set_raw("Sta", 0);
  publish(storage_);
  // As most banks do, discharge is positive.
  cells_.set("SoC", b.soc)
      .set("DoD", 100 - b.soc)
      .set("SoH", 98)
      .set_raw("ChaSt", charge_state(b.status))
      .set("V", b.dc_voltage)
      .set("A", -b.dc_current)
      .set("W", -b.dc_power);
  publish(cells_);
}

std::optional<modbus::ExceptionCode> SunSpecBattery::judge(const RegisterWrite& write) {
  const auto above = [&](const ModelImage& model, std::string_view point, double most) {
    return write.value_of(address(model, point)).value_or(0) > most;
  };
  const bool wrong = above(controls_, "WSetEna", 1) || above(controls_, "WSetEnaRvrt", 1) ||
                     write.value_of(address(controls_, "WSetMod")).value_or(watts) != watts ||
                     above(capacity_, "WChaRteMax", battery().rated_charge_w) ||
                     above(capacity_, "WDisChaRteMax", battery().rated_discharge_w);
  if (wrong) return modbus::ExceptionCode::illegal_data_value;
  // Values of 32 bits are written as a whole.
  for (const std::string_view point : {"WSet", "WSetRvrt", "WSetRvrtTms"}) {
    const std::uint16_t at = address(controls_, point);
    const auto second = static_cast<std::uint16_t>(at + 1);
    if (write.value_of(at).has_value() != write.value_of(second).has_value()) {
      return modbus::ExceptionCode::illegal_data_address;
    }
  }
  return std::nullopt;
}

void SunSpecBattery::written(const RegisterWrite& write, Instant now) {
  const auto has = [&](const ModelImage& model, std::string_view point) {
    return write.value_of(address(model, point)).has_value();
  };
  if (has(capacity_, "WChaRteMax") || has(capacity_, "WDisChaRteMax")) {
    site_.limit_battery(value16(capacity_, "WChaRteMax"), value16(capacity_, "WDisChaRteMax"));
  }
  if (!has(controls_, "WSet") && !has(controls_, "WSetEna") && !has(controls_, "WSetRvrtTms")) return;
  obey_setpoint();
  const std::uint32_t revert = value32(controls_, "WSetRvrtTms");
  const bool timed = value16(controls_, "WSetEna") == 1 && revert > 0;
  revert_at_ = timed ? now + std::chrono::seconds(revert) : never;
}

void SunSpecBattery::obey_setpoint() {
  if (value16(controls_, "WSetEna") != 1) {
    site_.command_battery(std::nullopt);
  } else {
    site_.command_battery(-static_cast<double>(static_cast<std::int32_t>(value32(controls_, "WSet"))));
  }
}

}  // namespace iw::sim
