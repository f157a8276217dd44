// What a configuration may say about normalisation: settings of a quantity for the whole site, and of single
// points. What is left out is the default of the quantity (normalize/settings.cpp).
//
//   normalize:
//     VoltageLN: {outlier_sigmas: 4}
//   devices:
//     - name: main meter
//       normalize:
//         EnergyImport: {scale: 40, modulus: 100000000}
#pragma once

#include <optional>

#include "base/result.hpp"
#include "config/record.hpp"
#include "normalize/settings.hpp"

namespace iw::gateway {

struct NormalizeOverrides {
  const config::Value* place = nullptr;
  std::optional<double> scale, minimum, maximum, max_rate, resolution, modulus;
  std::optional<double> outlier_sigmas, outlier_floor;
  std::optional<Duration> stuck_after, time_constant, gap_limit;
  std::optional<std::uint32_t> gap_samples;
  std::optional<double> deadband, deadband_percent;
  std::optional<Duration> heartbeat;

  void apply(normalize::Settings& settings) const;
};

const config::Record<NormalizeOverrides>& normalize_record();

// A key of `normalize:` of the site.
Result<model::Quantity> parse_quantity_key(std::string_view text);

}  // namespace iw::gateway
