#include "events/event_store.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

namespace iw::events {
namespace {

using sqlite::Database;
using sqlite::Mode;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::int64_t version = 3;

// AUTOINCREMENT: SQLite remembers the greatest id even of removed records.
constexpr std::string_view schema_1 = R"(
  CREATE TABLE events(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    severity INTEGER NOT NULL,
    device TEXT NOT NULL,
    path TEXT NOT NULL,
    asset TEXT NOT NULL,
    asset_mrid TEXT NOT NULL,
    point_mrid TEXT NOT NULL,
    raised INTEGER NOT NULL,
    last INTEGER NOT NULL,
    cleared INTEGER,
    acknowledged INTEGER,
    acknowledged_by TEXT,
    comment TEXT,
    value REAL,
    "limit" REAL,
    message TEXT NOT NULL,
    remedy TEXT NOT NULL,
    folding INTEGER NOT NULL,
    occurrences INTEGER NOT NULL);
  CREATE INDEX events_raised ON events(raised);
  CREATE INDEX events_open ON events(id)
    WHERE cleared IS NULL OR (acknowledged IS NULL AND severity > 0);
  PRAGMA user_version = 1;
)";

// Records that people end, and what they do not want to see.
constexpr std::string_view schema_2 = R"(
  ALTER TABLE events ADD COLUMN cleared_by TEXT NOT NULL DEFAULT '';
  CREATE INDEX events_cleared_by_hand ON events(id) WHERE cleared_by != '';
  CREATE TABLE shelved(
    of_kind TEXT NOT NULL,
    of_device TEXT NOT NULL,
    of_path TEXT NOT NULL,
    shelved_since INTEGER NOT NULL,
    shelved_until INTEGER NOT NULL,
    shelved_by TEXT NOT NULL,
    shelved_reason TEXT NOT NULL,
    PRIMARY KEY(of_kind, of_device, of_path));
  PRAGMA user_version = 2;
)";

// Why they ended them, which is not why somebody had acknowledged them before.
constexpr std::string_view schema_3 = R"(
  ALTER TABLE events ADD COLUMN cleared_comment TEXT NOT NULL DEFAULT '';
  PRAGMA user_version = 3;
)";

// As in the schema, word for word, so that the partial index serves it.
constexpr std::string_view is_open_sql = "(cleared IS NULL OR (acknowledged IS NULL AND severity > 0))";

constexpr std::string_view select =
    "SELECT id, kind, severity, device, path, asset, asset_mrid, point_mrid, raised, last, cleared, "
    "acknowledged, "
    "acknowledged_by, comment, value, \"limit\", message, remedy, folding, occurrences, cleared_by, "
    "shelved_since, shelved_until, shelved_by, shelved_reason, cleared_comment FROM events "
    "LEFT JOIN shelved ON of_kind = kind AND of_device = device AND of_path = path";

// What people did to a record before its writer knew stays.
constexpr std::string_view upsert =
    "INSERT INTO events VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
    "?18, "
    "?19, ?20, ?21, ?22) ON CONFLICT(id) DO UPDATE SET last = ?10, "
    "cleared = iif(cleared_by = '', ?11, cleared), cleared_by = iif(cleared_by = '', ?21, cleared_by), "
    "cleared_comment = iif(cleared_by = '', ?22, cleared_comment), "
    "acknowledged_by = iif(acknowledged IS NULL, ?13, acknowledged_by), "
    "comment = iif(acknowledged IS NULL, ?14, comment), acknowledged = coalesce(acknowledged, ?12), "
    "value = ?15, \"limit\" = ?16, message = ?17, remedy = ?18, folding = ?19, occurrences = ?20";

std::int64_t to_file(WallTime time) { return time.time_since_epoch().count(); }
WallTime from_file(std::int64_t ns) { return WallTime(Duration(ns)); }
std::string to_file(const model::Mrid& mrid) { return mrid.nil() ? "" : model::to_string(mrid); }

template <class T>
void bind_optional(Statement& statement, int parameter, const std::optional<T>& value) {
  if (value) {
    statement.bind(parameter, *value);
  } else {
    statement.bind_null(parameter);
  }
}

std::optional<double> number(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.number(column));
}

// What a later version, or another program, has written there is a malformed file, not a crash.
Result<Event> event_of(const Statement& row) {
  const auto kind = parse_kind(row.text(1));
  const std::int64_t severity = row.integer(2);
  const std::int64_t folding = row.integer(18);
  const bool known = kind && severity >= 0 && severity <= static_cast<std::int64_t>(Severity::critical) &&
                     folding >= 0 && folding <= static_cast<std::int64_t>(Folding::storm);
  if (!known) {
    return fail(ErrorKind::malformed, fmt::format("event {}: no such kind or severity", row.integer(0)),
                "was it written by a later version of this program?");
  }
  Event event{.id = EventId(static_cast<std::uint64_t>(row.integer(0))),
              .kind = *kind,
              .severity = static_cast<Severity>(severity),
              .source = {.device = std::string(row.text(3)),
                         .path = std::string(row.text(4)),
                         .asset = std::string(row.text(5)),
                         .asset_mrid = model::parse_mrid(row.text(6)).value_or(model::Mrid{}),
                         .point_mrid = model::parse_mrid(row.text(7)).value_or(model::Mrid{})},
              .raised = from_file(row.integer(8)),
              .last = from_file(row.integer(9)),
              .cleared = {},
              .acknowledged = {},
              .value = number(row, 14),
              .limit = number(row, 15),
              .message = std::string(row.text(16)),
              .remedy = std::string(row.text(17)),
              .folding = static_cast<Folding>(folding),
              .occurrences = static_cast<std::uint64_t>(row.integer(19))};
  if (!row.is_null(10)) event.cleared = from_file(row.integer(10));
  if (!row.is_null(11)) {
    event.acknowledged = {.time = from_file(row.integer(11)),
                          .by = std::string(row.text(12)),
                          .comment = std::string(row.text(13))};
  }
  event.cleared_by = std::string(row.text(20));
  event.cleared_comment = std::string(row.text(25));
  if (!row.is_null(21)) {
    event.shelved = {.since = from_file(row.integer(21)),
                     .until = from_file(row.integer(22)),
                     .by = std::string(row.text(23)),
                     .reason = std::string(row.text(24))};
  }
  return event;
}

Result<void> put(Statement& into, const Event& event) {
  const std::string asset_mrid = to_file(event.source.asset_mrid);
  const std::string point_mrid = to_file(event.source.point_mrid);
  into.bind(1, static_cast<std::int64_t>(event.id.value()))
      .bind(2, to_string(event.kind))
      .bind(3, static_cast<std::int64_t>(event.severity))
      .bind(4, std::string_view(event.source.device))
      .bind(5, std::string_view(event.source.path))
      .bind(6, std::string_view(event.source.asset))
      .bind(7, std::string_view(asset_mrid))
      .bind(8, std::string_view(point_mrid))
      .bind(9, to_file(event.raised))
      .bind(10, to_file(event.last));
  bind_optional(into, 11, event.cleared.transform([](WallTime time) { return to_file(time); }));
  if (event.acknowledged) {
    into.bind(12, to_file(event.acknowledged->time))
        .bind(13, std::string_view(event.acknowledged->by))
        .bind(14, std::string_view(event.acknowledged->comment));
  } else {
    into.bind_null(12).bind_null(13).bind_null(14);
  }
  bind_optional(into, 15, event.value);
  bind_optional(into, 16, event.limit);
  into.bind(17, std::string_view(event.message))
      .bind(18, std::string_view(event.remedy))
      .bind(19, static_cast<std::int64_t>(event.folding))
      .bind(20, static_cast<std::int64_t>(event.occurrences))
      .bind(21, std::string_view(event.cleared_by))
      .bind(22, std::string_view(event.cleared_comment));
  return into.run();
}

// A WHERE clause and what stands for its question marks.
class Conditions {
 public:
  void add(std::string_view sql) { sql_.append(sql_.empty() ? " WHERE " : " AND ").append(sql); }
  template <class T>
  void add(std::string_view sql, T parameter) {
    add(sql);
    parameters_.emplace_back(std::move(parameter));
  }

  [[nodiscard]] const std::string& sql() const { return sql_; }
  // Returns the number of the next parameter.
  int bind(Statement& statement) const {
    int next = 1;
    for (const auto& parameter : parameters_)
      std::visit([&](const auto& value) { bind_one(statement, next++, value); }, parameter);
    return next;
  }

 private:
  static void bind_one(Statement& statement, int at, std::int64_t value) { statement.bind(at, value); }
  static void bind_one(Statement& statement, int at, const std::string& value) {
    statement.bind(at, std::string_view(value));
  }

  std::string sql_;
  std::vector<std::variant<std::int64_t, std::string>> parameters_;
};

Conditions conditions_of(const Query& query) {
  Conditions where;
  if (query.open) where.add(fmt::format("{}{}", *query.open ? "" : "NOT ", is_open_sql));
  if (query.shelved_at) where.add("shelved_until > ?", to_file(*query.shelved_at));
  if (query.in_view_at)
    where.add("(shelved_until IS NULL OR shelved_until <= ?)", to_file(*query.in_view_at));
  if (query.since) where.add("(cleared IS NULL OR cleared >= ?)", to_file(*query.since));
  if (query.until) where.add("raised < ?", to_file(*query.until));
  if (query.before) where.add("id < ?", static_cast<std::int64_t>(query.before->value()));
  if (query.kind) where.add("kind = ?", std::string(to_string(*query.kind)));
  if (query.at_least) where.add("severity >= ?", static_cast<std::int64_t>(*query.at_least));
  if (!query.device.empty()) where.add("device = ?", query.device);
  if (!query.asset.empty()) {
    const auto mrid = model::parse_mrid(query.asset);
    where.add(mrid ? "asset_mrid = ?" : "asset = ?", mrid ? model::to_string(*mrid) : query.asset);
  }
  if (!query.text.empty()) {
    where.add(
        "instr(lower(message || ' ' || device || ' ' || path || ' ' || coalesce(comment, '')), lower(?)) > 0",
        query.text);
  }
  return where;
}

Result<void> make_tables(Database& database) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return fail(std::move(transaction).error());
  const auto found = database.number("PRAGMA user_version");  // another process may have been first
  if (!found) return fail(found.error());
  if (*found >= version) return {};
  if (*found < 1) {
    if (auto made = database.run(schema_1); !made) return made;
  }
  if (*found < 2) {
    if (auto made = database.run(schema_2); !made) return made;
  }
  if (auto made = database.run(schema_3); !made) return made;
  return transaction->commit();
}

}  // namespace

Result<EventStore> EventStore::open(const std::string& path, Mode mode) {
  auto database = Database::open({.path = path, .mode = mode});
  if (!database) return fail(std::move(database).error());
  if (mode == Mode::create) {
    if (auto made = make_tables(*database); !made) return fail(std::move(made).error());
  }
  const auto found = database->number("PRAGMA user_version");
  if (!found) return fail(found.error());
  if (*found != version) {
    return fail(ErrorKind::malformed, fmt::format("{}: no events of this version", path),
                *found > version ? "use the version of this program that wrote it"
                                 : "start the gateway once: `interwatt run` brings it up to date");
  }
  return EventStore(std::move(*database));
}

Result<EventId> EventStore::last_id() {
  return database_.number("SELECT seq FROM sqlite_sequence WHERE name = 'events'").map([](std::int64_t id) {
    return EventId(static_cast<std::uint64_t>(id));
  });
}

Result<std::vector<Event>> EventStore::active() { return read_where("cleared IS NULL"); }

Result<std::vector<Event>> EventStore::read_where(std::string_view condition) {
  auto asked = database_.prepare(fmt::format("{} WHERE {} ORDER BY id", select, condition));
  if (!asked) return fail(std::move(asked).error());
  return read(*asked);
}

Result<std::vector<Event>> EventStore::read(Statement& statement) {
  std::vector<Event> events;
  for (;;) {
    auto row = statement.step();
    if (!row) return fail(std::move(row).error());
    if (!*row) return events;
    auto event = event_of(statement);
    if (!event) return fail(std::move(event).error().in(database_.path()));
    events.push_back(std::move(*event));
  }
}

Result<void> EventStore::write(std::span<const Event> records) {
  if (records.empty()) return {};
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  auto into = database_.prepare(upsert);
  if (!into) return fail(std::move(into).error());
  for (const Event& event : records) {
    if (auto done = put(*into, event); !done) return done;
  }
  return transaction->commit();
}

Result<Event> EventStore::find(EventId id) {
  auto asked = database_.prepare(fmt::format("{} WHERE id = ?", select));
  if (!asked) return fail(std::move(asked).error());
  asked->bind(1, static_cast<std::int64_t>(id.value()));
  auto row = asked->step();
  if (!row) return fail(std::move(row).error());
  if (!*row) {
    return fail(ErrorKind::not_found, fmt::format("there is no event {}", id.value()),
                "interwatt events --open lists those that wait");
  }
  return event_of(*asked);
}

Result<Event> EventStore::change(EventId id, const Change& change) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  auto event = find(id);
  if (!event) return event;
  if (auto may = change(*event); !may) return fail(std::move(may).error());
  {
    auto into = database_.prepare(upsert);
    if (!into) return fail(std::move(into).error());
    if (auto done = put(*into, *event); !done) return fail(std::move(done).error());
  }
  if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
  return event;
}

Result<Event> EventStore::acknowledge(EventId id, const Acknowledgement& acknowledgement) {
  return change(id, [&](Event& event) -> Result<void> {
    if (event.acknowledged) {
      return fail(ErrorKind::rejected,
                  fmt::format("event {} was acknowledged by {} already", id.value(), event.acknowledged->by));
    }
    if (state_of(event) == AlarmState::normal) {
      return fail(ErrorKind::rejected,
                  fmt::format("event {} is only information: nobody has to acknowledge it", id.value()));
    }
    event.acknowledged = acknowledgement;
    return {};
  });
}

Result<Event> EventStore::clear(EventId id, const Acknowledgement& by) {
  return change(id, [&](Event& event) -> Result<void> {
    if (state_of(event) == AlarmState::normal)
      return fail(ErrorKind::rejected, fmt::format("event {} is over already", id.value()));
    if (!event.cleared) {
      event.cleared = std::max(event.last, by.time);
      event.cleared_by = by.by;
      event.cleared_comment = by.comment;
    }
    if (!event.acknowledged) event.acknowledged = by;
    return {};
  });
}

Result<Event> EventStore::shelve(EventId id, const Shelving& shelving) {
  auto event = find(id);
  if (!event) return event;
  if (event->severity == Severity::info) {
    return fail(ErrorKind::rejected,
                fmt::format("event {} is only information: it asks nobody for anything", id.value()));
  }
  auto into = database_.prepare("INSERT OR REPLACE INTO shelved VALUES(?, ?, ?, ?, ?, ?, ?)");
  if (!into) return fail(std::move(into).error());
  into->bind(1, to_string(event->kind))
      .bind(2, std::string_view(event->source.device))
      .bind(3, std::string_view(event->source.path))
      .bind(4, to_file(shelving.since))
      .bind(5, to_file(shelving.until))
      .bind(6, std::string_view(shelving.by))
      .bind(7, std::string_view(shelving.reason));
  if (auto done = into->run(); !done) return fail(std::move(done).error());
  event->shelved = shelving;
  return event;
}

Result<Event> EventStore::unshelve(EventId id, WallTime now) {
  auto event = find(id);
  if (!event) return event;
  if (!is_shelved(*event, now))
    return fail(ErrorKind::rejected, fmt::format("event {} is not shelved", id.value()));
  auto gone = database_.prepare("DELETE FROM shelved WHERE of_kind = ? AND of_device = ? AND of_path = ?");
  if (!gone) return fail(std::move(gone).error());
  gone->bind(1, to_string(event->kind))
      .bind(2, std::string_view(event->source.device))
      .bind(3, std::string_view(event->source.path));
  if (auto done = gone->run(); !done) return fail(std::move(done).error());
  event->shelved.reset();
  return event;
}

Result<void> EventStore::forget_shelved(WallTime until) {
  auto gone = database_.prepare("DELETE FROM shelved WHERE shelved_until <= ?");
  if (!gone) return fail(std::move(gone).error());
  return gone->bind(1, to_file(until)).run();
}

Result<Shelf> EventStore::shelf() {
  auto asked = database_.prepare(
      "SELECT of_kind, of_device, of_path, shelved_since, shelved_until, shelved_by, shelved_reason FROM "
      "shelved");
  if (!asked) return fail(std::move(asked).error());
  Shelf shelf;
  for (;;) {
    auto row = asked->step();
    if (!row) return fail(std::move(row).error());
    if (!*row) return shelf;
    const auto kind = parse_kind(asked->text(0));
    if (!kind) continue;  // of a later version
    shelf.insert_or_assign(
        Key{.kind = *kind, .device = std::string(asked->text(1)), .path = std::string(asked->text(2))},
        Shelving{.since = from_file(asked->integer(3)),
                 .until = from_file(asked->integer(4)),
                 .by = std::string(asked->text(5)),
                 .reason = std::string(asked->text(6))});
  }
}

// data_version changes when another connection has committed: no table is read to find that out.
Result<bool> EventStore::changed_elsewhere() {
  const auto now = database_.number("PRAGMA data_version");
  if (!now) return fail(now.error());
  return std::exchange(seen_version_, *now) != *now;
}

Result<std::optional<Handled>> EventStore::handled_elsewhere() {
  const auto now = database_.number("PRAGMA data_version");
  if (!now) return fail(now.error());
  if (seen_version_ == *now) return std::nullopt;
  auto acknowledged = read_where("cleared IS NULL AND acknowledged IS NOT NULL");
  if (!acknowledged) return fail(std::move(acknowledged).error());
  auto cleared = read_where("cleared_by != ''");
  if (!cleared) return fail(std::move(cleared).error());
  auto shelf = this->shelf();
  if (!shelf) return fail(std::move(shelf).error());
  seen_version_ = *now;
  Handled handled{.acknowledged = {}, .cleared = {}, .shelf = std::move(*shelf)};
  for (const Event& event : *acknowledged)
    handled.acknowledged.push_back({.id = event.id, .acknowledgement = *event.acknowledged});
  for (const Event& event : *cleared) {
    if (!told_cleared_.insert(event.id).second) continue;
    Acknowledgement by = event.acknowledged.value_or(Acknowledgement{});
    by.by = event.cleared_by;
    by.comment = event.cleared_comment;
    handled.cleared.push_back({.id = event.id, .acknowledgement = std::move(by)});
  }
  return handled;
}

Result<std::vector<Event>> EventStore::query(const Query& query) {
  const Conditions where = conditions_of(query);
  auto asked = database_.prepare(fmt::format("{}{} ORDER BY id DESC LIMIT ?", select, where.sql()));
  if (!asked) return fail(std::move(asked).error());
  const int limit = where.bind(*asked);
  asked->bind(limit, static_cast<std::int64_t>(query.limit));
  return read(*asked);
}

Result<std::int64_t> EventStore::retain(const Retention& retention, WallTime now) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(std::move(transaction).error());
  std::int64_t removed = 0;
  const auto remove = [&](const std::string& which, std::int64_t parameter) -> Result<void> {
    auto statement = database_.prepare("DELETE FROM events WHERE " + which);
    if (!statement) return fail(std::move(statement).error());
    if (auto done = statement->bind(1, parameter).run(); !done) return done;
    removed += database_.changes();
    return {};
  };
  if (auto done = remove(fmt::format("NOT {} AND cleared < ?", is_open_sql), to_file(now - retention.age));
      !done)
    return fail(std::move(done).error());
  for (const std::string& which : {fmt::format("NOT {}", is_open_sql), std::string("cleared IS NOT NULL")}) {
    const auto count = database_.number("SELECT count(*) FROM events");
    if (!count) return fail(count.error());
    const std::int64_t over = *count - static_cast<std::int64_t>(retention.count);
    if (over <= 0) break;
    auto done =
        remove(fmt::format("id IN (SELECT id FROM events WHERE {} ORDER BY id LIMIT ?)", which), over);
    if (!done) return fail(std::move(done).error());
  }
  if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
  return removed;
}

}  // namespace iw::events
