// Counter: from the register of a meter, which begins again at its modulus and is sometimes reset, to one
// that only rises. extended = base + last reading, so nothing is ever summed up and no rounding gathers;
// exact up to 2^53.
//
// What happens to a reading:
//   it could have been counted since the last one (across the modulus too)   it is counted
//   it fell back by no more than two of the resolution                       the register waits
//   anything else                                                            doubted, the register waits
// A doubted reading is believed when the next one follows from it; otherwise it is forgotten. If it was lower
// and could have been counted from 0 meanwhile the meter was reset, and what it shows is counted. If not, it
// is another meter, or another beginning, and nothing is.
//
// CounterState is all there is: whoever stores it with the samples goes on after a restart, or a kill, as if
// nothing had been. An older one of the same base is good too: what was counted since is in the meter, and
// what was published since is told by catch_up(), lest another meter begin below it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace iw::normalize {

struct CounterSettings {
  double modulus = 0;     // 0: none known
  double max_rate = 0;    // per second; infinite: not known
  double resolution = 0;  // of the register
};

struct CounterState {
  double last = std::numeric_limits<double>::quiet_NaN();  // NaN: none yet
  double base = 0;
  double doubted = std::numeric_limits<double>::quiet_NaN();  // NaN: none
  WallTime last_time;
  WallTime doubted_time;
  std::uint32_t rollovers = 0;
  std::uint32_t restarts = 0;  // resets, and other meters

  [[nodiscard]] double extended() const { return base + last; }
};

enum class Counted : std::uint8_t { counted, waiting, doubted };

Counted count(CounterState& state, const CounterSettings& settings, double reading, WallTime time);

// The register was published up to here after the state was stored.
void catch_up(CounterState& state, double extended, WallTime time);

constexpr std::size_t counter_state_size = 48;
std::array<std::byte, counter_state_size> to_bytes(const CounterState& state);
Result<CounterState> counter_state(Bytes bytes);

}  // namespace iw::normalize
