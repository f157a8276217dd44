// ManualExecutor: an executor whose time stands still until the test moves it.
#pragma once

#include <deque>

#include "io/executor.hpp"

namespace iw::io::testing {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override {
    return wall_epoch + now_.time_since_epoch() + wall_step_;
  }

  void move_to(Instant now) { now_ = now; }
  void step_wall(Duration by) { wall_step_ += by; }

  // Where the wall clock of every test starts: 2026-01-01T00:00:00Z.
  static constexpr WallTime wall_epoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

 private:
  Instant now_{};
  Duration wall_step_{};
};

class ManualExecutor final : public Executor {
 public:
  [[nodiscard]] const Clock& clock() const override { return clock_; }
  void post(Job job) override { jobs_.push_back(std::move(job)); }
  void arm(Timer& timer, Instant deadline) override { timers_.arm(timer, deadline); }

  // Runs all that is due now, and all that this makes due.
  void run() {
    for (;;) {
      if (!jobs_.empty()) {
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        job();
      } else if (!timers_.fire_one(clock_.now())) {
        return;
      }
    }
  }

  // Lets the time pass, stopping at every timer on the way.
  void advance(Duration by) {
    const Instant end = now() + by;
    run();
    while (timers_.next() <= end) {
      clock_.move_to(timers_.next());
      run();
    }
    clock_.move_to(end);
    run();
  }

  [[nodiscard]] ManualClock& manual_clock() { return clock_; }
  [[nodiscard]] Instant next_timer() { return timers_.next(); }

 private:
  ManualClock clock_;
  TimerQueue timers_;
  std::deque<Job> jobs_;
};

}  // namespace iw::io::testing
