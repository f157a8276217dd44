#include "events/alarms.hpp"

#include <string>

#include <doctest/doctest.h>

#include "events/testing.hpp"

namespace iw::events {
namespace {

using testing::at;
using testing::device;
using testing::point;

const Source lost = device("inverter");
const Key lost_key{.kind = Kind::device_lost, .device = "inverter", .path = ""};

struct Bench {
  explicit Bench(AlarmSettings settings = {}) : alarms(std::move(settings), EventId(41)) {}

  void raise(Duration when) { alarms.raise(Kind::device_lost, lost, {.message = "no answer"}, at(when)); }
  void clear(Duration when) { alarms.clear(lost_key, at(when)); }
  // The only record that changed.
  Event change() {
    const auto changes = alarms.take_changes();
    REQUIRE(changes.size() == 1);
    return changes.front();
  }

  Alarms alarms;
};

// More often than five times in ten minutes, from 0 s to 11 s.
Bench flapping() {
  Bench bench;
  for (int i = 0; i < 6; ++i) {
    bench.raise(i * 2s);
    bench.clear(i * 2s + 1s);
  }
  return bench;
}

TEST_CASE("a condition is one record from its beginning to its end, however often its source repeats it") {
  Bench bench;
  bench.raise(0s);
  bench.raise(1s);
  const Event raised = bench.change();
  CHECK(raised.id == EventId(42));
  CHECK(raised.severity == Severity::alarm);
  CHECK(raised.source == lost);
  CHECK(raised.message == "no answer");
  CHECK_FALSE(raised.remedy.empty());
  CHECK(raised.raised == at(0s).wall);
  CHECK(raised.occurrences == 1);
  CHECK(state_of(raised) == AlarmState::unacknowledged);

  bench.clear(60s);
  bench.clear(61s);
  const Event cleared = bench.change();
  CHECK(cleared.id == raised.id);
  CHECK(cleared.cleared == at(60s).wall);
  CHECK(state_of(cleared) == AlarmState::returned);
  bench.clear(62s);
  CHECK(bench.alarms.take_changes().empty());

  bench.raise(70s);
  CHECK(bench.change().id == EventId(43));
}

TEST_CASE("cleared by hand it is over and seen, and raised again at once while it holds") {
  Bench bench;
  bench.raise(0s);
  const EventId id = bench.change().id;
  const Acknowledgement ada{.time = at(5s).wall, .by = "ada", .comment = "looked at it"};
  CHECK(bench.alarms.clear_by_hand(id, ada, at(5s)));
  const auto changes = bench.alarms.take_changes();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].id == id);
  CHECK(changes[0].cleared == at(5s).wall);
  CHECK(changes[0].cleared_by == "ada");
  CHECK(changes[0].acknowledged == ada);
  CHECK(state_of(changes[0]) == AlarmState::normal);
  CHECK(changes[1].raised == at(5s).wall);
  CHECK(changes[1].message == "no answer");
  CHECK(state_of(changes[1]) == AlarmState::unacknowledged);

  bench.clear(9s);
  const Event over = bench.change();
  CHECK(over.id == changes[1].id);
  CHECK(over.cleared_by.empty());
  CHECK_FALSE(bench.alarms.clear_by_hand(over.id, ada, at(10s)));
}

TEST_CASE("who saw it before somebody else cleared it stays on record") {
  Bench bench;
  bench.raise(0s);
  const EventId id = bench.change().id;
  CHECK(bench.alarms.acknowledge(id, {.time = at(1s).wall, .by = "bob", .comment = "on my way"}));
  CHECK(
      bench.alarms.clear_by_hand(id, {.time = at(2s).wall, .by = "ada", .comment = "fuse replaced"}, at(2s)));
  const Event over = bench.alarms.take_changes().front();
  CHECK(over.acknowledged->comment == "on my way");
  CHECK(over.cleared_comment == "fuse replaced");
  CHECK(over.acknowledged->by == "bob");
  CHECK(over.cleared_by == "ada");
}

TEST_CASE("a flapping condition that does not hold is over when it is cleared by hand, before it is quiet") {
  Bench bench = flapping();
  const EventId id = bench.alarms.take_changes().back().id;
  CHECK(bench.alarms.clear_by_hand(id, {.time = at(20s).wall, .by = "ada", .comment = ""}, at(20s)));
  const Event over = bench.change();
  CHECK(over.id == id);
  CHECK(over.cleared == at(20s).wall);
  bench.alarms.tick(at(20min));
  CHECK_FALSE(bench.alarms.has_changes());
}

TEST_CASE("a storm that is cleared by hand goes on with what is left of it") {
  Bench bench({.most_active = 1});
  bench.raise(0s);
  for (const char* name : {"a", "b"})
    bench.alarms.raise(Kind::device_lost, device(name), {}, at(1s));
  const EventId id = bench.alarms.take_changes().back().id;
  bench.alarms.clear({.kind = Kind::device_lost, .device = "a", .path = ""}, at(2s));
  CHECK(bench.alarms.clear_by_hand(id, {.time = at(3s).wall, .by = "ada", .comment = ""}, at(3s)));
  const auto changes = bench.alarms.take_changes();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].id == id);
  CHECK(changes[0].cleared.has_value());
  CHECK(changes[1].folding == Folding::storm);
  CHECK(changes[1].occurrences == 1);
  bench.alarms.clear({.kind = Kind::device_lost, .device = "b", .path = ""}, at(4s));
  CHECK(bench.change().cleared.has_value());
}

TEST_CASE("acknowledged while active, it is normal as soon as it is over") {
  Bench bench;
  bench.raise(0s);
  const EventId id = bench.change().id;
  const Acknowledgement seen{.time = at(5s).wall, .by = "ada", .comment = "on my way"};
  CHECK(bench.alarms.acknowledge(id, seen));
  CHECK(state_of(bench.change()) == AlarmState::acknowledged);
  CHECK(bench.alarms.acknowledge(id, {.time = at(6s).wall, .by = "bob", .comment = ""}));
  CHECK(bench.alarms.take_changes().empty());
  bench.clear(9s);
  const Event cleared = bench.change();
  CHECK(cleared.acknowledged == seen);
  CHECK(state_of(cleared) == AlarmState::normal);
  CHECK_FALSE(bench.alarms.acknowledge(id, seen));
  CHECK_FALSE(bench.alarms.acknowledge(EventId(7), seen));
}

TEST_CASE("an end is never before its beginning, whatever happens to the wall clock") {
  Bench bench;
  bench.raise(100s);
  bench.alarms.clear(lost_key, {.wall = at(0s).wall, .instant = at(200s).instant});
  const Event event = bench.change();
  CHECK(event.cleared == event.raised);
}

TEST_CASE("with a delay, what does not last is never raised, and what lasts began when it began") {
  Bench bench({.delays = {{Kind::device_lost, 30s}}});
  bench.raise(0s);
  bench.alarms.tick(at(29s));
  bench.clear(29s);
  bench.alarms.tick(at(31s));
  CHECK(bench.alarms.take_changes().empty());

  bench.raise(40s);
  bench.alarms.tick(at(69s));
  CHECK(bench.alarms.take_changes().empty());
  bench.alarms.tick(at(70s));
  CHECK(bench.change().raised == at(40s).wall);
  bench.clear(80s);
  CHECK(bench.change().cleared == at(80s).wall);
}

TEST_CASE("what comes and goes more than five times in ten minutes becomes one record that counts") {
  Bench bench = flapping();
  auto changes = bench.alarms.take_changes();
  REQUIRE(changes.size() == 6);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(changes[i].folding == Folding::none);
    CHECK(changes[i].cleared.has_value());
  }
  CHECK(changes[5].folding == Folding::flapping);
  CHECK_FALSE(changes[5].cleared.has_value());

  for (int i = 6; i < 100; ++i) {
    bench.raise(i * 2s);
    bench.clear(i * 2s + 1s);
  }
  CHECK(bench.alarms.take_changes().empty());  // no record, and nothing to write, for each time
  bench.alarms.tick(at(200s));
  const Event counted = bench.change();
  CHECK(counted.id == changes[5].id);
  CHECK(counted.occurrences == 95);
  CHECK(counted.last == at(198s).wall);

  bench.alarms.tick(at(199s + 599s));
  CHECK(bench.alarms.take_changes().empty());
  bench.alarms.tick(at(199s + 600s));
  const Event over = bench.change();
  CHECK(over.cleared == at(199s).wall);
  CHECK(over.occurrences == 95);
  CHECK(over.folding == Folding::flapping);

  bench.raise(2000s);
  CHECK(bench.change().folding == Folding::none);
}

TEST_CASE("the count of a flapping record is given out once in ten seconds") {
  Bench bench = flapping();
  (void)bench.alarms.take_changes();
  bench.alarms.tick(at(12s));
  std::size_t written = 0;
  for (int i = 0; i < 100; ++i) {
    bench.raise(12s + i * 1s);
    bench.clear(12s + i * 1s + 500ms);
    bench.alarms.tick(at(12s + i * 1s + 600ms));
    written += bench.alarms.take_changes().size();
  }
  CHECK(written >= 9);
  CHECK(written <= 10);
}

TEST_CASE("a condition that stops flapping but stays true is an ordinary one again") {
  Bench bench = flapping();
  bench.raise(20s);
  bench.alarms.tick(at(620s));
  (void)bench.alarms.take_changes();
  CHECK(bench.alarms.active(lost_key) != nullptr);
  bench.clear(700s);
  CHECK(bench.change().cleared == at(700s).wall);
}

TEST_CASE("five times within more than ten minutes is not flapping") {
  Bench bench;
  for (int i = 0; i < 20; ++i) {
    bench.raise(i * 121s);
    bench.clear(i * 121s + 1s);
  }
  const auto changes = bench.alarms.take_changes();
  CHECK(changes.size() == 20);
  for (const Event& event : changes)
    CHECK(event.folding == Folding::none);
}

TEST_CASE("an incident is over at once; when it comes again and again it is counted; actions never are") {
  Bench bench;
  for (int i = 0; i < 8; ++i) {
    bench.alarms.note(Kind::samples_lost, {}, {.message = std::to_string(i)}, at(i * 1s));
    bench.alarms.note(Kind::configuration_changed, {}, {.message = std::to_string(i)}, at(i * 1s));
  }
  bench.alarms.tick(at(20s));
  std::size_t incidents = 0;
  std::size_t actions = 0;
  for (const Event& event : bench.alarms.take_changes()) {
    const bool is_action = event.kind == Kind::configuration_changed;
    (is_action ? actions : incidents) += 1;
    if (is_action) CHECK(state_of(event) == AlarmState::normal);
    if (!is_action && event.folding == Folding::none) CHECK(state_of(event) == AlarmState::returned);
    if (event.folding != Folding::none) CHECK(event.occurrences == 3);
  }
  CHECK(actions == 8);
  CHECK(incidents == 6);
  bench.alarms.tick(at(7s + 10min));
  CHECK(bench.change().cleared == at(7s).wall);
}

TEST_CASE("a storm folds what is more than so many of a kind, and ends with the last of them") {
  Bench bench({.most_active = 3, .most_folded = 4});
  const auto path = [](int i) { return "roof/P" + std::to_string(i); };
  const auto key = [&](int i) {
    return Key{.kind = Kind::quality_bad, .device = "inverter", .path = path(i)};
  };
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (int i = 0; i < 7; ++i)
      bench.alarms.raise(Kind::quality_bad, point(path(i)), {}, at(1s * i));
  }
  bench.alarms.tick(at(10s));
  auto changes = bench.alarms.take_changes();
  REQUIRE(changes.size() == 4);
  const Event storm = changes[3];
  CHECK(storm.folding == Folding::storm);
  CHECK(storm.source == Source{});
  CHECK(storm.occurrences == 4);

  // another kind is not concerned
  bench.raise(10s);
  CHECK(bench.change().folding == Folding::none);

  bench.alarms.clear(key(0), at(20s));  // now there is room
  CHECK(bench.change().id == changes[0].id);
  for (int i = 3; i < 6; ++i)
    bench.alarms.clear(key(i), at(21s));
  CHECK(bench.alarms.take_changes().empty());
  bench.alarms.clear(key(6), at(22s));
  const Event over = bench.change();
  CHECK(over.id == storm.id);
  CHECK(over.cleared == at(22s).wall);
}

TEST_CASE("memory is bounded whatever comes") {
  Bench bench({.most_active = 100, .most_folded = 200, .most_waiting = 300});
  for (int i = 0; i < 20'000; ++i) {
    const Source source = point("roof/P" + std::to_string(i));
    bench.alarms.raise(Kind::quality_bad, source, {}, at(1ms * i));
    bench.alarms.raise(Kind::limit_violated, source, {}, at(1ms * i));
    bench.alarms.clear({.kind = Kind::limit_violated, .device = source.device, .path = source.path},
                       at(1ms * i));
    bench.alarms.note(Kind::configuration_changed, source, {}, at(1ms * i));
  }
  CHECK(bench.alarms.tracked() <= 100 + 4096);
  CHECK(bench.alarms.lost() > 0);
  CHECK(bench.alarms.take_changes().size() == 300);
  std::size_t active = 0;
  bench.alarms.for_each_active([&](const Event&) { ++active; });
  CHECK(active == 101);
  bench.alarms.tick(at(20s + 10min));
  CHECK(bench.alarms.tracked() == 100);
}

TEST_CASE("what is given up first, when nobody takes the changes, is over") {
  Bench bench({.most_waiting = 2});
  bench.alarms.raise(Kind::disk_trouble, {}, {}, at(0s));
  bench.raise(1s);
  bench.clear(2s);
  bench.alarms.note(Kind::gateway_started, {}, {}, at(3s));
  const auto changes = bench.alarms.take_changes();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].kind == Kind::disk_trouble);
  CHECK(changes[1].kind == Kind::gateway_started);
  CHECK(bench.alarms.lost() == 1);
}

TEST_CASE("after a restart active records go on: no second one, flapping still counts, a storm ends") {
  Bench before = flapping();
  before.alarms.raise(Kind::disk_trouble, {}, {}, at(12s));
  std::vector<Event> active;
  before.alarms.for_each_active([&](const Event& event) { active.push_back(event); });
  REQUIRE(active.size() == 2);
  active.push_back({.id = EventId(50), .kind = Kind::quality_bad, .folding = Folding::storm});

  Alarms after({}, EventId(50));
  after.restore(active, at(100s));
  auto changes = after.take_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].folding == Folding::storm);
  CHECK(changes[0].cleared == at(100s).wall);

  after.raise(Kind::disk_trouble, {}, {}, at(101s));
  CHECK(after.take_changes().empty());
  after.clear({.kind = Kind::disk_trouble, .device = "", .path = ""}, at(102s));
  CHECK(after.take_changes().front().cleared == at(102s).wall);

  after.clear(lost_key, at(103s));
  after.raise(Kind::device_lost, lost, {}, at(104s));
  after.clear(lost_key, at(105s));
  after.tick(at(105s + 10min));
  changes = after.take_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].occurrences == 2);
  CHECK(changes[0].cleared == at(105s).wall);
  after.raise(Kind::device_lost, device("meter"), {}, at(800s));
  CHECK(after.take_changes().front().id == EventId(51));
}

TEST_CASE("what belongs to a device ends with it, in a storm too") {
  Bench bench({.most_active = 1});
  bench.raise(0s);
  bench.alarms.raise(Kind::device_lost, device("meter"), {}, at(0s));
  bench.alarms.raise(Kind::quality_bad, point("roof/P"), {}, at(0s));
  (void)bench.alarms.take_changes();
  bench.alarms.clear_if([](const Key& key) { return key.device == "inverter"; }, at(5s));
  CHECK(bench.alarms.take_changes().size() == 2);
  bench.alarms.clear_if([](const Key& key) { return key.device == "meter"; }, at(6s));
  const Event storm = bench.change();
  CHECK(storm.folding == Folding::storm);
  CHECK(storm.cleared == at(6s).wall);
}

}  // namespace
}  // namespace iw::events
