#include "io/timer.hpp"

#include <tuple>

namespace iw::io {

Timer::~Timer() {
  if (queue_ != nullptr) queue_->remove(*this);
}

TimerQueue::~TimerQueue() {
  for (const Entry& entry : heap_) {
    entry.timer->queue_ = nullptr;
    entry.timer->disarm();
  }
}

bool TimerQueue::before(const Entry& a, const Entry& b) {
  return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence);
}

void TimerQueue::place(const Entry& entry, std::size_t index) {
  heap_[index] = entry;
  entry.timer->index_ = index;
}

void TimerQueue::sift_up(std::size_t index) {
  const Entry entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!before(entry, heap_[parent])) break;
    place(heap_[parent], index);
    index = parent;
  }
  place(entry, index);
}

void TimerQueue::sift_down(std::size_t index) {
  const Entry entry = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], entry)) break;
    place(heap_[child], index);
    index = child;
  }
  place(entry, index);
}

void TimerQueue::arm(Timer& timer, Instant deadline) {
  if (timer.queue_ != nullptr && timer.queue_ != this) timer.queue_->remove(timer);
  timer.armed_ = true;
  timer.deadline_ = deadline;
  timer.sequence_ = ++sequence_;
  const Entry entry{.at = deadline, .sequence = timer.sequence_, .timer = &timer};
  if (timer.queue_ == nullptr) {
    timer.queue_ = this;
    heap_.push_back(entry);
    sift_up(heap_.size() - 1);
  } else if (deadline < heap_[timer.index_].at) {
    heap_[timer.index_] = entry;
    sift_up(timer.index_);
  }
}

void TimerQueue::remove(Timer& timer) {
  const std::size_t index = timer.index_;
  const Entry last = heap_.back();
  heap_.pop_back();
  timer.queue_ = nullptr;
  timer.armed_ = false;
  if (last.timer == &timer) return;
  place(last, index);
  sift_up(index);
  sift_down(last.timer->index_);
}

bool TimerQueue::put_right_first() {
  if (heap_.empty()) return false;
  Entry& first = heap_.front();
  Timer& timer = *first.timer;
  if (timer.armed_ && first.sequence == timer.sequence_) return false;
  if (timer.armed_) {
    first.at = timer.deadline_;
    first.sequence = timer.sequence_;
    sift_down(0);
  } else {
    remove(timer);
  }
  return true;
}

Instant TimerQueue::next() {
  while (put_right_first()) {
  }
  return heap_.empty() ? never : heap_.front().at;
}

Instant TimerQueue::none_before() {
  put_right_first();  // one for each time round: a loop that has little to do is not woken for nothing
  return heap_.empty() ? never : heap_.front().at;
}

bool TimerQueue::fire_one(Instant now) {
  while (!heap_.empty() && heap_.front().at <= now) {
    if (put_right_first()) continue;
    Timer& timer = *heap_.front().timer;
    remove(timer);
    timer.on_timer();
    return true;
  }
  return false;
}

}  // namespace iw::io
