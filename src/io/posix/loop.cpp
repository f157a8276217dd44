#include "io/posix/loop.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

#include <sys/eventfd.h>

#include "io/posix/network.hpp"

namespace iw::io::posix {
namespace {

// epoll measures its time-out on a clock that stands still while the machine sleeps; a deadline that passed
// in that time is noticed this much later at most.
constexpr Duration longest_wait = 10s;

Duration read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

[[noreturn]] void fail_start(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Instant SystemClock::now() const { return Instant(read_clock(CLOCK_BOOTTIME)); }
WallTime SystemClock::wall_now() const { return WallTime(read_clock(CLOCK_REALTIME)); }

EpollLoop::EpollLoop(Log* log)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_.open()) fail_start("epoll_create1");
  if (!wake_.open()) fail_start("eventfd");
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, wake_.number(), &event) != 0) fail_start("epoll_ctl");
  network_ = make_network(*this, log);
}

EpollLoop::~EpollLoop() {
  network_.reset();
  // Jobs that never ran may own things whose end posts more jobs.
  while (!jobs_.empty()) {
    std::vector<Job> dropped;
    dropped.swap(jobs_);
  }
}

void EpollLoop::post(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    jobs_.push_back(std::move(job));
    // Sequentially consistent with wait(): either the loop sees the job, or we see that it must be woken.
    has_jobs_.store(true, std::memory_order_seq_cst);
  }
  if (asleep_.exchange(false, std::memory_order_seq_cst)) eventfd_write(wake_.number(), 1);
}

void EpollLoop::run() { run_until(never); }

void EpollLoop::run_for(Duration duration) { run_until(now() + duration); }

void EpollLoop::stop() {
  post([this] { stopping_ = true; });
}

void EpollLoop::run_until(Instant end) {
  stopping_ = false;
  woken_ = now();
  // Timers count as due when we last looked what is ready, however long jobs took since: an answer that was
  // there before its deadline is never overtaken by it.
  Instant looked = Instant::min();
  for (;;) {
    run_jobs();
    while (timers_.fire_one(looked)) {
    }
    if (stopping_ || (end != never && now() >= end)) return count_busy(now());
    fetched_ = wait(std::min(end, timers_.none_before()));
    looked = woken_;
    while (!fetched_.empty()) {
      const epoll_event event = fetched_.front();
      fetched_ = fetched_.subspan(1);
      if (event.data.ptr != nullptr) static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
      run_jobs();
    }
  }
}

void EpollLoop::run_jobs() {
  if (!has_jobs_.load(std::memory_order_relaxed)) return;
  {
    const std::scoped_lock lock(mutex_);
    running_.swap(jobs_);
    has_jobs_.store(false, std::memory_order_relaxed);
  }
  // What these jobs post runs the next time round, so that jobs can not lock out events.
  for (Job& job : running_)
    job();
  running_.clear();
}

std::span<epoll_event> EpollLoop::wait(Instant until) {
  asleep_.store(true, std::memory_order_seq_cst);
  const Instant begun = now();
  Duration timeout = longest_wait;
  if (has_jobs_.load(std::memory_order_seq_cst)) {
    timeout = Duration::zero();
  } else if (until != never) {
    timeout = std::clamp(until - begun, Duration::zero(), longest_wait);
  }
  count_busy(begun);
  const int n = wait_for_events(timeout);
  woken_ = now();
  asleep_.store(false, std::memory_order_relaxed);
  return std::span(events_).first(static_cast<std::size_t>(std::max(n, 0)));
}

int EpollLoop::wait_for_events(Duration timeout) {
  if (precise_wait_) {
    const timespec t{.tv_sec = timeout / 1s, .tv_nsec = (timeout % 1s).count()};
    const int n = epoll_pwait2(epoll_.number(), events_.data(), batch, &t, nullptr);
    if (n >= 0 || (errno != ENOSYS && errno != EPERM)) return n;
    precise_wait_ = false;  // before Linux 5.11, or a sandbox that does not know the call
  }
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return epoll_wait(epoll_.number(), events_.data(), batch, static_cast<int>(milliseconds));
}

void EpollLoop::count_busy(Instant until) {
  busy_.store(busy_.load(std::memory_order_relaxed) + (until - woken_).count(), std::memory_order_relaxed);
}

void EpollLoop::watch(int descriptor, Watched& watched) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watched}};
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) fail_start("epoll_ctl");
}

void EpollLoop::unwatch(int descriptor, Watched& watched) {
  epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
  for (epoll_event& event : fetched_) {
    if (event.data.ptr == &watched) event.data.ptr = nullptr;
  }
}

}  // namespace iw::io::posix
