// EventStore: the records in one SQLite file, which gateway and command line share: one process writes what
// happens, others read and acknowledge meanwhile. The format is in README.md.
//
// Blocking, so on a storage thread; a store belongs to one thread. What write() or acknowledge() confirmed
// survives kill -9 and a power cut.
#pragma once

#include <cstdint>
#include <optional>
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
  std::optional<bool> open = {};       // not yet over and acknowledged, see is_open()
  std::string text = {};               // anywhere in message, device, path or comment, in any case
  std::optional<EventId> before = {};  // cursor: the last id of the page before
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
  // Of active records, when another process has written since the last call; cheap when none has.
  Result<std::vector<Acknowledged>> acknowledged_elsewhere();

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

  sqlite::Database database_;
  std::optional<std::int64_t> seen_version_;
};

}  // namespace iw::events
