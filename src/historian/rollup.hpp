// Roll-ups: what a series did in each minute, quarter of an hour and hour of UTC.
//
// A value holds until the next sample, but no longer than the longest hold: what lies beyond is a gap, and a
// bucket without a sample and without a value that holds into it is not there. Values that are invalid or no
// numbers end the one before and count only as samples. Of a counter the energy is what it advanced, of a
// power its integral; a step back of a counter is a reset and adds nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "historian/layout.hpp"
#include "historian/samples.hpp"
#include "historian/values.hpp"
#include "model/point.hpp"

namespace iw::historian {

enum class Level : std::uint8_t { minute, quarter, hour };

std::string_view to_string(Level level);  // "minute", "quarter", "hour"

constexpr std::int64_t step_ms(Level level) {
  return level == Level::minute ? minute_ms : level == Level::quarter ? 15 * minute_ms : hour_ms;
}

// What energy is for a quantity.
enum class EnergyOf : std::uint8_t {
  none,
  counter,  // in the unit of the counter
  power,    // Wh
};
EnergyOf energy_of(const model::PointName& name);

struct Rollup {
  std::int64_t start_ms = 0;
  double min = 0;  // NaN, as max and last, when no value held
  double max = 0;
  double last = 0;
  std::int64_t covered_ms = 0;  // so long a value held
  double integral = 0;          // of the value over that time, in its unit times ms
  std::uint32_t count = 0;      // samples in it
  std::uint32_t good = 0;       // those of good quality
  double energy = 0;            // as given out; as stored: within the bucket only, see `first`
  double first = 0;             // that held, of a counter: since the bucket before it advanced to here

  // Weighted by time; NaN when no value held.
  [[nodiscard]] double average() const { return integral / static_cast<double>(covered_ms); }
};

// The minutes of a range of whole minutes. The samples are in the order of time, each time once, and begin
// the longest hold before the range.
std::vector<Rollup> minutes_of(const Samples& samples, Range range, std::int64_t longest_hold_ms,
                               EnergyOf energy);

// Larger buckets from smaller ones, in the order of time.
std::vector<Rollup> combined(std::span<const Rollup> finer, Level level, EnergyOf energy);

// The energy of each bucket with what came since the one before it.
void give_energy(std::span<Rollup> rollups, EnergyOf energy);

// Stored as columns; see README.md.
void encode_rollups(std::span<const Rollup> rollups, std::vector<std::byte>& out);
Result<std::vector<Rollup>> decode_rollups(Bytes bytes);

}  // namespace iw::historian
