// Settings: how the samples of one point are normalised. The defaults of a quantity stand in settings.cpp, as
// a table; a configuration writes over them, for a quantity and for a point.
//
// Numbers are in the canonical unit of the quantity, after `scale`. A duration of zero means: not done.
#pragma once

#include <cstdint>
#include <limits>

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/point.hpp"
#include "model/quantity.hpp"

namespace iw::normalize {

constexpr double unlimited = std::numeric_limits<double>::infinity();

struct Settings {
  double scale = 1;             // what the device does not know: the ratio of a transformer
  double minimum = -unlimited;  // outside, the value is questionable
  double maximum = unlimited;
  double max_rate = unlimited;  // per second: of change, or of a counter
  double resolution = 0;        // of the device, of which a value may jump or a counter fall back by two
  double modulus = 0;           // where the counter begins again at 0; 0: nowhere
  double outlier_sigmas = 0;    // Hampel filter; 0: none
  double outlier_floor = 0;     // what is nearer to the median is no outlier
  Duration stuck_after{};       // unchanged for so long, the value is old
  Duration time_constant{};     // of the low-pass
  Duration period{};            // how often the point is read; unknown: gaps are not filled
  Duration gap_limit{};         // between the samples on both sides of a gap that is filled
  std::uint32_t gap_samples = std::numeric_limits<std::uint32_t>::max();  // as many at most
  double deadband = 0;                                                    // report by exception: the larger
  double deadband_percent = 0;                                            // of the two
  Duration heartbeat = 10min;                                             // report without exception

  friend bool operator==(const Settings&, const Settings&) = default;
};

// What may be done with the samples of a quantity.
enum class Kind : std::uint8_t {
  measured,  // everything
  counter,   // extended, never filtered
  state,     // reported, never computed with: states, commands, setpoints
};

Kind kind(model::Quantity quantity);

Settings default_settings(model::Quantity quantity);

// What a configuration may ask for: no filter on counters and states, no limits the wrong way round.
Result<void> check(model::Quantity quantity, const Settings& settings);

}  // namespace iw::normalize
