#include "normalize/settings.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace iw::normalize {
namespace {

using enum model::Quantity;
using model::CimClass;
using model::Quantity;
using model::SignRule;

struct Row {
  Quantity quantity{};
  Settings settings;
};

// 100 MW, above any site of this gateway: whoever knows the rating of the asset says less.
constexpr double per_second_at_100_MW = 100e6 / 3600;

// Power, current and irradiance really jump, and control wants to see it at once: no outlier filter and no
// limit of change unless asked for. Voltage, frequency, temperature and state of charge do not.
// clang-format off: a row is read as a row
constexpr std::array table{
    Row{ActivePower, {.gap_limit = 60s, .gap_samples = 5, .deadband = 10, .deadband_percent = 1}},
    Row{ReactivePower, {.gap_limit = 60s, .gap_samples = 5, .deadband = 10, .deadband_percent = 1}},
    Row{ApparentPower, {.gap_limit = 60s, .gap_samples = 5, .deadband = 10, .deadband_percent = 1}},
    Row{DcPower, {.gap_limit = 60s, .gap_samples = 5, .deadband = 10, .deadband_percent = 1}},
    Row{PowerFactor, {.gap_limit = 60s, .gap_samples = 5, .deadband = 0.01}},
    Row{VoltageLN, {.outlier_sigmas = 5, .outlier_floor = 5, .stuck_after = 15min, .gap_limit = 60s,
                    .gap_samples = 5, .deadband_percent = 0.5}},
    Row{VoltageLL, {.outlier_sigmas = 5, .outlier_floor = 8, .stuck_after = 15min, .gap_limit = 60s,
                    .gap_samples = 5, .deadband_percent = 0.5}},
    Row{DcVoltage, {.gap_limit = 60s, .gap_samples = 5, .deadband_percent = 0.5}},
    Row{Current, {.gap_limit = 60s, .gap_samples = 5, .deadband = 0.1, .deadband_percent = 1}},
    Row{DcCurrent, {.gap_limit = 60s, .gap_samples = 5, .deadband = 0.1, .deadband_percent = 1}},
    Row{Frequency, {.max_rate = 5, .resolution = 0.1, .outlier_sigmas = 5, .outlier_floor = 0.2,
                    .stuck_after = 1h, .gap_limit = 60s, .gap_samples = 5, .deadband = 0.01}},
    Row{StateOfCharge, {.max_rate = 1, .resolution = 1, .gap_limit = 15min, .deadband = 0.5}},
    Row{StateOfHealth, {.deadband = 0.5}},
    Row{StoredEnergy, {.gap_limit = 15min, .deadband = 10, .deadband_percent = 0.5}},
    Row{AirTemperature, {.max_rate = 5.0 / 60, .resolution = 1, .outlier_sigmas = 5, .outlier_floor = 2,
                         .gap_limit = 15min, .deadband = 0.2}},
    Row{CabinetTemperature, {.max_rate = 5.0 / 60, .resolution = 1, .outlier_sigmas = 5, .outlier_floor = 2,
                             .gap_limit = 15min, .deadband = 0.2}},
    Row{Irradiance, {.gap_limit = 60s, .gap_samples = 5, .deadband = 5, .deadband_percent = 1}},
    Row{WindSpeed, {.gap_limit = 60s, .gap_samples = 5, .deadband = 0.2}},
};
// clang-format on

constexpr Settings of_a_counter{
    .max_rate = per_second_at_100_MW, .resolution = 1, .gap_limit = 15min, .deadband = 10, .heartbeat = 1min};

struct Range {
  double minimum;
  double maximum;
};

Range range(SignRule sign) {
  switch (sign) {
    case SignRule::never_negative: return {.minimum = 0, .maximum = unlimited};
    case SignRule::zero_to_one: return {.minimum = 0, .maximum = 1};
    case SignRule::percent: return {.minimum = 0, .maximum = 100};
    case SignRule::angle: return {.minimum = -180, .maximum = 180};
    case SignRule::into_is_positive:
    case SignRule::any: break;
  }
  return {.minimum = -unlimited, .maximum = unlimited};
}

bool filters(const Settings& s) {
  return s.outlier_sigmas != 0 || s.stuck_after != Duration{} || s.time_constant != Duration{};
}

}  // namespace

Kind kind(Quantity quantity) {
  switch (model::info(quantity).cim_class) {
    case CimClass::Accumulator: return Kind::counter;
    case CimClass::Analog: return quantity == Quantity::Count ? Kind::state : Kind::measured;
    default: return Kind::state;
  }
}

Settings default_settings(Quantity quantity) {
  const auto* row = std::ranges::find(table, quantity, &Row::quantity);
  Settings settings = row != table.end() ? row->settings : Settings{};
  if (kind(quantity) == Kind::counter) settings = of_a_counter;
  const auto [minimum, maximum] = range(model::info(quantity).sign);
  settings.minimum = minimum;
  settings.maximum = maximum;
  return settings;
}

Result<void> check(Quantity quantity, const Settings& settings) {
  const auto refuse = [&](std::string_view what, std::string_view remedy) {
    return fail(ErrorKind::invalid_argument, fmt::format("{}: {}", to_string(quantity), what),
                std::string(remedy));
  };
  if (kind(quantity) != Kind::measured && filters(settings)) {
    return refuse("is a counter or a state, which is never filtered",
                  "remove outlier, stuck and time constant");
  }
  if (kind(quantity) == Kind::state && settings.gap_limit != Duration{})
    return refuse("a state is never interpolated", "remove the gap limit");
  if (kind(quantity) != Kind::counter && settings.modulus != 0)
    return refuse("only a counter begins again at 0", "remove the modulus");
  if (!(settings.minimum <= settings.maximum))
    return refuse("the minimum is above the maximum", "turn them round");
  for (const double size : {settings.max_rate, settings.resolution, settings.modulus, settings.outlier_sigmas,
                            settings.outlier_floor, settings.deadband, settings.deadband_percent}) {
    if (!(size >= 0)) return refuse("a limit is below 0", "give its size without a sign");
  }
  if (settings.scale == 0) return refuse("a scale of 0 leaves nothing", "give the ratio of the transformer");
  return {};
}

}  // namespace iw::normalize
