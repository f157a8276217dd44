#include "gateway/normalize_config.hpp"

#include "base/nearest.hpp"

namespace iw::gateway {

using namespace config;  // the table below reads better without it at every word

const Record<NormalizeOverrides>& normalize_record() {
  using N = NormalizeOverrides;
  static const auto record =
      Record<N>()
          .optional("scale", &N::scale, number(), "what the device does not know: the ratio of a transformer")
          .optional("minimum", &N::minimum, number(), "a value below is questionable")
          .optional("maximum", &N::maximum, number(), "a value above is questionable")
          .optional("max_rate", &N::max_rate, number(0), "change in one second that is believed")
          .optional("resolution", &N::resolution, number(0), "step of the device's register")
          .optional("modulus", &N::modulus, number(0), "of a counter: where it begins again at 0")
          .optional("outlier_sigmas", &N::outlier_sigmas, number(0), "Hampel filter; 0: none")
          .optional("outlier_floor", &N::outlier_floor, number(0),
                    "what is nearer to the median is no outlier")
          .optional("stuck_after", &N::stuck_after, duration(0s, 7 * 24h),
                    "unchanged for so long, the value is old; 0s: never")
          .optional("time_constant", &N::time_constant, duration(0s, 24h), "of the low-pass; 0s: none")
          .optional("gap_limit", &N::gap_limit, duration(0s, 24h), "a longer gap is not filled; 0s: none is")
          .optional("gap_samples", &N::gap_samples, integer(0, 10'000),
                    "missing samples that are filled in at most")
          .optional("deadband", &N::deadband, number(0), "a smaller change is not reported")
          .optional("deadband_percent", &N::deadband_percent, number(0, 100),
                    "the same, of the value last reported; the larger counts")
          .optional("heartbeat", &N::heartbeat, duration(0s, 24h),
                    "report without a change after so long; 0s: never")
          .place(&N::place);
  return record;
}

void NormalizeOverrides::apply(normalize::Settings& settings) const {
  const auto set = [](auto& setting, const auto& given) {
    if (given) setting = *given;
  };
  set(settings.scale, scale);
  set(settings.minimum, minimum);
  set(settings.maximum, maximum);
  set(settings.max_rate, max_rate);
  set(settings.resolution, resolution);
  set(settings.modulus, modulus);
  set(settings.outlier_sigmas, outlier_sigmas);
  set(settings.outlier_floor, outlier_floor);
  set(settings.stuck_after, stuck_after);
  set(settings.time_constant, time_constant);
  set(settings.gap_limit, gap_limit);
  set(settings.gap_samples, gap_samples);
  set(settings.deadband, deadband);
  set(settings.deadband_percent, deadband_percent);
  set(settings.heartbeat, heartbeat);
}

Result<model::Quantity> parse_quantity_key(std::string_view text) {
  if (const auto quantity = model::parse_quantity(text)) return *quantity;
  std::vector<std::string_view> names;
  for (const model::QuantityInfo& known : model::quantities())
    names.push_back(known.name);
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no quantity{}", text, suggestion(text, names)));
}

}  // namespace iw::gateway
