#include "gateway/back_fill.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "historian/historian.hpp"
#include "io/posix/files.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::gateway {
namespace {

using Span = BackFill::Span;

const model::Mrid roof = *model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10");
const model::Mrid secret = *model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a11");
constexpr WallTime epoch = io::testing::ManualClock::wall_epoch;

// A gateway that records each second how many seconds it has run; an output that is there for some of them.
struct World {
  World() {
    auto opened = historian::Historian::open(
        files, {.folder = history, .sync = historian::SyncPolicy::none, .reserve = 0}, executor.now());
    REQUIRE(opened);
    historian = std::make_unique<historian::Historian>(std::move(*opened));
    const std::vector<historian::SeriesInfo> series{
        {.mrid = roof, .path = "roof/ActivePower", .name = {.quantity = model::Quantity::ActivePower}},
        {.mrid = secret, .path = "secret/ActivePower", .name = {.quantity = model::Quantity::ActivePower}}};
    auto known = historian->series(series);
    REQUIRE(known);
    ids = *known;
    catalog.version = 1;
    formats::CatalogPoint point;
    point.alias = 7;
    point.mrid = roof;
    catalog.points.push_back(point);
    start();
  }

  void start() {
    output = std::make_unique<BackFill>(
        BackFill::Surroundings{
            .files = std::make_unique<io::posix::PosixFiles>(), .clock = executor.clock(), .log = log},
        BackFill::Settings{.history = history, .state = state, .longest = longest});
  }
  // Without its last words.
  void kill() {
    auto kept = files.read(state);
    REQUIRE(kept);
    output.reset();
    REQUIRE(files.replace(state, *kept, 0640));
  }

  Span second() {
    const WallTime from = executor.clock().wall_now();
    executor.advance(1s);
    const WallTime now = executor.clock().wall_now();
    historian::Recording recording;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count();
    for (const historian::SeriesId id : ids)
      recording.add(id, ms,
                    static_cast<double>(std::chrono::floor<std::chrono::seconds>(now - epoch).count()), {});
    historian->record(recording, executor.now());
    return {.from = from, .to = now};
  }
  void live(int seconds) {
    for (int i = 0; i < seconds; ++i)
      output->deliver(second().to);
  }
  void away(int seconds) {
    for (int i = 0; i < seconds; ++i)
      output->missed(second());
  }

  // All that is filled in, until there is no more.
  std::vector<double> filled() {
    std::vector<double> values;
    for (;;) {
      const formats::Batch batch = output->next(catalog);
      if (batch.empty()) return values;
      CHECK(batch.historical);
      CHECK(batch.catalog_version == catalog.version);
      for (const std::uint32_t alias : batch.alias)
        CHECK(alias == catalog.points[0].alias);
      values.insert(values.end(), batch.value.begin(), batch.value.end());
      output->filled();
    }
  }

  io::testing::TemporaryFolder folder;
  std::string history = folder / "history";
  std::string state = folder / "output.json";
  Duration longest = 24h;
  io::posix::PosixFiles files;
  io::testing::CaptureLog log;
  io::testing::ManualExecutor executor;
  std::unique_ptr<historian::Historian> historian;
  std::vector<historian::SeriesId> ids;
  formats::Catalog catalog;
  std::unique_ptr<BackFill> output;
};

// Those from one to the other, both included.
std::vector<double> seconds(int from, int to) {
  std::vector<double> all;
  for (; from <= to; ++from)
    all.push_back(from);
  return all;
}

TEST_CASE("an output that missed nothing is filled with nothing") {
  World world;
  world.live(60);
  CHECK(world.filled().empty());
}

TEST_CASE("what an output missed comes later, in its order, once, and no other points") {
  World world;
  world.live(30);
  world.away(40);  // seconds 31 to 70
  world.live(20);
  const std::vector<double> filled = world.filled();
  REQUIRE(filled.size() >= 40);
  CHECK(filled.size() <= 43);  // two seconds of before: a device takes its time to answer
  CHECK(filled.back() == 69);  // the sample of the very end was gathered after it
  CHECK(std::ranges::is_sorted(filled));
  CHECK(std::ranges::adjacent_find(filled) == filled.end());
  CHECK(world.filled().empty());
}

TEST_CASE("what was not said to be filled comes again, under the names of a new catalogue") {
  World world;
  world.live(30);
  world.away(5);
  world.live(10);
  const formats::Batch first = world.output->next(world.catalog);
  const formats::Batch again = world.output->next(world.catalog);
  CHECK(first.value == again.value);
  world.catalog.version = 2;
  world.catalog.points[0].alias = 3;
  CHECK(world.filled() == first.value);
}

TEST_CASE("after a kill an output gets what came since, and what was missing before") {
  World world;
  world.live(30);
  world.away(30);  // 31 to 60
  world.live(25);  // the state on the disk is up to ten seconds old
  world.kill();
  for (int i = 0; i < 50; ++i)
    world.second();  // 86 to 135, with nobody to take them
  world.start();
  world.live(30);
  const std::vector<double> filled = world.filled();
  for (const double second : seconds(31, 59))
    CHECK(std::ranges::count(filled, second) == 1);
  for (const double second : seconds(86, 134))
    CHECK(std::ranges::count(filled, second) == 1);
  CHECK(std::ranges::is_sorted(filled));
  CHECK(std::ranges::count(filled, 65) == 0);
}

TEST_CASE("an output that is killed while it fills up goes on where it was") {
  World world;
  world.live(30);
  world.away(300);
  world.live(20);
  const formats::Batch first = world.output->next(world.catalog);
  world.output->filled();
  world.output.reset();
  world.start();
  world.live(20);
  const std::vector<double> rest = world.filled();
  CHECK(rest.front() == first.value.back() + 1);
  CHECK(std::ranges::count(rest, 329) == 1);
}

TEST_CASE("what is older than is asked for is not delivered") {
  World world;
  world.longest = 1min;
  world.start();
  world.live(30);
  world.away(300);  // 31 to 330
  world.live(20);
  CHECK(world.output->missing() == 302s);  // two seconds of before: a device takes its time to answer
  CHECK(world.filled().front() == doctest::Approx(290).epsilon(0.01));
  CHECK(world.output->given_up() == 262s);
  CHECK(world.output->missing() == 0s);
}

TEST_CASE("a state that can not be read is said, and is no reason to stop") {
  World world;
  world.output.reset();
  for (const std::string_view spoiled :
       {"", "{", "[]", R"({"delivered": "x", "missing": []})", R"({"delivered": 1, "missing": [[1]]})"}) {
    REQUIRE(world.files.replace(world.state, spoiled, 0640));
    world.start();
    world.live(20);
    CHECK(world.filled().empty());
  }
  CHECK(world.log.count("can not be read") == 5);
}

TEST_CASE("the state of an output stands under a name that every disk takes") {
  CHECK(back_fill_path("/data", "plant") == "/data/outputs/plant.json");
  CHECK(back_fill_path("/data", "../A b") == "/data/outputs/%2E%2E%2F%41%20b.json");
}

}  // namespace
}  // namespace iw::gateway
