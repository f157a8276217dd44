#include "gateway/event_keeper.hpp"

#include <doctest/doctest.h>

#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::gateway;

namespace {

constexpr model::DeviceId meter{1};

// One life of a gateway, core and storage on one executor whose time is the test's.
struct Life {
  explicit Life(const std::string& file) : site(model::Mrid{}) {
    REQUIRE(site.add_device(meter, "meter").has_value());
    auto opened = EventKeeper::open({.core = executor, .storage = executor}, file, {}, log);
    REQUIRE(opened.has_value());
    keeper = std::move(*opened);
    keeper->begin(site, {});
    executor.run();
  }

  void say(bus::DeviceState state) {
    keeper->take(bus::DeviceEvent{.device = meter,
                                  .time = executor.clock().wall_now(),
                                  .state = state,
                                  .reason = "no answer",
                                  .remedy = {}});
    executor.run();
  }

  io::testing::CaptureLog log;
  io::testing::ManualExecutor executor;
  model::SiteModel site;
  std::unique_ptr<EventKeeper> keeper;
};

events::EventStore store_of(const std::string& file) {
  auto store = events::EventStore::open(file, sqlite::Mode::write);
  REQUIRE(store.has_value());
  return std::move(*store);
}

}  // namespace

TEST_CASE("what happens is on the disk at once, and goes on in the next life") {
  const io::testing::TemporaryFolder folder;
  const std::string file = folder / "events.db";
  events::EventId lost;
  {
    Life life(file);
    life.say(bus::DeviceState::offline);
    const auto events = store_of(file).query({});
    REQUIRE(events.has_value());
    REQUIRE(events->size() == 1);
    CHECK(events->front().kind == events::Kind::device_lost);
    lost = events->front().id;
  }  // killed
  Life life(file);
  life.say(bus::DeviceState::offline);
  life.say(bus::DeviceState::online);
  const auto event = store_of(file).find(lost);
  REQUIRE(event.has_value());
  CHECK(event->cleared.has_value());
  CHECK(event->occurrences == 1);
}

TEST_CASE("who acknowledges in another process is known here a second later") {
  const io::testing::TemporaryFolder folder;
  const std::string file = folder / "events.db";
  Life life(file);
  life.say(bus::DeviceState::offline);
  events::EventStore other = store_of(file);
  const auto events = other.query({});
  REQUIRE(events->size() == 1);
  life.executor.advance(2s);
  REQUIRE(
      other.acknowledge(events->front().id, {.time = {}, .by = "ada", .comment = "on my way"}).has_value());
  life.executor.advance(2s);
  const events::Event* active =
      life.keeper->alarms().active({.kind = events::Kind::device_lost, .device = "meter", .path = {}});
  REQUIRE(active != nullptr);
  CHECK(events::state_of(*active) == events::AlarmState::acknowledged);
}

TEST_CASE("who clears or shelves in another process is known here a second later") {
  const io::testing::TemporaryFolder folder;
  const std::string file = folder / "events.db";
  Life life(file);
  life.say(bus::DeviceState::offline);
  events::EventStore other = store_of(file);
  const events::Key key{.kind = events::Kind::device_lost, .device = "meter", .path = {}};
  const events::EventId first = other.query({})->front().id;
  REQUIRE(other.clear(first, {.time = {}, .by = "ada", .comment = "looked at it"}).has_value());
  life.executor.advance(2s);
  const events::Event* active = life.keeper->alarms().active(key);
  REQUIRE(active != nullptr);  // it still holds
  CHECK(active->id != first);
  CHECK(store_of(file).find(first)->cleared_by == "ada");

  const WallTime now = life.executor.clock().wall_now();
  REQUIRE(other
              .shelve(active->id,
                      {.since = now, .until = now + 1min, .by = "ada", .reason = "a spare part is ordered"})
              .has_value());
  CHECK_FALSE(life.keeper->is_shelved(*active));
  life.executor.advance(2s);
  CHECK(life.keeper->is_shelved(*active));
  life.executor.advance(1min);
  CHECK_FALSE(life.keeper->is_shelved(*active));
  CHECK_FALSE(store_of(file).find(active->id)->shelved.has_value());
}

TEST_CASE("the end waits until the last record is written") {
  const io::testing::TemporaryFolder folder;
  const std::string file = folder / "events.db";
  Life life(file);
  bool stopped = false;
  life.keeper->note(events::Kind::gateway_stopped, {});
  life.keeper->stop([&] { stopped = true; });
  life.executor.run();
  CHECK(stopped);
  CHECK(store_of(file).query({})->size() == 1);
}
