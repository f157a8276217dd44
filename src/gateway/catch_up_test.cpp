#include "gateway/catch_up.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "historian/historian.hpp"
#include "io/posix/files.hpp"
#include "io/task_group.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::gateway {
namespace {

const model::Mrid roof = *model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10");

struct Peer {
  std::vector<double> live;
  std::vector<double> late;
  std::optional<Error> answers;  // none: it takes everything
};

class FakeConnector final : public connectors::Connector {
 public:
  explicit FakeConnector(Peer& peer) : peer_(peer) {}
  io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> /*catalog*/) override {
    co_return Result<void>{};
  }
  io::Task<Result<void>> deliver(const formats::Batch& batch) override {
    if (peer_.answers) co_return fail(*peer_.answers);
    auto& taken = batch.historical ? peer_.late : peer_.live;
    taken.insert(taken.end(), batch.value.begin(), batch.value.end());
    co_return Result<void>{};
  }
  void close() override {}

 private:
  Peer& peer_;
};

// A gateway that records each second how many seconds it has run, and its output.
struct World {
  World() {
    auto opened = historian::Historian::open(
        files, {.folder = history, .sync = historian::SyncPolicy::none, .reserve = 0}, executor.now());
    REQUIRE(opened);
    historian = std::make_unique<historian::Historian>(std::move(*opened));
    const std::vector<historian::SeriesInfo> series{
        {.mrid = roof, .path = "roof/ActivePower", .name = {.quantity = model::Quantity::ActivePower}}};
    auto known = historian->series(series);
    REQUIRE(known);
    id = known->front();
    start();
  }

  void start() {
    sequence = 0;
    output = std::make_unique<CatchUp>(
        std::make_unique<FakeConnector>(peer),
        BackFill::Surroundings{
            .files = std::make_unique<io::posix::PosixFiles>(), .clock = executor.clock(), .log = log},
        CatchUp::Settings{.output = "test",
                          .rate = rate,
                          .missing = {.history = history, .state = folder / "output.json"}});
    auto catalog = std::make_shared<formats::Catalog>();
    catalog->version = 1;
    formats::CatalogPoint point;
    point.mrid = roof;
    catalog->points.push_back(point);
    io::TaskGroup tasks(executor);
    tasks.spawn(announce(*output, catalog));
  }

  formats::Batch second() {
    executor.advance(1s);
    ++seconds;
    const auto ms =
        std::chrono::floor<std::chrono::milliseconds>(executor.clock().wall_now()).time_since_epoch().count();
    historian::Recording recording;
    recording.add(id, ms, seconds, {});
    historian->record(recording, executor.now());
    formats::Batch batch;
    batch.sequence = sequence++;
    batch.catalog_version = 1;
    batch.add(0, ms, seconds, {});
    return batch;
  }
  // The queue holds none of them.
  void dropped(int count) {
    for (int i = 0; i < count; ++i)
      second();
  }
  void live(int count) {
    for (int i = 0; i < count; ++i) {
      io::TaskGroup tasks(executor);
      tasks.spawn(deliver(*output, second()));
    }
  }

  static io::Task<void> announce(CatchUp& to, std::shared_ptr<const formats::Catalog> catalog) {
    CHECK(co_await to.announce(std::move(catalog)));
  }
  static io::Task<void> deliver(CatchUp& to, formats::Batch batch) { (void)co_await to.deliver(batch); }

  [[nodiscard]] long times_late(double second) const { return std::ranges::count(peer.late, second); }

  io::testing::TemporaryFolder folder;
  std::string history = folder / "history";
  io::posix::PosixFiles files;
  io::testing::CaptureLog log;
  io::testing::ManualExecutor executor;
  std::unique_ptr<historian::Historian> historian;
  historian::SeriesId id;
  Peer peer;
  std::uint64_t sequence = 0;
  double seconds = 0;
  std::size_t rate = 1'000'000;
  std::unique_ptr<CatchUp> output;
};

TEST_CASE("batches that follow each other leave nothing to be caught up with") {
  World world;
  world.live(60);
  CHECK(world.peer.live.size() == 60);
  CHECK(world.peer.late.empty());
}

TEST_CASE("batches that the queue had no room for are delivered later, each once and in order") {
  World world;
  world.live(30);
  world.dropped(40);  // 31 to 70
  world.live(30);
  for (int second = 31; second <= 70; ++second)
    CHECK_MESSAGE(world.times_late(second) == 1, second);
  CHECK(world.times_late(75) == 0);
  CHECK(std::ranges::is_sorted(world.peer.late));
  CHECK(world.log.count("that it had missed were delivered") >= 1);
}

TEST_CASE(
    "no more goes out later in a second than the other system shall get, and the figures say how much") {
  World world;
  world.rate = 20;
  world.start();
  world.live(30);
  world.dropped(2000);
  world.live(10);
  CHECK(world.peer.late.size() >= 200);
  CHECK(world.peer.late.size() <= 500);  // ten seconds, what was saved up in ten more, and a piece
  CHECK(world.output->filled()->samples == world.peer.late.size());
  CHECK(world.output->filled()->missing > 1500s);
  world.live(110);
  for (int second = 31; second <= 2030; ++second)
    CHECK_MESSAGE(world.times_late(second) == 1, second);
  CHECK(world.output->filled()->missing == 0s);
  CHECK(world.output->filled()->refused == 0);
}

TEST_CASE("what came while the gateway was off is delivered after its start") {
  World world;
  world.live(30);
  world.output.reset();
  world.dropped(50);  // 31 to 80
  world.start();
  world.live(40);
  for (int second = 31; second <= 80; ++second)
    CHECK_MESSAGE(world.times_late(second) == 1, second);
}

TEST_CASE(
    "a peer that goes away while it catches up loses nothing, and one that wants none of it is left alone") {
  for (const ErrorKind kind : {ErrorKind::refused, ErrorKind::rejected}) {
    World world;
    world.live(30);
    world.dropped(40);
    world.peer.answers = Error{kind, "no"};
    world.live(10);
    world.peer.answers.reset();
    world.live(30);
    CHECK(world.times_late(50) == 1);
    CHECK(world.times_late(75) == (kind == ErrorKind::refused ? 1 : 0));
  }
}

}  // namespace
}  // namespace iw::gateway
