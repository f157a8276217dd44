// ProfileDevice: a device made of nothing but its register map, with plausible values for every point: for
// `interwatt simulate huawei/sun2000`, and to try a profile without the device.
//
// Readings swing slowly around a usual value, energies grow. What the device counts outwards as positive (a
// negative scale), it gives out. What may be written holds what was written.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "protocols/modbus/registers.hpp"
#include "protocols/modbus/value.hpp"
#include "sim/device.hpp"

namespace iw::sim {

class ProfileDevice final : public Device {
 public:
  // identity_points: text points outside the map (Profile::identity).
  explicit ProfileDevice(modbus::RegisterMap map, std::vector<modbus::RegisterPoint> identity_points = {});

  void refresh(Instant now) override;

  // What a point shows so long after the start, in the canonical unit.
  [[nodiscard]] static double plausible(const modbus::RegisterPoint& point, double seconds);

 private:
  void make_registers(const modbus::RegisterPoint& point);
  void choose_exponents();
  void show(const modbus::RegisterPoint& point, double seconds);
  void show_text(const modbus::RegisterPoint& point, std::string_view text);
  void store(const modbus::RegisterPoint& point, std::span<const std::uint16_t> words);
  [[nodiscard]] std::optional<int> exponent(const modbus::RegisterPoint& point) const;

  modbus::RegisterMap map_;
  std::vector<modbus::RegisterPoint> identity_points_;
  std::map<std::uint16_t, int> exponents_;  // by the address of the scale register
  std::optional<Instant> start_;
  Instant shown_{};
};

}  // namespace iw::sim
