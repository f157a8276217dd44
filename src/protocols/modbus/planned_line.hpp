// PlannedLine: a Line that does what its plan says.
#pragma once

#include "protocols/modbus/line_plan.hpp"

namespace iw::modbus {

class PlannedLine final : public driver::Line {
 public:
  PlannedLine(const ModbusLinePlan& plan, const driver::Surroundings& surroundings);

  io::Task<void> run() override { return line_.run(); }
  void stop() override { line_.stop(); }
  void end() override;
  bool follow(const driver::LinePlan& plan) override;
  bool let_go(const driver::LinePlan& plan) override;
  [[nodiscard]] bool has(model::DeviceId device) const override;
  io::Task<model::WriteResult> write(model::WriteCommand command) override {
    return line_.write(std::move(command));
  }
  io::Task<Result<std::vector<std::byte>>> ask_station(std::uint8_t station, std::vector<std::byte> question,
                                                       Duration patience) override;
  [[nodiscard]] driver::LineStatus status() const override;
  [[nodiscard]] std::vector<driver::RequestRecord> recent_requests() const override;
  [[nodiscard]] std::vector<driver::RawPoint> raw_points(model::DeviceId device) override {
    return line_.raw_points(device);
  }

 private:
  // None when it is of another road.
  [[nodiscard]] const std::vector<PlannedDevice>* wanted_by(const driver::LinePlan& plan) const;

  LineSettings settings_;  // as planned
  std::optional<TlsFiles> tls_;
  std::vector<PlannedDevice> devices_;
  modbus::Line line_;
};

}  // namespace iw::modbus
