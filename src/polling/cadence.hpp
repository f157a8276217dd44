// Cadence: when something periodic is due. It stays on its own grid (start + n x period): a poll that comes
// too late skips the slots it missed and counts them, it never catches up in a burst.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace iw::polling {

class Cadence {
 public:
  Cadence() = default;
  Cadence(Instant first, Duration period) : due_(first), period_(period) {}

  [[nodiscard]] Instant due() const { return due_; }
  [[nodiscard]] Duration period() const { return period_; }
  [[nodiscard]] bool is_due(Instant now) const { return due_ <= now; }
  // Slots that passed without a poll.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

  // The slot that was due is being served at `now`: the next one is the first of the grid after now.
  void served(Instant now) {
    if (now < due_) return;
    const auto missed = (now - due_) / period_;
    skipped_ += static_cast<std::uint64_t>(missed);
    due_ += (missed + 1) * period_;
  }

 private:
  Instant due_{};
  Duration period_{1s};
  std::uint64_t skipped_ = 0;
};

// Where in its period the n-th of many equal things starts, so that any number of them are spread evenly
// (multiples of the golden ratio). On a grid of 5 ms, so that neighbours share a wake-up.
constexpr Duration phase_of(std::uint64_t n, Duration period) {
  const std::uint64_t fraction = n * 0x9E3779B97F4A7C15ULL;      // 2^64 / golden ratio, modulo 2^64
  const auto share = static_cast<std::int64_t>(fraction >> 33);  // 31 bits
  const Duration exact{
      static_cast<std::int64_t>(static_cast<double>(period.count()) * (static_cast<double>(share) / 0x1p31))};
  constexpr Duration grid = 5ms;
  return period > 10 * grid ? exact / grid * grid : exact;
}

}  // namespace iw::polling
