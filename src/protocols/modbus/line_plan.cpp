#include "protocols/modbus/line_plan.hpp"

#include <algorithm>

#include "protocols/modbus/plan.hpp"
#include "protocols/modbus/planned_line.hpp"
#include "protocols/modbus/rtu_frame.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::modbus {
namespace {

// What a device takes to answer, when nobody has measured it.
constexpr Duration tcp_latency = 20ms;
constexpr Duration serial_turnaround = 10ms;
constexpr std::size_t read_request = 8;         // bytes of an RTU read request
constexpr std::size_t read_reply_overhead = 5;  // unit, function, byte count, CRC

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

Duration time_of(const Block& block, const LineSettings& settings) {
  const Framing framing = framing_of(settings.address);
  if (framing.character == 0ns) return tcp_latency + settings.gap;
  const std::size_t data =
      is_bits(block.table) ? (std::size_t{block.count} + 7) / 8 : std::size_t{block.count} * 2;
  return airtime(framing.character, read_request + read_reply_overhead + data) + serial_turnaround +
         2 * framing.silence + settings.gap;
}

std::vector<Duration> periods_of(const LineDevice& device) {
  std::vector<Duration> periods;
  for (const RegisterPoint& point : device.map->points)
    periods.push_back(point.period.value_or(device.rates.period(point.point.rate)));
  return periods;
}

}  // namespace

driver::LineBudget ModbusLinePlan::budget() const {
  driver::LineBudget budget{.url = url()};
  if (framing_of(settings_.address).character == 0ns) budget.assumed = tcp_latency;
  for (const PlannedDevice& planned : devices_) {
    const LineDevice& device = planned.device;
    if (!device.map) {
      ++budget.unknown;
      continue;
    }
    const Plan plan(*device.map, periods_of(device));
    for (const Block& block : plan.blocks()) {
      budget.add({.device = device.name,
                  .what = fmt::format("{}: {} {} from {}", device.name, block.count, in_words(block.table),
                                      block.address),
                  .period = block.period,
                  .takes = time_of(block, settings_)});
    }
  }
  budget.sort();
  return budget;
}

std::vector<driver::CertificateFile> ModbusLinePlan::certificates() const {
  if (!tls_) return {};
  return {{.file = tls_->certificate, .key = tls_->key}, {.file = tls_->ca}};
}

std::unique_ptr<driver::Line> ModbusLinePlan::start(const driver::Surroundings& surroundings) const {
  return std::make_unique<PlannedLine>(*this, surroundings);
}

}  // namespace iw::modbus
