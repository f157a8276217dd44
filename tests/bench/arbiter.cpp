// The speed of the arbiter: 10,000 points with 5 claims each, all decided anew, beside a loop that only reads
// the same claims. Prints one JSON object.
//
//   --seconds 2   of CPU for each case

#include <cstdio>

#include "control/claim_book.hpp"
#include "report.hpp"

namespace {

using namespace iw;
using namespace iw::control;

constexpr std::size_t points = 10'000;
constexpr std::size_t claims = 5;

// Each level speaks once; one in three is a limit.
ClaimBook make_book() {
  std::vector<PointRules> rules;
  for (std::size_t p = 0; p < points; ++p)
    rules.push_back({.path = fmt::format("asset {}/ActivePowerSetpoint", p),
                     .rules = {.minimum = -5000, .maximum = 5000}});
  ClaimBook book;
  book.set_points(rules);
  for (std::size_t p = 0; p < points; ++p) {
    for (std::size_t c = 0; c < claims; ++c) {
      (void)book.make({.path = rules[p].path,
                       .owner = "a controller with a name",
                       .level = static_cast<Level>(c),
                       .demand = (p + c) % 3 == 0 ? Demand::at_most : Demand::set,
                       .value = static_cast<double>((p * 7 + c * 1300) % 5000),
                       .life = std::chrono::hours(1)},
                      Instant());
    }
  }
  return book;
}

// Milliseconds of CPU for one round over all points; each round at another instant.
template <class Round>
std::vector<float> measure(double seconds, Round round) {
  std::vector<float> times;
  const double begin = bench::cpu_seconds();
  for (std::int64_t n = 1; bench::cpu_seconds() - begin < seconds; ++n) {
    const double before = bench::cpu_seconds();
    round(Instant(n * 1ms));
    times.push_back(static_cast<float>((bench::cpu_seconds() - before) * 1e3));
  }
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = bench::parse(argc, argv).seconds;
  const ClaimBook book = make_book();
  double sum = 0;
  auto decided = measure(seconds, [&](Instant now) {
    for (const ClaimBook::Point& point : book.points())
      sum += decide(point.rules, point.claims, now).value;
  });
  auto read = measure(seconds, [&](Instant now) {
    for (const ClaimBook::Point& point : book.points())
      for (const Claim& claim : point.claims)
        sum += claim.live(now) ? claim.value : 0;
  });
  asm volatile("" : : "g"(&sum) : "memory");
  const nlohmann::ordered_json result = {{"decide_ms", bench::quantiles(decided)},
                                         {"read_ms", bench::quantiles(read)}};
  std::puts(result.dump(2).c_str());
}
