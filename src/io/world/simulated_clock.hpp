// SimulatedClock: what a node believes to be the time. It drifts against the world, and its wall clock can be
// wrong.
#pragma once

#include <cstdint>
#include <optional>

#include "io/clock.hpp"

namespace iw::io::world {

class World;

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(const World& world) : world_(world) {}

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall_now() const override {
    return wall_epoch + now().time_since_epoch() + wall_offset_;
  }

  void step_wall(Duration by) { wall_offset_ += by; }
  [[nodiscard]] Duration wall_offset() const { return wall_offset_; }

  // The world's time at which this clock will show the instant; never when that is beyond reach.
  [[nodiscard]] Instant world_time_of(Instant local) const;

  // Where the wall clocks of every world start: 2026-01-01T00:00:00Z.
  static constexpr WallTime wall_epoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

 private:
  friend class Node;

  void set_drift_ppm(double ppm);
  [[nodiscard]] Instant living_now() const;

  const World& world_;
  // Since `since_world_`, when it showed `since_local_`, it gains `drift_ppb_` nanoseconds a second.
  Instant since_world_{};
  Instant since_local_{};
  std::int64_t drift_ppb_ = 0;
  Duration wall_offset_{};
  std::optional<Instant> afterlife_;  // the time of a machine that was killed and is being buried
};

}  // namespace iw::io::world
