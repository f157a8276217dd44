#include "historian/rollup.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "historian/integers.hpp"
#include "historian/varint.hpp"

namespace iw::historian {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t most_rollups = 1U << 16U;
constexpr double ms_of_hour = static_cast<double>(hour_ms);
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool usable(const Samples& samples, std::size_t i) {
  return samples.quality[i].validity() != model::Validity::invalid && std::isfinite(samples.value[i]);
}

// A sum of decimal numbers is one too, but for the rounding of each addition: such a one is stored in a third
// of the space.
double without_noise(double sum) {
  constexpr double thousandths = 1000;
  const double decimal = std::nearbyint(sum * thousandths) / thousandths;
  return std::abs(decimal - sum) <= 1e-13 * std::abs(sum) ? decimal : sum;
}

double advance(double from, double to) { return to > from ? to - from : 0; }

void hold(Rollup& bucket, double value, std::int64_t for_ms) {
  if (std::isnan(bucket.first)) {
    bucket.first = value;
  } else {
    bucket.energy += advance(bucket.last, value);
  }
  bucket.min = std::fmin(bucket.min, value);
  bucket.max = std::fmax(bucket.max, value);
  bucket.last = value;
  bucket.covered_ms += for_ms;
  bucket.integral += value * static_cast<double>(for_ms);
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::minute: return "minute";
    case Level::quarter: return "quarter";
    case Level::hour: return "hour";
  }
  return "";
}

EnergyOf energy_of(const model::PointName& name) {
  const model::QuantityInfo& quantity = model::info(name.quantity);
  if (quantity.cim_class == model::CimClass::Accumulator) return EnergyOf::counter;
  if (quantity.cim_class == model::CimClass::Analog && quantity.unit == model::Unit::W)
    return EnergyOf::power;
  return EnergyOf::none;
}

std::vector<Rollup> minutes_of(const Samples& samples, Range range, std::int64_t longest_hold_ms,
                               EnergyOf energy) {
  const auto count = static_cast<std::size_t>((range.to_ms - range.from_ms) / minute_ms);
  std::vector<Rollup> buckets(count, {.min = nan, .max = nan, .last = nan, .first = nan});
  const auto bucket_of = [&](std::int64_t time) -> Rollup& {
    return buckets[static_cast<std::size_t>((time - range.from_ms) / minute_ms)];
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::int64_t time = samples.time_ms[i];
    if (time >= range.to_ms) break;
    if (time >= range.from_ms) {
      Rollup& bucket = bucket_of(time);
      ++bucket.count;
      bucket.good += samples.quality[i].good() ? 1 : 0;
    }
    if (!usable(samples, i)) continue;
    const double value = samples.value[i];
    std::int64_t end = std::min(time + longest_hold_ms, range.to_ms);
    if (i + 1 < samples.size()) end = std::min(end, samples.time_ms[i + 1]);
    for (std::int64_t at = std::max(time, range.from_ms); at < end;) {
      const std::int64_t next = std::min(end, floor_to(at, minute_ms) + minute_ms);
      hold(bucket_of(at), value, next - at);
      at = next;
    }
  }
  std::vector<Rollup> found;
  for (std::size_t i = 0; i < count; ++i) {
    Rollup& bucket = buckets[i];
    if (bucket.count == 0 && bucket.covered_ms == 0) continue;
    bucket.start_ms = range.from_ms + static_cast<std::int64_t>(i) * minute_ms;
    bucket.integral = without_noise(bucket.integral);
    if (energy != EnergyOf::counter) bucket.first = bucket.energy = 0;
    found.push_back(bucket);
  }
  return found;
}

std::vector<Rollup> combined(std::span<const Rollup> finer, Level level, EnergyOf energy) {
  std::vector<Rollup> found;
  for (const Rollup& part : finer) {
    const std::int64_t start = floor_to(part.start_ms, step_ms(level));
    if (found.empty() || found.back().start_ms != start) {
      found.push_back(part);
      found.back().start_ms = start;
      continue;
    }
    Rollup& whole = found.back();
    if (energy == EnergyOf::counter) {
      whole.energy += part.energy + (std::isnan(whole.last) ? 0 : advance(whole.last, part.first));
      if (std::isnan(whole.first)) whole.first = part.first;
    }
    whole.min = std::fmin(whole.min, part.min);
    whole.max = std::fmax(whole.max, part.max);
    if (!std::isnan(part.last)) whole.last = part.last;
    whole.covered_ms += part.covered_ms;
    whole.integral = without_noise(whole.integral + part.integral);
    whole.count += part.count;
    whole.good += part.good;
  }
  return found;
}

void give_energy(std::span<Rollup> rollups, EnergyOf energy) {
  double last = nan;
  for (Rollup& rollup : rollups) {
    if (energy == EnergyOf::none) rollup.energy = nan;
    if (energy == EnergyOf::power) rollup.energy = rollup.integral / ms_of_hour;
    if (energy == EnergyOf::counter && !std::isnan(rollup.last)) {
      if (!std::isnan(last)) rollup.energy += advance(last, rollup.first);
      last = rollup.last;
    }
  }
}

// ---- As bytes

namespace {

constexpr std::array value_columns{&Rollup::min,      &Rollup::max,    &Rollup::last,
                                   &Rollup::integral, &Rollup::energy, &Rollup::first};

template <class Get>
std::vector<std::int64_t> column(std::span<const Rollup> rollups, Get get) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(rollups.size());
  for (const Rollup& rollup : rollups)
    numbers.push_back(static_cast<std::int64_t>(get(rollup)));
  return numbers;
}

}  // namespace

void encode_rollups(std::span<const Rollup> rollups, std::vector<std::byte>& out) {
  out.push_back(std::byte{version});
  put_varint(out, rollups.size());
  pack(column(rollups, [](const Rollup& r) { return r.start_ms / minute_ms; }), out);
  pack(column(rollups, [](const Rollup& r) { return r.covered_ms; }), out);
  pack(column(rollups, [](const Rollup& r) { return r.count; }), out);
  pack(column(rollups, [](const Rollup& r) { return r.count - r.good; }), out);
  ValuesEncoder encoder;
  std::vector<double> values(rollups.size());
  for (const auto member : value_columns) {
    std::ranges::transform(rollups, values.begin(), [member](const Rollup& r) { return r.*member; });
    out.push_back(std::byte{encoder.choose(values)});
    encoder.put(values, out);
  }
}

Result<std::vector<Rollup>> decode_rollups(Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t known = in.u8();
  const std::uint64_t count = take_varint(in);
  if (known != version || !in.ok() || count > most_rollups)
    return fail(ErrorKind::malformed, "roll-ups that make no sense");
  std::vector<Rollup> rollups(count);
  std::vector<std::int64_t> numbers(count);
  const auto take = [&](auto set) {
    unpack(in, numbers);
    for (std::size_t i = 0; i < count; ++i)
      set(rollups[i], numbers[i]);
  };
  // As unsigned: what damaged bytes say must not overflow.
  const auto times = [](std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  };
  take([&](Rollup& r, std::int64_t n) { r.start_ms = times(n, minute_ms); });
  take([](Rollup& r, std::int64_t n) { r.covered_ms = n; });
  take([](Rollup& r, std::int64_t n) { r.count = static_cast<std::uint32_t>(n); });
  take([](Rollup& r, std::int64_t n) { r.good = r.count - static_cast<std::uint32_t>(n); });
  std::vector<double> values(count);
  for (const auto member : value_columns) {
    const std::uint8_t form = in.u8();
    take_values(in, form, values);
    for (std::size_t i = 0; i < count; ++i)
      rollups[i].*member = values[i];
  }
  if (!in.done()) return fail(ErrorKind::malformed, "roll-ups whose columns do not fit each other");
  return rollups;
}

}  // namespace iw::historian
