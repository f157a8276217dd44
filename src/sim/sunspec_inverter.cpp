#include "sim/sunspec_device.hpp"

namespace iw::sim {

namespace {

constexpr std::string_view writable[] = {"Conn_WinTms",       "Conn_RvrtTms",      "Conn",
                                         "WMaxLimPct",        "WMaxLimPct_WinTms", "WMaxLimPct_RvrtTms",
                                         "WMaxLimPct_RmpTms", "WMaxLim_Ena"};
constexpr std::uint16_t whole = 10'000;  // of WMaxLimPct: 100 % in steps of 0.01 %

// St of model 103.
std::uint64_t state_of(PvStatus status) {
  switch (status) {
    case PvStatus::off: return 1;
    case PvStatus::sleeping: return 2;
    case PvStatus::running: return 4;  // MPPT
    case PvStatus::throttled: return 5;
  }
  return 7;
}

}  // namespace

SunSpecInverter::SunSpecInverter(SitePhysics& site, std::size_t index)
    : SunSpecDevice("Interwatt", "Simulated PV", "SIM-PV-1"),
      site_(site),
      index_(index),
      inverter_(add_model(103)),
      controls_((add_model(120)
                     .set_raw("DERTyp", 4)
                     .set("WRtg", pv().rated_w)
                     .set("VARtg", pv().rated_w * 1.05)
                     .set("ARtg", pv().rated_w * 1.05 / 690),
                 add_model(123))),
      trackers_(add_model(160, {.repeat = {{"N", 2}, {"module", 2}}})) {
  inverter_.set_raw("WH_SF", 1);  // 10 Wh: years until 32 bits are full
  controls_.set_raw("WMaxLimPct_SF", 0xFFFE)
      .set_raw("Conn_WinTms", 0)
      .set_raw("Conn_RvrtTms", 0)
      .set_raw("Conn", 1)
      .set_raw("WMaxLimPct", whole)
      .set_raw("WMaxLimPct_WinTms", 0)
      .set_raw("WMaxLimPct_RvrtTms", 0)
      .set_raw("WMaxLimPct_RmpTms", 0)
      .set_raw("WMaxLim_Ena", 0);
  trackers_.set_raw("DCWH_SF", 1);
  publish();
  allow(controls_, writable);
}

void SunSpecInverter::refresh(Instant now) {
  if (now >= revert_at_) {
    revert_at_ = never;
    set16(controls_, "WMaxLim_Ena", 0);
    site_.limit_pv(index_, pv().rated_w);
  }
  if (site_.state().steps == shown_) return;
  shown_ = site_.state().steps;

  const PvState& p = pv();
  const Branch& ac = p.ac;
  // Models 10x count generation as positive.
  inverter_.set("A", ac.total_current())
      .set("AphA", ac.current[0])
      .set("AphB", ac.current[1])
      .set("AphC", ac.current[2])
      .set("PPVphAB", ac.line_voltage(0))
      .set("PPVphBC", ac.line_voltage(1))
      .set("PPVphCA", ac.line_voltage(2))
      .set("PhVphA", ac.voltage[0])
      .set("PhVphB", ac.voltage[1])
      .set("PhVphC", ac.voltage[2])
      .set("W", -ac.total_power())
      .set("Hz", ac.frequency)
      .set("VA", ac.total_apparent())
      .set("VAr", -ac.total_reactive())
      .set("PF", ac.power_factor() * 100)
      .set("WH", ac.energy.exported)
      .set("DCW", p.dc_power())
      .set("TmpCab", p.temperature)
      .set_raw("St", state_of(p.status))
      .set_raw("Evt1", 0);
  publish(inverter_);

  static constexpr std::string_view modules[][4] = {
      {"module[1].DCA", "module[1].DCV", "module[1].DCW", "module[1].DCWH"},
      {"module[2].DCA", "module[2].DCV", "module[2].DCW", "module[2].DCWH"}};
  for (std::size_t i = 0; i < 2; ++i) {
    const PvString& string = p.strings[i];
    trackers_.set(modules[i][0], string.current)
        .set(modules[i][1], string.voltage)
        .set(modules[i][2], string.power)
        .set(modules[i][3], string.energy);
  }
  publish(trackers_);
}

std::optional<modbus::ExceptionCode> SunSpecInverter::judge(const RegisterWrite& write) {
  const auto above = [&](std::string_view point, std::uint16_t most) {
    return write.value_of(address(controls_, point)).value_or(0) > most;
  };
  if (above("WMaxLimPct", whole) || above("WMaxLim_Ena", 1) || above("Conn", 1)) {
    return modbus::ExceptionCode::illegal_data_value;
  }
  return std::nullopt;
}

void SunSpecInverter::written(const RegisterWrite& write, Instant now) {
  const auto has = [&](std::string_view point) {
    return write.value_of(address(controls_, point)).has_value();
  };
  if (has("Conn")) site_.connect_pv(index_, value16(controls_, "Conn") == 1);
  if (!has("WMaxLimPct") && !has("WMaxLim_Ena") && !has("WMaxLimPct_RvrtTms")) return;

  const bool enabled = value16(controls_, "WMaxLim_Ena") == 1;
  const double part = enabled ? value16(controls_, "WMaxLimPct") / static_cast<double>(whole) : 1;
  site_.limit_pv(index_, pv().rated_w * part);
  const std::uint16_t revert = value16(controls_, "WMaxLimPct_RvrtTms");
  revert_at_ = enabled && revert > 0 ? now + std::chrono::seconds(revert) : never;
}

}  // namespace iw::sim
