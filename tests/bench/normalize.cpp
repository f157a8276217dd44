// The speed of normalisation: 10,000 points as 100 devices of 100, batches as drivers make them, beside a
// loop that only copies the columns of the same batches. Prints one JSON object.
//
//   --seconds 2   of CPU for each case

#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "normalize/chain.hpp"
#include "report.hpp"

namespace {

using namespace iw;
using model::Quantity;

constexpr std::size_t devices = 100;
constexpr std::size_t points = 100;
constexpr std::size_t rounds = 16;  // of different values, taken in turn

constexpr normalize::Settings simple{.scale = 2,
                                     .minimum = 0,
                                     .maximum = 1000,
                                     .max_rate = 1000,
                                     .time_constant = 10s,
                                     .deadband_percent = 0.5};

// What a site has: 30 % voltages, 40 % powers and currents, 20 % counters, 10 % states.
Quantity of_a_site(std::size_t point) {
  constexpr std::array mix{Quantity::VoltageLN,     Quantity::VoltageLL,    Quantity::Frequency,
                           Quantity::ActivePower,   Quantity::ActivePower,  Quantity::ReactivePower,
                           Quantity::Current,       Quantity::EnergyImport, Quantity::EnergyExport,
                           Quantity::OperatingState};
  return mix[point * mix.size() / points];
}

// The same numbers on every machine, without chance: a small pseudo-random walk around 230.
double value(std::size_t round, std::size_t device, std::size_t point) {
  std::uint64_t x = (round * 1'000'003 + device * 10'007 + point) * 0x9E3779B97F4A7C15ULL;
  x ^= x >> 32U;
  return 230 + static_cast<double>(x % 1000) / 1000;
}

std::vector<model::SampleBatch> make_batches(bool with_counters) {
  std::vector<model::SampleBatch> batches(rounds * devices);
  for (std::size_t b = 0; b < batches.size(); ++b) {
    batches[b].device = model::DeviceId(static_cast<std::uint16_t>(b % devices));
    for (std::size_t point = 0; point < points; ++point) {
      const bool steady = with_counters && of_a_site(point) >= Quantity::EnergyImport;
      batches[b].add(static_cast<std::uint16_t>(point),
                     steady ? 1000 : value(b / devices, b % devices, point), {});
    }
  }
  return batches;
}

// Time goes on by 1 s with a jitter from round to round, as it does on a line.
void stamp(model::SampleBatch& batch, std::uint64_t round) {
  const Duration at = Duration(1s) * static_cast<std::int64_t>(round) +
                      Duration(static_cast<std::int64_t>(round * 7919 % 1000) * 1000);
  batch.received = Instant(at);
  batch.source_time = WallTime(at);
}

struct Measured {
  double samples_per_s;
  double reported;  // of the samples
};

// Calls each(batch, device) for all batches of a round, round after round.
template <class Each>
Measured measure(std::vector<model::SampleBatch>& batches, double seconds_wanted, Each each) {
  std::uint64_t samples = 0;
  std::uint64_t reported = 0;
  std::uint64_t round = 1;
  const double begin = bench::cpu_seconds();
  double elapsed = 0;
  for (; elapsed < seconds_wanted; ++round) {
    for (std::size_t device = 0; device < devices; ++device) {
      model::SampleBatch& batch = batches[round % rounds * devices + device];
      stamp(batch, round);
      reported += each(batch, device);
      samples += batch.size();
    }
    elapsed = bench::cpu_seconds() - begin;
  }
  return {.samples_per_s = static_cast<double>(samples) / elapsed,
          .reported = static_cast<double>(reported) / static_cast<double>(samples)};
}

template <class SettingsOf>
Measured normalized(double seconds, bool with_counters, SettingsOf settings_of) {
  auto batches = make_batches(with_counters);
  std::vector<normalize::PointSettings> settings;
  for (std::size_t point = 0; point < points; ++point)
    settings.push_back(settings_of(point));
  std::vector<normalize::Chain> chains(devices, normalize::Chain(settings));
  normalize::Normalized out;
  return measure(batches, seconds, [&](const model::SampleBatch& batch, std::size_t device) {
    chains[device].apply(batch, out);
    return out.reports.size();
  });
}

Measured copied(double seconds) {
  auto batches = make_batches(false);
  std::vector<model::SampleBatch> last(devices);
  return measure(batches, seconds, [&](const model::SampleBatch& batch, std::size_t device) {
    model::SampleBatch& out = last[device];
    out.index = batch.index;
    out.value = batch.value;
    out.quality = batch.quality;
    asm volatile("" : : "g"(out.value.data()) : "memory");
    return std::size_t{0};
  });
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = bench::parse(argc, argv).seconds;
  const Measured copy = copied(seconds);
  const Measured chain = normalized(seconds, false, [](std::size_t) {
    return normalize::PointSettings{.quantity = Quantity::VoltageLN, .settings = simple};
  });
  const Measured site = normalized(seconds, true, [](std::size_t point) {
    return normalize::PointSettings{.quantity = of_a_site(point),
                                    .settings = normalize::default_settings(of_a_site(point))};
  });
  const nlohmann::ordered_json result = {
      {"copy_samples_per_s", copy.samples_per_s},
      {"simple_samples_per_s", chain.samples_per_s},
      {"simple_reported", chain.reported},
      {"site_samples_per_s", site.samples_per_s},
      {"site_reported", site.reported},
      {"core_percent_of_10000_points_at_1_hz", 100 * 10'000 / site.samples_per_s},
  };
  std::puts(result.dump(2).c_str());
}
