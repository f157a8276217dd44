// Executor: one thread's worth of running code. Jobs, timers and the completions of its IO run one after the
// other.
//
// Everything that is made on an executor (streams, tasks, timers) stays on it; only post() may be called from
// elsewhere. A job never runs inside the call that posted it.
#pragma once

#include <functional>

#include "io/clock.hpp"
#include "io/task.hpp"
#include "io/timer.hpp"

namespace iw::io {

using Job = std::move_only_function<void()>;

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  [[nodiscard]] virtual const Clock& clock() const = 0;

  // Runs the job soon, after what was posted before it. Safe from any thread.
  virtual void post(Job job) = 0;

  virtual void arm(Timer& timer, Instant deadline) = 0;

  [[nodiscard]] Instant now() const { return clock().now(); }
};

}  // namespace iw::io
