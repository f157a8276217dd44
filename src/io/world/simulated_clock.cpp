#include "io/world/simulated_clock.hpp"

#include <cmath>

#include "io/world/world.hpp"

namespace iw::io::world {

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t billion = 1'000'000'000;

}  // namespace

Instant SimulatedClock::now() const { return afterlife_ ? *afterlife_ : living_now(); }

Instant SimulatedClock::living_now() const {
  const Duration passed = world_.now() - since_world_;
  if (drift_ppb_ == 0) return since_local_ + passed;
  return since_local_ + passed +
         Duration(static_cast<std::int64_t>(Wide{passed.count()} * drift_ppb_ / billion));
}

void SimulatedClock::set_drift_ppm(double ppm) {
  since_local_ = living_now();
  since_world_ = world_.now();
  drift_ppb_ = std::llround(ppm * 1000);
}

Instant SimulatedClock::world_time_of(Instant local) const {
  if (local == never) return never;
  const Wide ahead = Wide{local.time_since_epoch().count()} - since_local_.time_since_epoch().count();
  // Rounded up: when the world gets there, the clock shows the instant or a nanosecond more, never less.
  const Wide rate = Wide{billion} + drift_ppb_;
  Wide passed = ahead * billion / rate;
  if (drift_ppb_ != 0 && ahead > 0) ++passed;
  const Wide when = passed + since_world_.time_since_epoch().count();
  if (when >= Wide{never.time_since_epoch().count()}) return never;
  return Instant(Duration(static_cast<std::int64_t>(when)));
}

}  // namespace iw::io::world
