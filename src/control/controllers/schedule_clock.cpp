#include "control/controllers/schedule_clock.hpp"

#include <algorithm>

namespace iw::control {

std::optional<WallTime> ScheduleClock::advance(Instant now, WallTime wall, bool wall_trusted) {
  const Duration elapsed = now - last_;
  last_ = now;
  if (!at_) {
    if (!wall_trusted) return std::nullopt;
    const bool goes_on = restored_ && *restored_ > wall && *restored_ - wall <= greatest_step;
    at_ = goes_on ? *restored_ : wall;
    return at_;
  }
  *at_ += elapsed;
  if (!wall_trusted) return at_;
  const Duration behind = wall - *at_;
  *at_ += abs(behind) > greatest_step ? behind : std::clamp(behind, -elapsed / 2, elapsed);
  return at_;
}

}  // namespace iw::control
