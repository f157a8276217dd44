// A string inverter in the manner of the Huawei SUN2000: its own register map, + is generation, watts and
// kilowatt hours in signed and unsigned 32 bits, high word first. With it comes the meter at the grid
// connection that such inverters read (+ is export).
//
// Control: 40125 limit in 0.1 %, 40126 limit in W, 40200 start, 40201 stop (write only: they read as 0).
#pragma once

#include "sim/device.hpp"
#include "sim/site_physics.hpp"

namespace iw::sim {

class HuaweiSun2000 final : public Device {
 public:
  // Inverter number `index` of the site, which outlives this.
  HuaweiSun2000(SitePhysics& site, std::size_t index);

  void refresh(Instant now) override;
  std::optional<modbus::ExceptionCode> judge(const RegisterWrite& write) override;
  void written(const RegisterWrite& write, Instant now) override;

 private:
  [[nodiscard]] const PvState& pv() const { return site_.state().pv[index_]; }

  SitePhysics& site_;
  std::size_t index_;
};

}  // namespace iw::sim
