// TaskGroup: owns coroutines that run side by side, and lets its owner wait until all have ended.
//
// The owner ends them (closes what they wait on), awaits join(), and only then goes away itself.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

#include "io/executor.hpp"
#include "io/signal.hpp"
#include "io/task.hpp"

namespace iw::io {

class TaskGroup {
 public:
  explicit TaskGroup(Executor& executor) : ended_(executor) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the task now, on this stack, until it first waits. A task that ends by exception ends the program:
  // in a group, exceptions are bugs.
  void spawn(Task<void> task) {
    ++running_;
    run(std::move(task), *this);
  }
  [[nodiscard]] std::size_t running() const { return running_; }

  Task<void> join() {
    while (running_ > 0)
      co_await ended_.wait();
  }

 private:
  struct Detached {
    struct promise_type {
      [[nodiscard]] Detached get_return_object() const noexcept { return {}; }
      [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
      [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
  };

  static Detached run(Task<void> task, TaskGroup& group) {
    co_await task;
    --group.running_;
    group.ended_.set();
  }

  Signal ended_;
  std::size_t running_ = 0;
};

}  // namespace iw::io
