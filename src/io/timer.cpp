#include "io/timer.hpp"

#include <tuple>

namespace iw::io {

Timer::~Timer() { disarm(); }

void Timer::disarm() {
  if (queue_ != nullptr) queue_->disarm(*this);
}

TimerQueue::~TimerQueue() {
  for (Timer* timer : heap_)
    timer->queue_ = nullptr;
}

bool TimerQueue::before(const Timer& a, const Timer& b) {
  return std::tie(a.deadline_, a.sequence_) < std::tie(b.deadline_, b.sequence_);
}

void TimerQueue::place(Timer* timer, std::size_t index) {
  heap_[index] = timer;
  timer->index_ = index;
}

void TimerQueue::sift_up(std::size_t index) {
  Timer* timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!before(*timer, *heap_[parent])) break;
    place(heap_[parent], index);
    index = parent;
  }
  place(timer, index);
}

void TimerQueue::sift_down(std::size_t index) {
  Timer* timer = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (!before(*heap_[child], *timer)) break;
    place(heap_[child], index);
    index = child;
  }
  place(timer, index);
}

void TimerQueue::arm(Timer& timer, Instant deadline) {
  timer.disarm();
  timer.queue_ = this;
  timer.deadline_ = deadline;
  timer.sequence_ = ++sequence_;
  heap_.push_back(&timer);
  sift_up(heap_.size() - 1);
}

void TimerQueue::disarm(Timer& timer) {
  const std::size_t index = timer.index_;
  Timer* last = heap_.back();
  heap_.pop_back();
  timer.queue_ = nullptr;
  if (last == &timer) return;
  place(last, index);
  sift_up(index);
  sift_down(last->index_);
}

bool TimerQueue::fire_one(Instant now) {
  if (next() > now) return false;
  Timer* timer = heap_.front();
  disarm(*timer);
  timer->on_timer();
  return true;
}

}  // namespace iw::io
