#include "events/event_store.hpp"

#include <csignal>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/testing.hpp"
#include "io/testing/temporary_folder.hpp"

namespace iw::events {
namespace {

using io::testing::TemporaryFolder;
using sqlite::Mode;
using testing::at;

EventStore opened(const std::string& path, Mode mode = Mode::create) {
  auto store = EventStore::open(path, mode);
  REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message));
  return std::move(*store);
}

// Number n is of the n-th second, and over a second later.
Event event(std::uint64_t n, Kind kind = Kind::device_lost) {
  const WallTime when = at(Duration(1s) * static_cast<std::int64_t>(n)).wall;
  return {.id = EventId(n),
          .kind = kind,
          .severity = info(kind).severity,
          .source = {.device = "inverter", .path = "", .asset = "roof"},
          .raised = when,
          .last = when,
          .cleared = when + 1s,
          .message = "no answer"};
}

Event active(std::uint64_t n, Kind kind = Kind::device_lost) {
  Event made = event(n, kind);
  made.cleared.reset();
  return made;
}

Acknowledgement by(std::string who) {
  return {.time = at(99s).wall, .by = std::move(who), .comment = "seen"};
}

std::vector<std::uint64_t> ids(const Result<std::vector<Event>>& events) {
  REQUIRE_MESSAGE(events.has_value(), (events ? "" : events.error().message));
  std::vector<std::uint64_t> found;
  for (const Event& each : *events)
    found.push_back(each.id.value());
  return found;
}

using Ids = std::vector<std::uint64_t>;

TEST_CASE("every field of a record comes back, also those that are not there") {
  const TemporaryFolder folder;
  EventStore store = opened(folder / "events.db");
  const model::Mrid site = model::derive({}, "site");
  const Event full{.id = EventId(7),
                   .kind = Kind::limit_violated,
                   .severity = Severity::critical,
                   .source = {.device = "d",
                              .path = "a/P",
                              .asset = "a",
                              .asset_mrid = site,
                              .point_mrid = model::derive(site, "p")},
                   .raised = at(1s).wall,
                   .last = at(2s).wall,
                   .cleared = at(3s).wall,
                   .acknowledged = by("ada"),
                   .value = -0.5,
                   .limit = 1e9,
                   .message = "m 'quoted'",
                   .remedy = "r",
                   .folding = Folding::flapping,
                   .occurrences = 12};
  const Event bare{.id = EventId(8), .kind = Kind::gateway_started};
  const std::array both{full, bare};
  REQUIRE(store.write(both).has_value());
  CHECK(store.find(EventId(7)).value() == full);
  CHECK(store.find(EventId(8)).value() == bare);
  CHECK(store.last_id().value() == EventId(8));
  const auto none = store.find(EventId(9));
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().kind == ErrorKind::not_found);
}

TEST_CASE("a changed record replaces the old one, and active ones are read at the start") {
  const TemporaryFolder folder;
  {
    EventStore store = opened(folder / "events.db");
    CHECK(store.last_id().value() == EventId(0));
    REQUIRE(store.write(std::array{active(1), active(2), event(3)}).has_value());
    REQUIRE(store.write(std::array{event(1)}).has_value());
  }
  EventStore store = opened(folder / "events.db");
  CHECK(ids(store.active()) == Ids{2});
  CHECK(store.find(EventId(1)).value() == event(1));
}

TEST_CASE("queries: newest first, each condition restricts, a cursor goes on") {
  const TemporaryFolder folder;
  EventStore store = opened(folder / "events.db");
  Event other = event(4, Kind::quality_bad);
  other.source = {
      .device = "meter", .path = "grid/Voltage", .asset = "grid", .asset_mrid = model::derive({}, "grid")};
  other.acknowledged = by("ada");
  other.message = "invalid: Failure";
  REQUIRE(store.write(std::array{event(1), active(2), event(3, Kind::gateway_started), other, event(5)})
              .has_value());

  CHECK(ids(store.query({})) == Ids{5, 4, 3, 2, 1});
  CHECK(ids(store.query({.limit = 2})) == Ids{5, 4});
  CHECK(ids(store.query({.before = EventId(4), .limit = 2})) == Ids{3, 2});
  CHECK(ids(store.query({.since = at(5s).wall})) == Ids{5, 4, 2});  // 4 ended at 5 s, 2 goes on
  CHECK(ids(store.query({.until = at(3s).wall})) == Ids{2, 1});
  CHECK(ids(store.query({.device = "meter"})) == Ids{4});
  CHECK(ids(store.query({.asset = "grid"})) == Ids{4});
  CHECK(ids(store.query({.asset = model::to_string(model::derive({}, "grid"))})) == Ids{4});
  CHECK(ids(store.query({.kind = Kind::device_lost})) == Ids{5, 2, 1});
  CHECK(ids(store.query({.at_least = Severity::warning})) == Ids{5, 4, 2, 1});
  CHECK(ids(store.query({.open = true})) == Ids{5, 2, 1});
  CHECK(ids(store.query({.open = false})) == Ids{4, 3});
  CHECK(ids(store.query({.text = "fAIL"})) == Ids{4});
  CHECK(ids(store.query({.text = "100%"})).empty());
  CHECK(ids(store.query({.device = "inverter", .open = true, .limit = 1})) == Ids{5});
}

TEST_CASE("another process acknowledges: the writer learns it, once, and does not undo it") {
  const TemporaryFolder folder;
  EventStore gateway = opened(folder / "events.db");
  REQUIRE(gateway.write(std::array{active(1), active(2)}).has_value());
  CHECK(gateway.handled_elsewhere().value()->acknowledged.empty());

  EventStore other = opened(folder / "events.db", Mode::write);
  const auto seen = other.acknowledge(EventId(1), by("ada"));
  REQUIRE(seen.has_value());
  CHECK(state_of(*seen) == AlarmState::acknowledged);

  REQUIRE(gateway.write(std::array{event(1)}).has_value());  // it did not know yet
  const auto kept = gateway.find(EventId(1)).value();
  CHECK(kept.acknowledged == by("ada"));
  CHECK(state_of(kept) == AlarmState::normal);

  REQUIRE(other.acknowledge(EventId(2), by("bob")).has_value());
  CHECK(gateway.handled_elsewhere().value()->acknowledged ==
        std::vector{Acknowledged{.id = EventId(2), .acknowledgement = by("bob")}});
  CHECK_FALSE(gateway.handled_elsewhere().value().has_value());
}

TEST_CASE("only once, and only what asks for it, is acknowledged") {
  const TemporaryFolder folder;
  EventStore store = opened(folder / "events.db");
  REQUIRE(store.write(std::array{event(1), event(2, Kind::gateway_started)}).has_value());
  CHECK(state_of(store.acknowledge(EventId(1), by("ada")).value()) == AlarmState::normal);
  const auto twice = store.acknowledge(EventId(1), by("bob"));
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().message.contains("ada"));
  CHECK_FALSE(store.acknowledge(EventId(2), by("ada")).has_value());
  CHECK_FALSE(store.acknowledge(EventId(3), by("ada")).has_value());
  CHECK(store.find(EventId(1)).value().acknowledged == by("ada"));
}

TEST_CASE("another process clears: the record is over, and its writer, told once, does not undo it") {
  const TemporaryFolder folder;
  EventStore gateway = opened(folder / "events.db");
  REQUIRE(gateway.write(std::array{active(1), active(2)}).has_value());
  REQUIRE(gateway.handled_elsewhere().has_value());

  EventStore other = opened(folder / "events.db", Mode::write);
  const auto over = other.clear(EventId(1), by("ada"));
  REQUIRE(over.has_value());
  CHECK(over->cleared == by("ada").time);
  CHECK(state_of(*over) == AlarmState::normal);
  CHECK_FALSE(other.clear(EventId(1), by("bob")).has_value());
  CHECK_FALSE(other.clear(EventId(3), by("bob")).has_value());

  REQUIRE(gateway.write(std::array{active(1)}).has_value());  // it did not know yet
  CHECK(gateway.find(EventId(1)).value().cleared_by == "ada");
  CHECK(gateway.find(EventId(1)).value().cleared_comment == by("ada").comment);
  CHECK(ids(gateway.active()) == Ids{2});
  CHECK(gateway.handled_elsewhere().value()->cleared ==
        std::vector{Acknowledged{.id = EventId(1), .acknowledgement = by("ada")}});
  REQUIRE(other.acknowledge(EventId(2), by("bob")).has_value());
  CHECK(gateway.handled_elsewhere().value()->cleared.empty());
}

TEST_CASE("what is said at clearing stands beside what was said at acknowledging before") {
  const TemporaryFolder folder;
  EventStore gateway = opened(folder / "events.db");
  REQUIRE(gateway.write(std::array{active(1)}).has_value());
  REQUIRE(gateway.handled_elsewhere().has_value());
  EventStore other = opened(folder / "events.db", Mode::write);
  Acknowledgement seen = by("bob");
  seen.comment = "on my way";
  Acknowledgement done = by("ada");
  done.comment = "fuse replaced";
  REQUIRE(other.acknowledge(EventId(1), seen).has_value());
  REQUIRE(other.clear(EventId(1), done).has_value());
  CHECK(gateway.handled_elsewhere().value()->cleared.at(0).acknowledgement.comment == "fuse replaced");
  const Event over = gateway.find(EventId(1)).value();
  CHECK(over.acknowledged->comment == "on my way");
  CHECK(over.cleared_comment == "fuse replaced");
}

TEST_CASE("what is over and not seen is seen when it is cleared, and its end stays") {
  const TemporaryFolder folder;
  EventStore store = opened(folder / "events.db");
  REQUIRE(store.write(std::array{event(1)}).has_value());
  const Event seen = store.clear(EventId(1), by("ada")).value();
  CHECK(seen.cleared == event(1).cleared);
  CHECK(seen.cleared_by.empty());
  CHECK(seen.acknowledged == by("ada"));
}

TEST_CASE("what is shelved is out of sight until then, with what comes again there") {
  const TemporaryFolder folder;
  EventStore store = opened(folder / "events.db");
  Event elsewhere = active(2);
  elsewhere.source.device = "meter";
  REQUIRE(store.write(std::array{event(1), elsewhere, event(3, Kind::gateway_started)}).has_value());
  const Shelving shelving{.since = at(1s).wall, .until = at(1h).wall, .by = "ada", .reason = "spare part"};
  CHECK(store.shelve(EventId(1), shelving).value().shelved == shelving);
  CHECK_FALSE(store.shelve(EventId(3), shelving).has_value());  // only information
  REQUIRE(store.write(std::array{active(4)}).has_value());      // the same again

  CHECK(ids(store.query({.shelved_at = at(59min).wall})) == Ids{4, 1});
  CHECK(ids(store.query({.in_view_at = at(59min).wall})) == Ids{3, 2});
  CHECK(ids(store.query({.open = true, .in_view_at = at(59min).wall})) == Ids{2});
  CHECK(ids(store.query({.in_view_at = at(1h).wall})) == Ids{4, 3, 2, 1});
  CHECK(is_shelved(store.find(EventId(4)).value(), at(59min).wall));
  CHECK_FALSE(is_shelved(store.find(EventId(4)).value(), at(1h).wall));

  CHECK_FALSE(store.unshelve(EventId(4), at(2h).wall).has_value());
  CHECK_FALSE(store.unshelve(EventId(2), at(2min).wall).has_value());
  REQUIRE(store.unshelve(EventId(4), at(2min).wall).has_value());
  CHECK(ids(store.query({.shelved_at = at(3min).wall})).empty());
}

TEST_CASE("what is shelved is told to the gateway, and leaves the file when it is over") {
  const TemporaryFolder folder;
  EventStore gateway = opened(folder / "events.db");
  REQUIRE(gateway.write(std::array{active(1)}).has_value());
  EventStore other = opened(folder / "events.db", Mode::write);
  const Shelving shelving{.since = at(1s).wall, .until = at(1h).wall, .by = "ada", .reason = "spare part"};
  REQUIRE(other.shelve(EventId(1), shelving).has_value());
  CHECK(gateway.handled_elsewhere().value()->shelf == Shelf{{key_of(active(1)), shelving}});
  REQUIRE(gateway.forget_shelved(at(59min).wall).has_value());
  CHECK(other.find(EventId(1)).value().shelved == shelving);
  REQUIRE(gateway.forget_shelved(at(1h).wall).has_value());
  CHECK_FALSE(other.find(EventId(1)).value().shelved.has_value());
}

TEST_CASE("shelving takes an end and a reason") {
  const WallTime now = at(0s).wall;
  CHECK(shelving_of(1h, now, "ada", "spare part").value().until == now + 1h);
  CHECK_FALSE(shelving_of(1s, now, "ada", "spare part").has_value());
  CHECK_FALSE(shelving_of(std::chrono::days(32), now, "ada", "spare part").has_value());
  CHECK_FALSE(shelving_of(1h, now, "ada", " ").has_value());
}

TEST_CASE("a file of the version before is brought up to date by the gateway, and nothing is lost") {
  const TemporaryFolder folder;
  const std::string path = folder / "events.db";
  {
    EventStore store = opened(path);
    REQUIRE(store.write(std::array{event(1), active(2)}).has_value());
  }
  {
    auto file = sqlite::Database::open({.path = path, .mode = Mode::write});
    REQUIRE(file.has_value());
    REQUIRE(file->run("DROP TABLE shelved; DROP INDEX events_cleared_by_hand; "
                      "ALTER TABLE events DROP COLUMN cleared_by; "
                      "ALTER TABLE events DROP COLUMN cleared_comment; PRAGMA user_version = 1")
                .has_value());
  }
  const auto early = EventStore::open(path, Mode::read);
  REQUIRE_FALSE(early.has_value());
  CHECK(early.error().remedy.contains("interwatt run"));
  EventStore store = opened(path);
  CHECK(store.find(EventId(1)).value() == event(1));
  CHECK(ids(store.active()) == Ids{2});
}

TEST_CASE("retention takes what is too old, then what is too many; active records stay; ids go on") {
  const TemporaryFolder folder;
  EventStore store = opened(folder / "events.db");
  std::vector<Event> all{active(1), event(2)};  // 2 is over, and nobody has seen it
  for (std::uint64_t n = 3; n <= 10; ++n)
    all.push_back(event(n, Kind::gateway_started));
  REQUIRE(store.write(all).has_value());

  CHECK(store.retain({.age = 10s, .count = 100}, at(15s).wall).value() == 1);  // 3 ended at 4 s
  CHECK(ids(store.query({})) == Ids{10, 9, 8, 7, 6, 5, 4, 2, 1});
  CHECK(store.retain({.age = 1h, .count = 4}, at(15s).wall).value() == 5);
  CHECK(ids(store.query({})) == Ids{10, 9, 2, 1});
  CHECK(store.retain({.age = 0s, .count = 4}, at(1h).wall).value() == 2);
  CHECK(ids(store.query({})) == Ids{2, 1});
  CHECK(store.retain({.age = 0s, .count = 0}, at(1h).wall).value() == 1);
  CHECK(ids(store.query({})) == Ids{1});
  CHECK(store.last_id().value() == EventId(10));
}

TEST_CASE("what was written survives kill -9") {
  const TemporaryFolder folder;
  const std::string path = folder / "events.db";
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto store = EventStore::open(path, Mode::create);
    const bool done =
        store && store->write(std::array{active(1)}) && store->acknowledge(EventId(1), by("ada"));
    if (!done) _exit(1);
    raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  EventStore store = opened(path);
  CHECK(store.find(EventId(1)).value().acknowledged == by("ada"));
}

TEST_CASE("a reader changes nothing; a foreign file and a later version are refused with what to do") {
  const TemporaryFolder folder;
  const std::string path = folder / "events.db";
  CHECK_FALSE(EventStore::open(path, Mode::read).has_value());
  EventStore store = opened(path);
  REQUIRE(store.write(std::array{active(1)}).has_value());
  EventStore reader = opened(path, Mode::read);
  CHECK(ids(reader.query({})) == Ids{1});
  CHECK_FALSE(reader.acknowledge(EventId(1), by("ada")).has_value());

  {
    auto later = sqlite::Database::open({.path = folder / "later.db"});
    REQUIRE(later.has_value());
    REQUIRE(later->run("PRAGMA user_version = 99").has_value());
  }
  const auto refused = EventStore::open(folder / "later.db", Mode::create);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().remedy.contains("version"));

  auto odd = sqlite::Database::open({.path = path, .mode = Mode::write});
  REQUIRE(odd->run("UPDATE events SET kind = 'nonsense'").has_value());
  const auto unreadable = reader.query({});
  REQUIRE_FALSE(unreadable.has_value());
  CHECK(unreadable.error().kind == ErrorKind::malformed);
}

}  // namespace
}  // namespace iw::events
