// QueuedWrite: of the writes to one unit that depend on registers which they do not own alone, one at a time,
// in the order in which they came. Two at once would each undo what the other has just set there.
//
// Lives in the frame of the write, in a queue of the line that outlives it.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "io/operation.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

class QueuedWrite {
 public:
  using Queue = std::vector<QueuedWrite*>;  // of all units

  explicit QueuedWrite(Queue& queue) : queue_(queue) {}
  QueuedWrite(const QueuedWrite&) = delete;
  QueuedWrite& operator=(const QueuedWrite&) = delete;
  // The next one has its turn, on this stack.
  ~QueuedWrite() {
    if (std::erase(queue_, this) == 0) return;
    const auto next = std::ranges::find(queue_, unit_, &QueuedWrite::unit_);
    if (next == queue_.end() || (*next)->waiting_ == nullptr) return;
    std::exchange((*next)->waiting_, nullptr)->complete(true);
  }

  // Until no earlier write to the unit is under way. Awaited once.
  [[nodiscard]] auto turn(UnitId unit) {
    return io::awaiting<bool>([this, unit](io::Operation<bool>& operation) -> std::optional<bool> {
      const bool is_first = std::ranges::find(queue_, unit, &QueuedWrite::unit_) == queue_.end();
      unit_ = unit;
      queue_.push_back(this);
      if (is_first) return true;
      waiting_ = &operation;
      return std::nullopt;
    });
  }

 private:
  Queue& queue_;
  UnitId unit_;
  io::Operation<bool>* waiting_ = nullptr;
};

}  // namespace iw::modbus
