#include "gateway/budget.hpp"

#include <algorithm>

#include "config/rule.hpp"
#include "protocols/modbus/plan.hpp"
#include "protocols/modbus/rtu_frame.hpp"

namespace iw::gateway {
namespace {

// What a device takes to answer, when nobody has measured it.
constexpr Duration tcp_latency = 20ms;
constexpr Duration serial_turnaround = 10ms;
constexpr std::size_t read_request = 8;         // bytes of an RTU read request
constexpr std::size_t read_reply_overhead = 5;  // unit, function, byte count, CRC

bool is_bits(modbus::Table table) {
  return table == modbus::Table::coils || table == modbus::Table::discrete_inputs;
}

std::string_view to_string(modbus::Table table) {
  switch (table) {
    case modbus::Table::coils: return "coils";
    case modbus::Table::discrete_inputs: return "discrete inputs";
    case modbus::Table::input_registers: return "input registers";
    case modbus::Table::holding_registers: return "holding registers";
  }
  return "";
}

Duration time_of(const modbus::Block& block, const modbus::LineSettings& settings) {
  const modbus::Framing framing = modbus::framing_of(settings.address);
  if (framing.character == 0ns) return tcp_latency + settings.gap;
  const std::size_t data =
      is_bits(block.table) ? (std::size_t{block.count} + 7) / 8 : std::size_t{block.count} * 2;
  return modbus::airtime(framing.character, read_request + read_reply_overhead + data) + serial_turnaround +
         2 * framing.silence + settings.gap;
}

// The interval of the reads as the device has it, or as it is for all; otherwise the device.
config::Place place_of(const BudgetItem& item, const LoadedConfig& loaded) {
  const auto& devices = loaded.site.devices;
  const DeviceSection& device = *std::ranges::find(devices, item.device, &DeviceSection::name);
  for (const config::Value* intervals :
       {device.points_value, device.place->find("rates"), loaded.document.root().find("rates")}) {
    if (intervals == nullptr) continue;
    for (const config::Value& interval : intervals->children) {
      if (config::parse_duration(interval.text) == item.period) return interval.place();
    }
  }
  return device.place->place();
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

LineBudget predict(const LinePlan& line) {
  LineBudget budget{.url = line.url, .assumed = modbus::framing_of(line.settings.address).character == 0ns};
  for (const PlannedDevice& planned : line.devices) {
    const modbus::LineDevice& device = planned.device;
    if (!device.map) {
      ++budget.unknown;
      continue;
    }
    std::vector<Duration> periods;
    for (const modbus::RegisterPoint& point : device.map->points) {
      periods.push_back(point.period.value_or(device.rates.period(point.point.rate)));
    }
    const modbus::Plan plan(*device.map, periods);
    for (const modbus::Block& block : plan.blocks()) {
      const Duration takes = time_of(block, line.settings);
      const double share = seconds(takes) / seconds(block.period);
      budget.load += share;
      budget.items.push_back({.device = device.name,
                              .what = fmt::format("{}: {} {} from {}", device.name, block.count,
                                                  to_string(block.table), block.address),
                              .period = block.period,
                              .takes = takes,
                              .share = share});
    }
  }
  std::ranges::sort(budget.items, std::greater{}, &BudgetItem::share);
  return budget;
}

std::string complaint(const LineBudget& budget) {
  if (budget.possible() || budget.items.empty()) return {};
  const BudgetItem& worst = budget.items.front();
  const std::string assumption =
      budget.assumed ? fmt::format(" if each answer takes {} ms", tcp_latency / 1ms) : "";
  std::string text = fmt::format(
      "{}: interval {} impossible, {:.1f} s needed (the line would be busy {:.0f} % of the time{}); these "
      "reads cost most:",
      budget.url, config::to_string(worst.period), seconds(worst.period) * budget.load, budget.load * 100,
      assumption);
  for (std::size_t i = 0; i < std::min<std::size_t>(3, budget.items.size()); ++i) {
    const BudgetItem& item = budget.items[i];
    text += fmt::format("{} {} ({:.0f} ms each {})", i == 0 ? "" : ";", item.what, seconds(item.takes) * 1000,
                        config::to_string(item.period));
  }
  return text;
}

void report(const LineBudget& budget, const LoadedConfig& config, config::Severity severity,
            config::Findings& findings) {
  if (budget.possible() || budget.items.empty()) return;
  config::Place place = place_of(budget.items.front(), config);
  findings.add({severity, std::move(place.file), place.line, place.column, std::move(place.key),
                complaint(budget), "poll less, or less often: see rates: and points:"});
}

}  // namespace iw::gateway
