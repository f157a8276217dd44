// Timer and TimerQueue: many deadlines, one operating-system timer. Arming and disarming cost a few memory
// accesses, so that a deadline for every request is affordable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace iw::io {

class TimerQueue;

// Something that happens at an Instant, once. Disarmed on destruction.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

  [[nodiscard]] bool armed() const { return queue_ != nullptr; }
  [[nodiscard]] Instant deadline() const { return deadline_; }
  void disarm();

 protected:
  // Called once, disarmed already; may arm again and may destroy the timer.
  virtual void on_timer() = 0;

 private:
  friend class TimerQueue;

  TimerQueue* queue_ = nullptr;
  Instant deadline_ = never;
  std::uint64_t sequence_ = 0;
  std::size_t index_ = 0;
};

// A binary heap of timers by (deadline, order of arming). Owned by an Executor; outlives its timers.
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  // Arms the timer, or moves an armed one.
  void arm(Timer& timer, Instant deadline);
  void disarm(Timer& timer);

  // The earliest deadline; never when there is none.
  [[nodiscard]] Instant next() const { return heap_.empty() ? never : heap_.front()->deadline_; }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

  // Fires the earliest timer if its deadline is not after now.
  bool fire_one(Instant now);

 private:
  [[nodiscard]] static bool before(const Timer& a, const Timer& b);
  void place(Timer* timer, std::size_t index);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Timer*> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace iw::io
