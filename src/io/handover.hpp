// Handover<T>: a bounded queue from one executor to another: one producer, one consumer, no lock.
//
// Slots are swapped, not moved: a pushed vector leaves the storage of an old one behind, so that in steady
// state nothing is allocated on either side. The first item wakes the consumer at once; as long as more keep
// coming it looks for them once a millisecond, because a wake-up costs both threads more than handling an
// item.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "io/executor.hpp"

namespace iw::io {

template <class T>
class Handover {
 public:
  // capacity: how many items may wait. on_items runs on the consumer's executor and calls drain().
  Handover(std::size_t capacity, Executor& consumer, std::move_only_function<void()> on_items)
      : slots_(capacity), consumer_(consumer), waker_(std::make_shared<Waker>(*this, std::move(on_items))) {}
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;
  // On the consumer's executor, when the producer has ended: a wake-up still under way does nothing.
  ~Handover() { waker_->end(); }

  // Producer. False when full: the item stays with the caller and the drop is counted.
  bool push(T& item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == slots_.size()) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    using std::swap;
    swap(slots_[tail % slots_.size()], item);
    // Sequentially consistent with Waker::rest(): either the consumer sees the item, or we see that it must
    // be woken.
    tail_.store(tail + 1, std::memory_order_seq_cst);
    if (!waker_->awake.exchange(true, std::memory_order_seq_cst)) {
      consumer_.post([waker = waker_] { waker->wake(); });
    }
    return true;
  }

  // Consumer: takes what is there, at most one queue's length. take(T&) may keep the content or leave it.
  template <class Take>
  void drain(Take take) {
    std::size_t head = head_.load(std::memory_order_relaxed);
    const std::size_t tail = tail_.load(std::memory_order_seq_cst);
    for (; head != tail; ++head) {
      take(slots_[head % slots_.size()]);
      head_.store(head + 1, std::memory_order_release);
    }
  }

  [[nodiscard]] bool empty() const {
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_seq_cst);
  }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  // The consumer's side of waking: all but `awake` belongs to its executor.
  class Waker final : private Timer {
   public:
    Waker(Handover& queue, std::move_only_function<void()> on_items)
        : queue_(&queue), on_items_(std::move(on_items)) {}

    std::atomic<bool> awake{false};

    void wake() {
      if (queue_ == nullptr) return;
      if (queue_->empty()) return rest();
      on_items_();
      if (queue_ != nullptr) queue_->consumer_.arm(*this, queue_->consumer_.now() + 1ms);
    }
    void end() {
      queue_ = nullptr;
      disarm();
    }

   private:
    void on_timer() override { wake(); }

    // Nothing came for a while: the next item has to wake us.
    void rest() {
      awake.store(false, std::memory_order_seq_cst);
      if (!queue_->empty() && !awake.exchange(true, std::memory_order_seq_cst)) wake();
    }

    Handover* queue_;
    std::move_only_function<void()> on_items_;
  };

  std::vector<T> slots_;
  Executor& consumer_;
  std::shared_ptr<Waker> waker_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace iw::io
