#include "api/downsample.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace iw::api {
namespace {

using historian::Range;
using historian::Rollup;
using historian::Samples;

constexpr std::size_t most_per_pixel = 4;

class Pixels {
 public:
  Pixels(Range range, std::size_t count)
      : from_(range.from_ms), span_(std::max<std::int64_t>(range.to_ms - range.from_ms, 1)), count_(count) {}

  [[nodiscard]] std::size_t of(std::int64_t time_ms) const {
    const double share = static_cast<double>(time_ms - from_) / static_cast<double>(span_);
    return static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  }

 private:
  std::int64_t from_;
  std::int64_t span_;
  std::size_t count_;
};

// Of the samples first .. last, which are of one pixel.
void keep_telling(const Samples& samples, std::size_t first, std::size_t last, Samples& out) {
  std::size_t least = first;
  std::size_t greatest = first;
  std::size_t worst = first;
  for (std::size_t i = first; i <= last; ++i) {
    if (samples.value[i] < samples.value[least] || std::isnan(samples.value[least])) least = i;
    if (samples.value[i] > samples.value[greatest] || std::isnan(samples.value[greatest])) greatest = i;
    if (samples.quality[i].validity() > samples.quality[worst].validity()) worst = i;
  }
  std::array kept{first, least, greatest, worst, last};
  std::ranges::sort(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i == 0 || kept[i] != kept[i - 1])
      out.add(samples.time_ms[kept[i]], samples.value[kept[i]], samples.quality[kept[i]]);
  }
}

void join(Rollup& into, const Rollup& next) {
  into.min = std::fmin(into.min, next.min);
  into.max = std::fmax(into.max, next.max);
  if (!std::isnan(next.last)) into.last = next.last;
  into.covered_ms += next.covered_ms;
  into.integral += next.integral;
  into.count += next.count;
  into.good += next.good;
  into.energy += next.energy;
}

}  // namespace

Samples for_pixels(const Samples& samples, Range range, std::size_t pixels) {
  if (samples.size() <= pixels * most_per_pixel) return samples;
  const Pixels pixel(range, pixels);
  Samples fewer;
  for (std::size_t first = 0; first < samples.size();) {
    std::size_t last = first;
    while (last + 1 < samples.size() &&
           pixel.of(samples.time_ms[last + 1]) == pixel.of(samples.time_ms[first]))
      ++last;
    keep_telling(samples, first, last, fewer);
    first = last + 1;
  }
  return fewer;
}

std::vector<Rollup> for_pixels(const std::vector<Rollup>& rollups, Range range, std::size_t pixels) {
  if (rollups.size() <= pixels) return rollups;
  const Pixels pixel(range, pixels);
  std::vector<Rollup> fewer;
  for (const Rollup& rollup : rollups) {
    if (!fewer.empty() && pixel.of(fewer.back().start_ms) == pixel.of(rollup.start_ms)) {
      join(fewer.back(), rollup);
    } else {
      fewer.push_back(rollup);
    }
  }
  return fewer;
}

}  // namespace iw::api
