// Signal: one coroutine waits, others wake it. A set() with nobody waiting is remembered once, so no wake-up
// is lost. close() ends the wait for good: the way to stop the coroutine that sleeps here.
#pragma once

#include <coroutine>
#include <utility>

#include "io/executor.hpp"

namespace iw::io {

enum class Wake : std::uint8_t { set, deadline, closed };

class Signal {
 public:
  explicit Signal(Executor& executor) : executor_(executor), alarm_(*this) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Wakes the waiter, on this stack.
  void set() {
    if (waiting_ == nullptr) {
      set_ = true;
      return;
    }
    std::exchange(waiting_, nullptr)->wake(Wake::set);
  }
  void close() {
    closed_ = true;
    if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->wake(Wake::closed);
  }
  [[nodiscard]] bool closed() const { return closed_; }

  class [[nodiscard]] Waiting {
   public:
    Waiting(Signal& signal, Instant deadline) : signal_(signal), deadline_(deadline) {}
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
      if (signal_.waiting_ != this) return;
      signal_.waiting_ = nullptr;
      signal_.alarm_.disarm();
    }

    [[nodiscard]] bool await_ready() {
      if (signal_.closed_) {
        why_ = Wake::closed;
      } else if (std::exchange(signal_.set_, false)) {
        why_ = Wake::set;
      } else {
        return false;
      }
      return true;
    }
    void await_suspend(std::coroutine_handle<> waiter) {
      waiter_ = waiter;
      signal_.waiting_ = this;
      if (deadline_ != never) signal_.executor_.arm(signal_.alarm_, deadline_);
    }
    Wake await_resume() const noexcept { return why_; }

   private:
    friend class Signal;

    void wake(Wake why) {
      signal_.alarm_.disarm();
      why_ = why;
      waiter_.resume();
    }

    Signal& signal_;
    Instant deadline_;
    Wake why_ = Wake::set;
    std::coroutine_handle<> waiter_;
  };

  // One waiter at a time.
  Waiting wait_until(Instant deadline) { return {*this, deadline}; }
  Waiting wait() { return {*this, never}; }

 private:
  // The deadline of the waiter. It lives with the signal, not with a wait: see Timer.
  class Alarm final : public Timer {
   public:
    explicit Alarm(Signal& signal) : signal_(signal) {}

   private:
    void on_timer() override { std::exchange(signal_.waiting_, nullptr)->wake(Wake::deadline); }

    Signal& signal_;
  };

  Executor& executor_;
  Alarm alarm_;
  Waiting* waiting_ = nullptr;
  bool set_ = false;
  bool closed_ = false;
};

}  // namespace iw::io
