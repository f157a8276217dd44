// sleep_until: the coroutine goes on at an Instant.
#pragma once

#include <coroutine>

#include "io/executor.hpp"

namespace iw::io {

class [[nodiscard]] SleepUntil final : private Timer {
 public:
  SleepUntil(Executor& executor, Instant deadline) : executor_(executor), deadline_(deadline) {}

  [[nodiscard]] bool await_ready() const { return deadline_ <= executor_.now(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    executor_.arm(*this, deadline_);
  }
  void await_resume() const noexcept {}

 private:
  void on_timer() override { waiter_.resume(); }

  Executor& executor_;
  Instant deadline_;
  std::coroutine_handle<> waiter_;
};

inline SleepUntil sleep_until(Executor& executor, Instant deadline) { return {executor, deadline}; }
inline SleepUntil sleep_for(Executor& executor, Duration duration) {
  return {executor, executor.now() + duration};
}

}  // namespace iw::io
