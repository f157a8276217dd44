#include "historian/excerpt.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "historian/as_measured.hpp"
#include "historian/historian.hpp"
#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::historian {
namespace {

using io::posix::PosixFiles;
using model::Detail;
using model::Quality;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026
constexpr Range always{.from_ms = 0, .to_ms = 4'000'000'000'000};

SeriesInfo info(const std::string& path) {
  return {.mrid = model::derive({}, path), .path = path, .name = {.quantity = model::Quantity::ActivePower}};
}

Instant at(Duration since_start) { return Instant{} + 1h + since_start; }

Excerpt::Wanted path_is(std::string path) {
  return [path = std::move(path)](const SeriesInfo& series) { return series.path == path; };
}

class History {
 public:
  History()
      : historian_(
            Historian::open(files_, {.folder = folder_.path(), .seal_samples = 50, .reserve = 0}, at(0s))
                .value()) {
    ids_ =
        historian_.series(std::vector{info("roof"), info("battery"), as_measured(info("battery"))}).value();
  }

  Historian& operator*() { return historian_; }
  Historian* operator->() { return &historian_; }

  // Values once a second, each its second.
  void record(std::size_t series, std::int64_t from, std::int64_t to, Quality quality = {}) {
    for (std::int64_t second = from; second < to; ++second) {
      Recording recording;
      recording.add(ids_[series], midnight + second * 1000, static_cast<double>(second), quality);
      historian_.record(recording, at(1s * second));
      historian_.tick(WallTime(std::chrono::milliseconds(midnight + second * 1000)), at(1s * second));
    }
  }

  // What another process would see.
  Samples read_by_other(SeriesId id) { return Reader::open(files_, folder_.path())->raw(id, always).value(); }
  [[nodiscard]] SeriesId id(std::size_t series) const { return ids_[series]; }

 private:
  io::testing::TemporaryFolder folder_;
  PosixFiles files_;
  Historian historian_;
  std::vector<SeriesId> ids_;
};

}  // namespace

TEST_CASE("an excerpt has the series that were wanted, sealed or not, as another process sees them") {
  History history;
  history.record(0, 0, 120);
  history.record(1, 0, 10);
  Excerpt excerpt = history->excerpt(path_is("roof"));
  REQUIRE(excerpt.series().size() == 1);
  CHECK(excerpt.series()[0] == info("roof"));
  const Samples samples = excerpt.raw(0, always).value();
  CHECK(samples.size() == 120);
  CHECK(samples.time_ms == history.read_by_other(history.id(0)).time_ms);
  CHECK(excerpt.raw(0, {.from_ms = midnight + 5000, .to_ms = midnight + 7000})->value ==
        std::vector{5.0, 6.0});
  CHECK(history->excerpt(path_is("cellar")).series().empty());
}

TEST_CASE("what is sealed after the excerpt was made is neither lost nor there twice") {
  History history;
  history.record(0, 0, 120);
  Excerpt excerpt = history->excerpt(path_is("roof"));
  history.record(0, 120, 130);
  REQUIRE(history->seal());
  CHECK(history->status().unsealed == 0);
  const Samples samples = excerpt.raw(0, {.from_ms = midnight, .to_ms = midnight + 120'000}).value();
  REQUIRE(samples.size() == 120);
  CHECK(std::ranges::is_sorted(samples.value));
}

TEST_CASE("roll-ups of an excerpt have what is not sealed") {
  History history;
  history.record(0, 0, 180);
  Excerpt excerpt = history->excerpt(path_is("roof"));
  const Range three_minutes{.from_ms = midnight, .to_ms = midnight + 180'000};
  const auto minutes = excerpt.rollups(0, Level::minute, three_minutes).value();
  const auto same = history->rollups(history.id(0), Level::minute, three_minutes).value();
  REQUIRE(minutes.size() == 3);
  REQUIRE(same.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(minutes[i].start_ms == same[i].start_ms);
    CHECK(minutes[i].average() == same[i].average());
    CHECK(minutes[i].count == 60);
  }
}

TEST_CASE("an excerpt finds what was measured beside what was made of it") {
  History history;
  history.record(1, 0, 3, Quality().with(Detail::filtered));
  history.record(2, 1, 3);
  Excerpt excerpt = history->excerpt(path_is("battery"));
  REQUIRE(excerpt.series().size() == 1);
  CHECK(excerpt.raw(0, always)->size() == 3);
  CHECK(excerpt.as_measured(0, always)->value == std::vector{1.0, 2.0});

  history.record(0, 0, 2, Quality().with(Detail::interpolated));
  CHECK(history->excerpt(path_is("roof")).as_measured(0, always)->size() == 0);
}

}  // namespace iw::historian
