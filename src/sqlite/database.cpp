#include "sqlite/database.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <sqlite3.h>

namespace iw::sqlite {
namespace {

struct Failure {
  int code;  // SQLite's result code, extended or primary
  ErrorKind kind;
  std::string_view remedy;
};
constexpr std::array failures{
    Failure{SQLITE_FULL, ErrorKind::exhausted, "free some space on the disk"},
    Failure{SQLITE_BUSY, ErrorKind::busy, "another program writes to it; try again when that has ended"},
    Failure{SQLITE_LOCKED, ErrorKind::busy, "another program writes to it; try again when that has ended"},
    Failure{SQLITE_CORRUPT, ErrorKind::malformed, "move the file away, or restore it from a backup"},
    Failure{SQLITE_NOTADB, ErrorKind::malformed, "move the file away, or restore it from a backup"},
    Failure{SQLITE_CANTOPEN, ErrorKind::not_found, "check that the folder exists and who may write to it"},
    // A rollback journal lies beside it: only while a file is made, before it is written ahead, there is one.
    Failure{SQLITE_READONLY_ROLLBACK, ErrorKind::not_found,
            "nothing is in it yet: its maker was stopped, and goes on with its next start"},
    Failure{SQLITE_READONLY, ErrorKind::denied, "check who may write to the file and its folder"},
    Failure{SQLITE_PERM, ErrorKind::denied, "check who may read the file"},
    Failure{SQLITE_IOERR, ErrorKind::io, "check the disk: dmesg, smartctl"},
};

Unexpected failure(sqlite3* database, std::string_view path) {
  // The extended code says which operation failed, which the text does not.
  const int extended = sqlite3_extended_errcode(database);
  const int code = extended & 0xFF;
  std::string message = fmt::format("{}: {} (SQLite {})", path, sqlite3_errmsg(database), extended);
  if (code == SQLITE_IOERR || code == SQLITE_FULL)
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  for (const Failure& known : failures) {
    if (known.code == extended || known.code == code)
      return fail(known.kind, std::move(message), std::string(known.remedy));
  }
  return fail(ErrorKind::io, std::move(message));
}

Unexpected failure(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  return failure(database, path == nullptr ? "" : path);
}

Unexpected failure(sqlite3_stmt* statement) { return failure(sqlite3_db_handle(statement)); }

constexpr int patience_ms = 5000;  // for another process that writes

// A sync that fails makes the kernel forget what it could not write, and yet it is read as if it were on the
// disk. So nobody copies the log into the database when it is closed after an error (see failure()), and the
// next one who opens it to write, or after a kill, first writes the log once more, over itself.
Result<void> write_log_again(sqlite3* handle, Database& database) {
  const auto failed = [&](int code) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return fail(ErrorKind::io, fmt::format("{}-wal: {}", database.path(), sqlite3_errstr(code)),
                "check the disk: dmesg, smartctl");
  };
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  sqlite3_int64 size = 0;
  if (log == nullptr || log->pMethods == nullptr) return {};
  if (const int code = log->pMethods->xFileSize(log, &size); code != SQLITE_OK) return failed(code);
  if (size == 0) return {};
  auto nobody_else = Transaction::begin(database);  // writes meanwhile
  if (!nobody_else) return fail(std::move(nobody_else).error());
  if (const int code = log->pMethods->xFileSize(log, &size); code != SQLITE_OK) return failed(code);
  std::vector<std::byte> part(std::size_t{64} << 10U);
  for (sqlite3_int64 at = 0; at < size; at += std::ssize(part)) {
    const auto n = static_cast<int>(std::min<sqlite3_int64>(std::ssize(part), size - at));
    int code = log->pMethods->xRead(log, part.data(), n, at);
    if (code == SQLITE_OK) code = log->pMethods->xWrite(log, part.data(), n, at);
    if (code != SQLITE_OK) return failed(code);
  }
  if (const int code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL); code != SQLITE_OK) return failed(code);
  return {};
}

constexpr std::string_view look = "SELECT count(*) FROM sqlite_schema";

// What readers and writers share is in a file, too, -shm, and after a kill the next reader makes it anew, for
// which a full disk has no room. Who has the file for himself needs none. True: it is so, and can be read.
bool read_alone(sqlite3* handle, Database& database) {
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(handle, 0);  // who writes has that file already, and the trouble is another
  return database.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON") && database.run(look);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), parameter, number);
  return *this;
}

Statement& Statement::bind(int parameter, double number) {
  sqlite3_bind_double(statement_.get(), parameter, number);
  return *this;
}

// An empty text or blob is not NULL: SQLite tells them apart by the pointer.
Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(int parameter, Bytes blob) {
  if (blob.empty()) {
    sqlite3_bind_zeroblob(statement_.get(), parameter, 0);
  } else {
    sqlite3_bind_blob64(statement_.get(), parameter, blob.data(), blob.size(), SQLITE_STATIC);
  }
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(statement_.get(), parameter);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto failed = failure(statement_.get());
  reset();
  return failed;
}

Result<void> Statement::run() {
  for (;;) {
    auto row = step();
    if (!row) return fail(std::move(row).error());
    if (!*row) return {};
  }
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

double Statement::number(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text == nullptr
             ? std::string_view{}
             : std::string_view(text,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Bytes Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return data == nullptr
             ? Bytes{}
             : Bytes(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const Settings& settings) {
  constexpr std::array flags{SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, SQLITE_OPEN_READWRITE,
                             SQLITE_OPEN_READONLY};
  const auto open_with = [&](int how) -> Result<Database> {
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(settings.path.c_str(), &handle, how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                        settings.vfs.empty() ? nullptr : settings.vfs.c_str());
    Database database(handle, settings.path);  // to be closed even if it could not be opened
    if (code != SQLITE_OK) return failure(handle, settings.path);
    sqlite3_busy_timeout(handle, patience_ms);
    return database;
  };
  auto database = open_with(flags[static_cast<std::size_t>(settings.mode)]);
  if (!database) return database;

  // The page size must be known before the first page is written, which turning on the log does.
  if (settings.mode != Mode::read) {
    if (auto set = database->run(fmt::format("PRAGMA page_size = {}; PRAGMA journal_mode = WAL; "
                                             "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
                                             settings.page_size));
        !set)
      return fail(std::move(set).error());
  }
  // SQLite looks into the file only when it is asked for something.
  auto seen = database->run(look);
  if (!seen && settings.mode == Mode::read && seen.error().kind == ErrorKind::io) {
    database->database_.reset();
    if (auto alone = open_with(SQLITE_OPEN_READWRITE); alone && read_alone(alone->database_.get(), *alone))
      return alone;
  }
  if (!seen) return fail(std::move(seen).error());
  if (settings.mode != Mode::read) {
    if (auto written = write_log_again(database->database_.get(), *database); !written)
      return fail(std::move(written).error());
  }
  return database;
}

Result<void> Database::run(std::string_view sql) {
  if (sqlite3_exec(database_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(database_.get(), path_);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK)
    return failure(database_.get(), path_);
  return Statement(statement);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto asked = prepare(sql);
  if (!asked) return fail(std::move(asked).error());
  const auto row = asked->step();
  if (!row) return fail(row.error());
  return *row ? asked->integer(0) : 0;
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(database_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

Result<void> Database::copy_to(const std::string& path) {
  auto copied = prepare("VACUUM INTO ?");
  if (!copied) return fail(std::move(copied).error());
  return copied->bind(1, std::string_view(path)).run();
}

Result<std::string> Database::check() {
  auto asked = prepare("PRAGMA integrity_check(10)");
  if (!asked) return fail(std::move(asked).error());
  std::string wrong;
  for (;;) {
    auto row = asked->step();
    if (!row) return fail(std::move(row).error());
    if (!*row) return wrong;
    if (asked->text(0) == "ok") continue;
    wrong.append(wrong.empty() ? "" : "; ").append(asked->text(0));
  }
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return fail(std::move(begun).error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) (void)database_->run("ROLLBACK");  // SQLite may have done it already
}

Result<void> Transaction::commit() {
  auto committed = database_->run("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

}  // namespace iw::sqlite
