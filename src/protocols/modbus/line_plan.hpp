// ModbusLinePlan: one Modbus line as the configuration wants it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/line.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::modbus {

// Certificates of a Modbus/TCP Security line.
struct TlsFiles {
  std::string ca;                               // PEM
  std::string certificate;                      // PEM, our chain
  std::string key;                              // PEM, mode 0600
  std::optional<std::string> server_name = {};  // in the device's certificate, if not the host's

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

struct PlannedDevice {
  LineDevice device;
  std::string fingerprint;  // equal when nothing that concerns polling has changed, its map aside
};

class ModbusLinePlan final : public driver::LinePlan {
 public:
  ModbusLinePlan(LineSettings settings, std::optional<TlsFiles> tls, std::vector<PlannedDevice> devices)
      : settings_(std::move(settings)), tls_(std::move(tls)), devices_(std::move(devices)) {}

  [[nodiscard]] const std::string& url() const override { return settings_.name; }
  // On a serial line the time on the wire is arithmetic; behind TCP the device's own latency decides, and is
  // assumed.
  [[nodiscard]] driver::LineBudget budget() const override;
  [[nodiscard]] std::vector<driver::CertificateFile> certificates() const override;
  [[nodiscard]] std::unique_ptr<driver::Line> start(const driver::Surroundings& surroundings) const override;

  [[nodiscard]] const LineSettings& settings() const { return settings_; }
  [[nodiscard]] const std::optional<TlsFiles>& tls() const { return tls_; }
  [[nodiscard]] const std::vector<PlannedDevice>& devices() const { return devices_; }

 private:
  LineSettings settings_;
  std::optional<TlsFiles> tls_;
  std::vector<PlannedDevice> devices_;
};

}  // namespace iw::modbus
