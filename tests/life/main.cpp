// Lives of a simulated site, seed after seed.
//
//   simulate_life --seeds 5000             from seed 1 on; --first N: from another
//   simulate_life --seed 4711 --trace      one seed again, each event in a line
//   simulate_life --seed 4711 --days 30    a month of site life
//
// Exit status 1: an invariant was broken; the seed and the command that replays it are printed.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "life.hpp"

namespace iw::life {
namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 24;
  double days = 0;
  double poll_s = 0;
  bool trace = false;
  bool twice = true;  // one in ten seeds is lived again: the same run; another without a hub
};

Plan plan_of(const Options& options, std::uint64_t seed) {
  Plan plan{.seed = seed};
  const auto in = [](double s) { return Duration(static_cast<std::int64_t>(s * 1e9)); };
  if (options.days > 0) plan = {.seed = seed, .poll = 120s, .length = in(options.days * 86'400)};
  if (options.poll_s > 0) plan.poll = in(options.poll_s);
  return plan;
}

struct Totals {
  Duration lived{};
  std::uint64_t faults = 0;
};

bool live(const Options& options, std::uint64_t seed, Totals& totals) {
  Life life(plan_of(options, seed));
  if (options.trace) life.trace_to([](std::string_view line) { fmt::print("{}\n", line); });
  life.live();
  totals.lived += life.now().time_since_epoch();
  totals.faults += life.faults();
  bool well = life.broken().empty();
  for (const Broken& broken : life.broken()) {
    fmt::print("seed {}, {:.3f} s: I{}: {}\n", seed,
               std::chrono::duration<double>(broken.at.time_since_epoch()).count(), broken.number,
               broken.what);
  }
  if (options.twice && seed % 10 == 0) {
    Life again(plan_of(options, seed));
    again.live();
    if (again.hash() != life.hash()) {
      fmt::print("seed {}: I25: two runs of it differ\n", seed);
      well = false;
    }
  }
  if (options.twice && seed % 10 == 5) {
    Plan plan = plan_of(options, seed);
    plan.hub = false;
    Life alone(plan);
    alone.live();
    if (alone.writes_hash() != life.writes_hash()) {
      fmt::print("seed {}: I13: the devices were told otherwise without a hub\n", seed);
      well = false;
    }
  }
  if (options.seeds == 1 || options.trace) {
    fmt::print("seed {}: {} events, hash {:016x}\n", seed, life.events(), life.hash());
  }
  if (!well) {
    const std::string length = options.days > 0 ? fmt::format(" --days {}", options.days) : "";
    fmt::print("again: ./dev simulate-life --seed {}{} --trace\n", seed, length);
  }
  return well;
}

int usage() {
  fmt::print(stderr,
             "simulate_life [--seeds N] [--first N] [--seed N] [--days D] [--poll SECONDS] [--trace]\n");
  return 2;
}

int run(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--trace") {
      options.trace = true;
      continue;
    }
    if (++i == argc) return usage();
    const double value = std::atof(argv[i]);
    if (word == "--seeds")
      options.seeds = static_cast<std::uint64_t>(value);
    else if (word == "--first")
      options.first = static_cast<std::uint64_t>(value);
    else if (word == "--days")
      options.days = value;
    else if (word == "--poll")
      options.poll_s = value;
    else if (word == "--seed")
      options.first = static_cast<std::uint64_t>(value), options.seeds = 1;
    else
      return usage();
  }
  Totals totals;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    if (!live(options, seed, totals)) ++failed;
    if (seed % 100 == 0) {
      fmt::print(stderr, "{} of {} seeds, {} failed\n", seed - options.first + 1, options.seeds, failed);
    }
    std::fflush(stdout);
  }
  fmt::print("{} seeds, {:.1f} days of site life, {} faults, {} failed\n", options.seeds,
             std::chrono::duration<double>(totals.lived).count() / 86'400, totals.faults, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace iw::life

int main(int argc, char** argv) { return iw::life::run(argc, argv); }
