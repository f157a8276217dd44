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
  explicit Signal(Executor& executor) : executor_(executor) {}
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

  class [[nodiscard]] Waiting final : private Timer {
   public:
    Waiting(Signal& signal, Instant deadline) : signal_(signal), deadline_(deadline) {}
    ~Waiting() override {
      if (signal_.waiting_ == this) signal_.waiting_ = nullptr;
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
      if (deadline_ != never) signal_.executor_.arm(*this, deadline_);
    }
    Wake await_resume() const noexcept { return why_; }

   private:
    friend class Signal;

    void wake(Wake why) {
      disarm();
      why_ = why;
      waiter_.resume();
    }
    void on_timer() override {
      signal_.waiting_ = nullptr;
      wake(Wake::deadline);
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
  Executor& executor_;
  Waiting* waiting_ = nullptr;
  bool set_ = false;
  bool closed_ = false;
};

}  // namespace iw::io
