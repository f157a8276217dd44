#include "historian/as_measured.hpp"

#include <doctest/doctest.h>

#include "historian/historian.hpp"
#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::historian {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026
constexpr Range always{.from_ms = 0, .to_ms = 4'000'000'000'000};
constexpr Quality filtered = Quality().with(Detail::filtered);
constexpr Quality filled =
    Quality(Validity::questionable).with(Detail::interpolated).with(Detail::substituted);

SeriesInfo power() {
  return {.mrid = model::derive({}, "roof"),
          .path = "roof/ActivePower",
          .name = {.quantity = model::Quantity::ActivePower}};
}

Samples samples(std::initializer_list<std::tuple<std::int64_t, double, Quality>> all) {
  Samples made;
  for (const auto& [time, value, quality] : all)
    made.add(time, value, quality);
  return made;
}

}  // namespace

TEST_CASE("the series of what a device gave stands beside that of its point") {
  const SeriesInfo beside = as_measured(power());
  CHECK(beside.path == "roof/ActivePower#raw");
  CHECK(beside.mrid != power().mrid);
  CHECK(is_as_measured(beside));
  CHECK(!is_as_measured(power()));
  CHECK(path_of_point(beside) == "roof/ActivePower");
  CHECK(path_of_point(power()) == "roof/ActivePower");
}

TEST_CASE("what the device gave is what was not changed, and what was kept of the rest") {
  const Samples normalized =
      samples({{1000, 5, {}}, {2000, 6, filtered}, {3000, 6.5, filled}, {4000, 7, {}}});
  const Samples measured = samples({{500, 4, {}}, {2000, 9, {}}, {5000, 8, {}}});
  const Samples all = as_measured(normalized, measured);
  CHECK(all.time_ms == std::vector<std::int64_t>{500, 1000, 2000, 4000, 5000});
  CHECK(all.value == std::vector<double>{4, 5, 9, 7, 8});
  CHECK(all.quality[2] == Quality());
  CHECK(as_measured(samples({{2000, 6, filtered}}), {}).empty());  // nobody knows what it was
}

TEST_CASE("what a device gave is read beside what was made of it, sealed or not, and has no roll-ups") {
  const io::testing::TemporaryFolder folder;
  io::posix::PosixFiles files;
  const std::string path = folder / "history";
  {
    auto opened = Historian::open(files, {.folder = path, .reserve = 0}, Instant{});
    REQUIRE(opened);
    Historian& historian = *opened;
    const auto ids = historian.series(std::vector{power(), as_measured(power())}).value();
    const auto record = [&](std::int64_t from_s, std::int64_t to_s) {
      Recording recording;
      for (std::int64_t s = from_s; s < to_s; ++s) {
        const bool changed = s % 10 == 3;
        recording.add(ids[0], midnight + s * second_ms, static_cast<double>(s),
                      changed ? filtered : Quality());
        if (changed) recording.add(ids[1], midnight + s * second_ms, static_cast<double>(-s), {});
      }
      historian.record(recording, Instant{});
    };
    record(0, 600);
    REQUIRE(historian.seal());
    REQUIRE(historian.roll_up(WallTime(std::chrono::milliseconds(midnight + 2 * day_ms))));
    record(600, 1200);
    CHECK(historian.rollups(ids[0], Level::hour, always).value().size() == 1);
  }
  auto reader = Reader::open(files, path);
  REQUIRE(reader);
  const Samples all = reader->as_measured(SeriesId(0), always).value();
  REQUIRE(all.size() == 1200);
  for (std::size_t s = 0; s < all.size(); ++s)
    CHECK(all.value[s] == (s % 10 == 3 ? -1.0 : 1.0) * static_cast<double>(s));
  for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
    CHECK(!reader->stored_rollups(SeriesId(0), level, always).value().empty());
    CHECK(reader->stored_rollups(SeriesId(1), level, always).value().empty());
  }
}

}  // namespace iw::historian
