// Excerpt: some series of a running historian, for another thread. What is not sealed yet is as it was when
// the excerpt was made; the rest is read from the files when it is asked for. A Reader (reader.hpp), which
// knows only the folder, has to go through the whole head log for the same answer.
//
//   Excerpt excerpt = historian.excerpt([](const SeriesInfo& series) { return series.path ==
//   "roof/ActivePower"; }); excerpt.raw(0, range);   // on any one thread from here on, while the historian
//   goes on; blocking
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "base/result.hpp"
#include "historian/archive.hpp"
#include "historian/catalogue.hpp"
#include "historian/unsealed.hpp"

namespace iw::historian {

class Excerpt {
 public:
  using Wanted = std::function<bool(const SeriesInfo&)>;

  Excerpt(const Catalogue& catalogue, const Unsealed& unsealed, const std::set<Day>& stale_days,
          const Wanted& wanted, Archive archive);

  // Those that were wanted; the other calls name them by their place in here.
  [[nodiscard]] const std::vector<SeriesInfo>& series() const { return series_; }

  // In the order of time, each time once.
  Result<Samples> raw(std::size_t place, Range range);
  // The same as the device gave it, before it was normalised (as_measured.hpp).
  Result<Samples> as_measured(std::size_t place, Range range);
  // The buckets that begin in the range, those without any value left out.
  Result<std::vector<Rollup>> rollups(std::size_t place, Level level, Range range);

 private:
  struct Part {
    SeriesId id;
    Samples unsealed;
  };
  Result<Samples> read(const Part& part, Range range);

  std::vector<SeriesInfo> series_;
  std::vector<Part> parts_;                    // by place
  std::vector<std::optional<Part>> measured_;  // what stands beside them as it was measured, by place
  std::set<Day> stale_days_;
  Archive archive_;
};

}  // namespace iw::historian
