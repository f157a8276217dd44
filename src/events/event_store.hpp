// EventStore: the records in one SQLite file, which gateway and command line share: one process writes what
// happens, others read, acknowledge, shelve and clear meanwhile. The format is in README.md.
//
// Blocking, so on a storage thread; a store belongs to one thread. What was confirmed survives kill -9 and a
// power cut.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "events/event.hpp"
#include "sqlite/database.hpp"

namespace iw::events {

// Which records; what is not said does not restrict.
struct Query {
  std::optional<WallTime> since;  // not over before
  std::optional<WallTime> until;  // begun before
  std::string asset = {};         // name or mRID
  std::string device = {};
  std::optional<Kind> kind = {};
  std::optional<Severity> at_least = {};
  std::optional<bool> open = {};            // not yet over and acknowledged, see is_open()
  std::optional<WallTime> shelved_at = {};  // shelved at that time
  std::optional<WallTime> in_view_at = {};  // not shelved at that time
  std::string text = {};                    // anywhere in message, device, path or comment, in any case
  std::optional<EventId> before = {};       // cursor: the last id of the page before
  std::size_t limit = 100;
};

struct Retention {
  Duration age = std::chrono::days(365);
  std::size_t count = 200'000;
};

struct Acknowledged {
  EventId id;
  Acknowledgement acknowledgement;

  friend bool operator==(const Acknowledged&, const Acknowledged&) = default;
};

// By what they hide.
using Shelf = std::map<Key, Shelving>;

// What people have done to active records, and what they have shelved.
struct Handled {
  std::vector<Acknowledged> acknowledged;
  std::vector<Acknowledged> cleared;
  Shelf shelf;
};

class EventStore {
 public:
  // Mode::create makes file and tables; the folder must exist.
  static Result<EventStore> open(const std::string& path, sqlite::Mode mode);

  // What the state machine goes on with after a start.
  Result<EventId> last_id();
  Result<std::vector<Event>> active();

  // New and changed records, all or none. An acknowledgement that is in the file already stays.
  Result<void> write(std::span<const Event> records);
  // The record as it is then. Refuses an unknown id, and one that needs none or has one.
  Result<Event> acknowledge(EventId id, const Acknowledgement& acknowledgement);
  // Out of sight until then, with all that has its key. Refuses what nobody has to see anyway.
  Result<Event> shelve(EventId id, const Shelving& shelving);
  // Back in sight; refuses what is not shelved.
  Result<Event> unshelve(EventId id, WallTime now);
  // Over, and seen. A condition that still holds is raised again by the gateway, as soon as it reads that.
  // Refuses an unknown id, and what is over and seen already.
  Result<Event> clear(EventId id, const Acknowledgement& by);
  // When another process has written since the last call, or none was before; cheap when none has. Of
  // clearings only those that were not told yet.
  Result<std::optional<Handled>> handled_elsewhere();
  // What is shelved no longer leaves the file.
  Result<void> forget_shelved(WallTime until);

  // Another process has written since the last call; at the first: yes.
  Result<bool> changed_elsewhere();

  // The newest first.
  Result<std::vector<Event>> query(const Query& query);
  Result<Event> find(EventId id);

  // Removes the oldest of what is too old or too many: never what is active; what is over but not
  // acknowledged only when there are too many, after everything else. The number of removed records.
  Result<std::int64_t> retain(const Retention& retention, WallTime now);

 private:
  explicit EventStore(sqlite::Database database) : database_(std::move(database)) {}

  Result<std::vector<Event>> read(sqlite::Statement& statement);
  Result<std::vector<Event>> read_where(std::string_view condition);
  Result<Shelf> shelf();
  // Reads, changes and writes one record as one step.
  using Change = std::function<Result<void>(Event&)>;
  Result<Event> change(EventId id, const Change& change);

  sqlite::Database database_;
  std::optional<std::int64_t> seen_version_;
  std::set<EventId> told_cleared_;
};

}  // namespace iw::events
