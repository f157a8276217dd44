// Operation<T>: the bridge from a backend that completes things to the coroutine that waits for them.
//
// A backend starts the work and either has the result at once, or keeps the Operation& and calls complete()
// later. One Operation lives in the frame of its awaiter: no allocation.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

namespace iw::io {

template <class T>
class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Stores the result and resumes the waiting coroutine, on this stack.
  void complete(T value) {
    result_.emplace(std::move(value));
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

 protected:
  std::optional<T> result_;
  std::coroutine_handle<> waiter_;
};

// What `co_await stream.read_some(...)` awaits: `start(operation)` returns the result if it is there already.
template <class T, class Start>
class [[nodiscard]] Awaiting : public Operation<T> {
 public:
  explicit Awaiting(Start start) : start_(std::move(start)) {}

  [[nodiscard]] bool await_ready() {
    if (std::optional<T> at_once = start_(*this)) this->result_ = std::move(at_once);
    return this->result_.has_value();
  }
  void await_suspend(std::coroutine_handle<> waiter) { this->waiter_ = waiter; }
  T await_resume() { return std::move(*this->result_); }

 private:
  Start start_;
};

template <class T, class Start>
Awaiting<T, Start> awaiting(Start start) {
  return Awaiting<T, Start>(std::move(start));
}

}  // namespace iw::io
