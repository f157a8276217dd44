// Timer and TimerQueue: many deadlines, one operating-system timer. Arming and disarming cost a few memory
// accesses, so that a deadline for every request is affordable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace iw::io {

class TimerQueue;

// Something that happens at an Instant, once. Disarmed on destruction. A timer that is armed again and again
// should live on: moving its deadline further away is what costs next to nothing.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

  [[nodiscard]] bool armed() const { return armed_; }
  [[nodiscard]] Instant deadline() const { return deadline_; }
  void disarm() { armed_ = false; }

 protected:
  // Called once, disarmed already; may arm again and may destroy the timer.
  virtual void on_timer() = 0;

 private:
  friend class TimerQueue;

  TimerQueue* queue_ = nullptr;  // whose heap has an entry of it, armed or not
  Instant deadline_ = never;
  std::uint64_t sequence_ = 0;
  std::size_t index_ = 0;
  bool armed_ = false;
};

// A binary heap of timers by (deadline, order of arming). Owned by an Executor; outlives its timers.
//
// An entry may be earlier than the deadline of its timer, or of a timer that is disarmed: it is put right
// when it is the first and its time comes. Of a thousand deadlines that are moved because the answer came,
// one is looked at.
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  // Arms the timer, or moves an armed one.
  void arm(Timer& timer, Instant deadline);

  // The earliest deadline; never when there is none.
  [[nodiscard]] Instant next();

  // No deadline is before it: for a loop that may look too early, and must not look too late. Costs little
  // however many deadlines were moved.
  [[nodiscard]] Instant none_before();

  // Fires the earliest timer if its deadline is not after now.
  bool fire_one(Instant now);

 private:
  friend class Timer;

  struct Entry {
    Instant at;
    std::uint64_t sequence = 0;
    Timer* timer = nullptr;
  };

  [[nodiscard]] static bool before(const Entry& a, const Entry& b);
  bool put_right_first();  // false: it is right, or there is none
  void place(const Entry& entry, std::size_t index);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);
  void remove(Timer& timer);

  std::vector<Entry> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace iw::io
