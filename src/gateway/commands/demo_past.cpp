#include "gateway/commands/demo_past.hpp"

#include <array>
#include <utility>

namespace iw::gateway {
namespace {

constexpr std::uint64_t seed = 20;
constexpr Duration look_again = 200ms;

// The time of day at which a site whose days last so long has to begin to be at `then` after the span.
Duration beginning(Duration then, Duration span, Duration day_length) {
  constexpr Duration day = 24h;
  const double days = std::chrono::duration<double>(span) / std::chrono::duration<double>(day_length);
  const double part = days - static_cast<double>(static_cast<std::int64_t>(days));
  const auto back = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(day) * part);
  return (then + day - back) % day;
}

}  // namespace

DemoPast demo_past(sim::SiteSettings site, WallTime now, Duration span, Duration step) {
  if (site.start_at) site.start_at = beginning(*site.start_at, span, site.day_length);
  sim::SitePhysics physics(site, seed);
  DemoPast past{.time = {},
                .series = {{.path = "grid meter/ActivePower", .value = {}},
                           {.path = "roof inverter/ActivePower", .value = {}},
                           {.path = "carport inverter/ActivePower", .value = {}},
                           {.path = "battery/ActivePower", .value = {}},
                           {.path = "battery/StateOfCharge", .value = {}}}};
  for (WallTime at = now - span; at < now; at += step) {
    physics.step(at, step);
    const sim::SiteState& state = physics.state();
    past.time.push_back(at);
    const std::array values{state.grid.total_power(), state.pv.at(0).ac.total_power(),
                            state.pv.at(1).ac.total_power(), state.battery.ac.total_power(),
                            state.battery.soc};
    for (std::size_t i = 0; i < values.size(); ++i)
      past.series[i].value.push_back(values[i]);
  }
  past.soc = physics.state().battery.soc;
  return past;
}

DemoPastTeller::DemoPastTeller(DemoPast past, io::Executor& core, Gateway& gateway)
    : past_(std::move(past)), core_(core), gateway_(gateway) {
  core_.arm(*this, core_.now() + look_again);
}

void DemoPastTeller::on_timer() {
  std::erase_if(past_.series, [this](const DemoPast::Series& series) { return tell(series); });
  if (!past_.series.empty()) core_.arm(*this, core_.now() + look_again);
}

bool DemoPastTeller::tell(const DemoPast::Series& series) {
  const auto point = gateway_.site().find(series.path);
  if (!point) return false;
  gateway_.recall({.point = *point,
                   .time = past_.time,
                   .value = series.value,
                   .quality = std::vector<model::Quality>(series.value.size())});
  return true;
}

}  // namespace iw::gateway
