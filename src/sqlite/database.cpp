#include "sqlite/database.hpp"

#include <array>

#include <sqlite3.h>

namespace iw::sqlite {
namespace {

struct Failure {
  int code;  // SQLite's primary result code
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
    Failure{SQLITE_READONLY, ErrorKind::denied, "check who may write to the file and its folder"},
    Failure{SQLITE_PERM, ErrorKind::denied, "check who may read the file"},
    Failure{SQLITE_IOERR, ErrorKind::io, "check the disk: dmesg, smartctl"},
};

Unexpected failure(sqlite3* database, std::string_view path) {
  const int code = sqlite3_errcode(database) & 0xFF;
  std::string message = fmt::format("{}: {}", path, sqlite3_errmsg(database));
  for (const Failure& known : failures)
    if (known.code == code) return fail(known.kind, std::move(message), std::string(known.remedy));
  return fail(ErrorKind::io, std::move(message));
}

Unexpected failure(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  return failure(database, path == nullptr ? "" : path);
}

Unexpected failure(sqlite3_stmt* statement) { return failure(sqlite3_db_handle(statement)); }

constexpr int patience_ms = 5000;  // for another process that writes

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
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      settings.path.c_str(), &handle,
      flags[static_cast<std::size_t>(settings.mode)] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
      settings.vfs.empty() ? nullptr : settings.vfs.c_str());
  Database database(handle, settings.path);  // to be closed even if it could not be opened
  if (code != SQLITE_OK) return failure(handle, settings.path);
  sqlite3_busy_timeout(handle, patience_ms);

  // The page size must be known before the first page is written, which turning on the log does.
  if (settings.mode != Mode::read) {
    if (auto set = database.run(fmt::format("PRAGMA page_size = {}; PRAGMA journal_mode = WAL; "
                                            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
                                            settings.page_size));
        !set)
      return fail(std::move(set).error());
  }
  // SQLite looks into the file only when it is asked for something.
  if (auto seen = database.run("SELECT count(*) FROM sqlite_schema"); !seen)
    return fail(std::move(seen).error());
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
