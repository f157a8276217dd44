#include "normalize/hampel.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace iw::normalize {
namespace {

// MAD of a normal distribution x 1.4826 = its standard deviation.
constexpr double deviations_of_mad = 1.4826;

// The sorting network for seven values with the fewest comparisons: no branch depends on the values.
constexpr std::array<std::pair<std::uint8_t, std::uint8_t>, 16> network{{{0, 6},
                                                                         {2, 3},
                                                                         {4, 5},
                                                                         {0, 2},
                                                                         {1, 4},
                                                                         {3, 6},
                                                                         {0, 1},
                                                                         {2, 5},
                                                                         {3, 4},
                                                                         {1, 2},
                                                                         {4, 6},
                                                                         {2, 3},
                                                                         {4, 5},
                                                                         {1, 2},
                                                                         {3, 4},
                                                                         {5, 6}}};

constexpr double middle_of(std::array<double, 7> values) {
  for (const auto& [low, high] : network) {
    const double a = values[low];
    const double b = values[high];
    values[low] = std::min(a, b);
    values[high] = std::max(a, b);
  }
  return values[3];
}

// A network that sorts all zeros and ones sorts everything (D. Knuth, TAOCP 3, 5.3.4, theorem Z).
static_assert([] {
  for (unsigned bits = 0; bits < 128; ++bits) {
    std::array<double, 7> values{};
    unsigned ones = 0;
    for (unsigned i = 0; i < 7; ++i) {
      values[i] = bits >> i & 1U;
      ones += bits >> i & 1U;
    }
    if (middle_of(values) != (ones > 3 ? 1 : 0)) return false;
  }
  return true;
}());

}  // namespace

void Hampel::add(double value) {
  window_[next_] = value;
  next_ = static_cast<std::uint8_t>((next_ + 1U) % width);
  filled_ = std::min<std::uint8_t>(filled_ + 1U, width);
}

Hampel::Verdict Hampel::judge(Sample sample, double sigmas, double floor) {
  add(sample.value);
  if (filled_ < width) {
    last_accepted_ = sample.value;
    return Verdict::accepted;
  }

  median_ = middle_of(window_);
  std::array<double, width> distance{};
  std::ranges::transform(window_, distance.begin(), [&](double x) { return std::abs(x - median_); });
  const double limit = std::max(sigmas * deviations_of_mad * middle_of(distance), floor);
  const auto near = [limit](double a, double b) { return std::abs(a - b) <= limit; };
  if (near(sample.value, median_) || near(sample.value, last_accepted_)) {
    last_accepted_ = sample.value;
    believed_ = std::exchange(in_a_row_, std::uint8_t{0});
    const bool were_real =
        std::ranges::all_of(rejected(), [&](const Sample& s) { return near(s.value, median_); });
    return were_real && believed_ > 0 ? Verdict::level_changed : Verdict::accepted;
  }

  // Near the last suspect means also: on the same side of the median.
  if (in_a_row_ > 0 && !near(sample.value, suspects_[in_a_row_ - 1U].value)) in_a_row_ = 0;
  suspects_[in_a_row_++] = sample;
  if (in_a_row_ < to_believe) return Verdict::rejected;

  believed_ = to_believe - 1;
  last_accepted_ = sample.value;
  filled_ = next_ = in_a_row_ = 0;
  for (const Sample& suspect : suspects_)
    add(suspect.value);
  return Verdict::level_changed;
}

}  // namespace iw::normalize
