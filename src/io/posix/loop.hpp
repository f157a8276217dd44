// EpollLoop: the real Executor. One thread, one epoll set, one heap of timers, one queue of jobs.
//
// A descriptor is registered once, edge-triggered, for reading and writing; no system call arms, changes or
// ends a wait. The next deadline is the time-out of epoll itself. So a request on a connection costs one
// send, one recv and its share of one epoll_wait. Jobs are looked for between any two events: a command does
// not wait behind a batch.
//
// post(), stop() and busy() are safe from any thread, all else belongs to the thread that runs the loop.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <sys/epoll.h>

#include "base/log.hpp"
#include "io/executor.hpp"
#include "io/network.hpp"
#include "io/posix/descriptor.hpp"

namespace iw::io::posix {

// CLOCK_BOOTTIME and CLOCK_REALTIME.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall_now() const override;
};

// Something with a descriptor in a loop's epoll set.
class Watched {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched() = default;

  // The descriptor became ready: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR. Edges, not levels. The
  // watched object may be destroyed in this call.
  virtual void on_ready(std::uint32_t events) = 0;
};

class EpollLoop final : public Executor {
 public:
  // log: where oddities go that are no errors (an RS-485 mode that the port does not have); may be null.
  explicit EpollLoop(Log* log = nullptr);
  ~EpollLoop() override;

  [[nodiscard]] const Clock& clock() const override { return clock_; }
  void post(Job job) override;
  void arm(Timer& timer, Instant deadline) override { timers_.arm(timer, deadline); }

  [[nodiscard]] Executor& executor() { return *this; }
  [[nodiscard]] Network& network() { return *network_; }

  // Runs until stop().
  void run();
  // Runs until stop(), at most for so long.
  void run_for(Duration duration);
  // Ends run(), or the next one if none is under way.
  void stop();

  void watch(int descriptor, Watched& watched);
  // How long it was at work, not waiting, while it ran. Safe from any thread; what it is just at is not in
  // it.
  [[nodiscard]] Duration busy() const { return Duration(busy_.load(std::memory_order_relaxed)); }

  // No on_ready() after this, not even for an event that was already fetched.
  void unwatch(int descriptor, Watched& watched);

 private:
  void run_until(Instant end);
  void run_jobs();
  [[nodiscard]] std::span<epoll_event> wait(Instant until);
  [[nodiscard]] int wait_for_events(Duration timeout);
  void count_busy(Instant until);

  // So many events are fetched at once; timers wait for one batch at most.
  static constexpr std::size_t batch = 64;

  SystemClock clock_;
  TimerQueue timers_;
  Descriptor epoll_;
  Descriptor wake_;  // an eventfd; every write is an edge, so nobody reads it
  std::array<epoll_event, batch> events_{};
  std::span<epoll_event> fetched_;  // the events of this batch that were not handed out yet
  bool stopping_ = false;
  bool precise_wait_ = true;
  Instant woken_{};  // or begun to run
  std::atomic<Duration::rep> busy_{0};

  std::vector<Job> running_;
  std::mutex mutex_;
  std::vector<Job> jobs_;  // guarded by mutex_
  std::atomic<bool> has_jobs_{false};
  std::atomic<bool> asleep_{false};

  std::unique_ptr<Network> network_;
};

}  // namespace iw::io::posix
