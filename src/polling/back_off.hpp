// BackOff: what is done about somebody who does not answer. A circuit breaker with half-open probes.
//
//   closed     answers; some failures in a row are forgiven
//   open       given up for now; nothing is sent until the pause is over
//   half_open  the pause is over: one probe may be sent, and decides
//
// The pause doubles from `first` to `longest`, with up to a fifth taken off at random so that many that died
// together do not come back together.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace iw::polling {

struct BackOffSettings {
  std::uint32_t forgiven = 3;  // failures in a row that open the circuit
  Duration first = 1s;
  Duration longest = 60s;

  friend bool operator==(const BackOffSettings&, const BackOffSettings&) = default;
};

class BackOff {
 public:
  enum class State : std::uint8_t { closed, open, half_open };

  BackOff() = default;
  explicit BackOff(BackOffSettings settings) : settings_(settings) {}

  [[nodiscard]] State state(Instant now) const {
    if (failures_ < settings_.forgiven) return State::closed;
    return now < retry_ ? State::open : State::half_open;
  }
  // Given up: not to be polled but by probes.
  [[nodiscard]] bool given_up() const { return failures_ >= settings_.forgiven; }
  [[nodiscard]] Instant retry_at() const { return retry_; }
  [[nodiscard]] std::uint32_t failures() const { return failures_; }

  void succeeded() { failures_ = 0; }

  // chance: uniform in [0, 1), from io::Random.
  void failed(Instant now, double chance) {
    ++failures_;
    if (!given_up()) return;
    const std::uint32_t doublings = std::min(failures_ - settings_.forgiven, 20U);
    const Duration pause = std::min(settings_.first * (std::int64_t{1} << doublings), settings_.longest);
    retry_ =
        now + pause - Duration(static_cast<std::int64_t>(static_cast<double>(pause.count()) * 0.2 * chance));
  }

 private:
  BackOffSettings settings_;
  std::uint32_t failures_ = 0;
  Instant retry_{};
};

}  // namespace iw::polling
