// ScheduleClock: the time by which a schedule runs. It follows the wall clock, but never jumps over a window
// and never goes back into one: when the wall clock steps, by up to three hours, it goes on at half or double
// speed until both agree. A greater step is a clock that was wrong before, and is taken at once. While the
// wall clock can not be trusted, it goes on by itself.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace iw::control {

constexpr Duration greatest_step = 3h;

class ScheduleClock {
 public:
  // None until the wall clock could be trusted once.
  std::optional<WallTime> advance(Instant now, WallTime wall, bool wall_trusted);

  // Where it stood, to go on from after a restart: what was over then does not come again.
  [[nodiscard]] std::optional<WallTime> at() const { return at_; }
  void restore(WallTime at) { restored_ = at; }

 private:
  std::optional<WallTime> at_;
  std::optional<WallTime> restored_;
  Instant last_;
};

}  // namespace iw::control
