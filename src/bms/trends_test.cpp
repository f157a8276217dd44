#include "bms/trends.hpp"

#include <array>

#include <doctest/doctest.h>

#include "historian/historian.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::bms;
using bacnet::Unsigned;
using bacnet::Value;
using bacnet::server::LogItem;

namespace {

constexpr std::uint32_t first_minute = 29'000'000;

model::Mrid mrid(std::string_view name) { return model::derive({}, name); }

historian::SeriesInfo series(std::string_view name, model::Quantity quantity) {
  return {.mrid = mrid(name), .path = std::string(name), .name = {.quantity = quantity}};
}

// Three minutes of a power that rises by 100 each minute, and of a counter, four values a minute.
historian::Historian recorded(io::Files& files, const std::string& folder) {
  auto historian = historian::Historian::open(files, {.folder = folder, .reserve = 0}, Instant{}).value();
  const auto ids = historian
                       .series(std::array{series("power", model::Quantity::ActivePower),
                                          series("energy", model::Quantity::EnergyImport)})
                       .value();
  historian::Recording recording;
  for (int i = 0; i < 12; ++i) {
    const std::int64_t time = std::int64_t{first_minute} * 60'000 + i * 15'000;
    recording.add(ids[0], time, 100.0 * (1 + i / 4), {});
    recording.add(ids[1], time, 20'000'001.0 + i, {});
  }
  historian.record(recording, Instant{});
  historian.sync();
  return historian;
}

std::vector<LogItem> trend(const historian::Historian& historian, std::string_view name,
                           const bacnet::server::LogBounds& minutes) {
  auto excerpt = historian.excerpt(
      [point = mrid(name)](const historian::SeriesInfo& series) { return series.mrid == point; });
  return trend_of(excerpt, minutes).value();
}

}  // namespace

TEST_CASE("a trend has the average of each minute, and of a counter what it had reached") {
  const io::testing::TemporaryFolder folder;
  io::posix::PosixFiles files;
  const auto historian = recorded(files, folder / "history");
  const auto power = trend(historian, "power", {.first = first_minute, .last = first_minute + 1});
  REQUIRE(power.size() == 2);
  CHECK(power[0].sequence == first_minute);
  CHECK(power[0].value == Value(100.0F));
  CHECK(power[1].value == Value(200.0F));
  // More than a Real can hold.
  const auto energy = trend(historian, "energy", {.first = first_minute, .last = first_minute});
  CHECK(energy.at(0).value == Value(Unsigned{20'000'004}));
}

TEST_CASE("of what the history does not know, a trend has nothing") {
  const io::testing::TemporaryFolder folder;
  io::posix::PosixFiles files;
  const auto historian = recorded(files, folder / "history");
  CHECK(trend(historian, "other", {.first = first_minute, .last = first_minute}).empty());
  CHECK(trend(historian, "power", {.first = 1, .last = 9}).empty());
  CHECK(trend(historian, "power", {.first = 0, .last = 0}).empty());
}

TEST_CASE("logging began with the first day of the history") {
  const io::testing::TemporaryFolder folder;
  io::posix::PosixFiles files;
  auto historian = recorded(files, folder / "history");
  const auto check = [&] {
    const auto since = history_since(files, folder / "history").value();
    REQUIRE(since.has_value());
    CHECK(*since <= WallTime(std::chrono::minutes(first_minute)));
    CHECK(*since > WallTime(std::chrono::minutes(first_minute)) - std::chrono::days(1));
  };
  check();
  REQUIRE(historian.seal());
  check();
  CHECK_FALSE(history_since(files, folder / "nowhere").has_value());
}
