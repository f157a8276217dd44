// SunSpecDevice: a chain of SunSpec models at 40000, and the three devices made of it: a PV inverter, a
// storage inverter with its battery, and a meter.
//
// A command of a model acts when its enable point is 1, and falls back when its revert time is over.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/sunspec/image.hpp"
#include "sim/device.hpp"
#include "sim/site_physics.hpp"

namespace iw::sim {

class SunSpecDevice : public Device {
 protected:
  // The common model (1) with who it is.
  SunSpecDevice(std::string_view maker, std::string_view model, std::string_view serial_number);

  sunspec::ModelImage& add_model(std::uint16_t id, const sunspec::Shape& shape = {});
  // Puts the whole chain into the registers. Those points may be written that `writable` names, of that
  // model.
  void publish();
  void allow(const sunspec::ModelImage& model, std::span<const std::string_view> writable);
  // Puts the values of one model into the registers again.
  void publish(const sunspec::ModelImage& model);

  [[nodiscard]] std::uint16_t address(const sunspec::ModelImage& model, std::string_view point) const;
  // One or two registers of a model as they are now, sign and scale not applied.
  [[nodiscard]] std::uint16_t value16(const sunspec::ModelImage& model, std::string_view point) const;
  [[nodiscard]] std::uint32_t value32(const sunspec::ModelImage& model, std::string_view point) const;
  void set16(const sunspec::ModelImage& model, std::string_view point, std::uint16_t value);
  void set32(const sunspec::ModelImage& model, std::string_view point, std::uint32_t value);

 private:
  sunspec::Image image_;
};

// Models 1, 103, 120, 123, 160. Obeys Conn, and WMaxLimPct with WMaxLim_Ena and WMaxLimPct_RvrtTms.
class SunSpecInverter final : public SunSpecDevice {
 public:
  // Inverter number `index` of the site, which outlives this.
  SunSpecInverter(SitePhysics& site, std::size_t index);

  void refresh(Instant now) override;
  std::optional<modbus::ExceptionCode> judge(const RegisterWrite& write) override;
  void written(const RegisterWrite& write, Instant now) override;

 private:
  [[nodiscard]] const PvState& pv() const { return site_.state().pv[index_]; }

  SitePhysics& site_;
  std::size_t index_;
  sunspec::ModelImage& inverter_;  // 103
  sunspec::ModelImage& controls_;  // 123
  sunspec::ModelImage& trackers_;  // 160
  Instant revert_at_ = never;
  std::uint64_t shown_ = ~0ULL;
};

// Models 1, 701, 702, 704, 713, 802. Obeys WSet (W, + is discharge) with WSetEna and WSetRvrtTms, and the
// settings WChaRteMax and WDisChaRteMax.
class SunSpecBattery final : public SunSpecDevice {
 public:
  explicit SunSpecBattery(SitePhysics& site);

  void refresh(Instant now) override;
  std::optional<modbus::ExceptionCode> judge(const RegisterWrite& write) override;
  void written(const RegisterWrite& write, Instant now) override;

 private:
  [[nodiscard]] const BatteryState& battery() const { return site_.state().battery; }
  void obey_setpoint();

  SitePhysics& site_;
  sunspec::ModelImage& ac_;        // 701
  sunspec::ModelImage& capacity_;  // 702
  sunspec::ModelImage& controls_;  // 704
  sunspec::ModelImage& storage_;   // 713
  sunspec::ModelImage& cells_;     // 802
  Instant revert_at_ = never;
  std::uint64_t shown_ = ~0ULL;
};

// Models 1 and 203: a meter of one branch, + is import. Its scale factors are fixed, as the standard wants
// them, for `largest_w` on all phases together.
class SunSpecMeter final : public SunSpecDevice {
 public:
  SunSpecMeter(const Branch& branch, double largest_w);

  void refresh(Instant now) override;

 private:
  const Branch& branch_;
  sunspec::ModelImage& meter_;
};

}  // namespace iw::sim
