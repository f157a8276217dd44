// SQLite as values: failures are Results whose messages name the file, and nothing is left open or half done.
//
// Blocking, so on a storage thread; a database and what was prepared on it belong to one thread. Files are
// written ahead (WAL): one process writes while others read, and a commit that was confirmed survives a power
// cut, also after a sync that failed: see write_log_again() in database.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace iw::sqlite {

// A prepared statement, to be run again and again. Parameters and columns are counted from 1 and 0, as SQLite
// counts them. A text or blob that was bound must live until the statement ran; what a column gave is valid
// until the next step.
class Statement {
 public:
  Statement() = default;

  Statement& bind(int parameter, std::int64_t number);
  Statement& bind(int parameter, double number);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, Bytes blob);
  Statement& bind_null(int parameter);

  // True: there is a row. After the last one, or an error, the statement is ready to be run again.
  Result<bool> step();
  // Steps to the end; for statements without rows.
  Result<void> run();
  // Not interested in further rows.
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] Bytes blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class Mode : std::uint8_t {
  create,  // made if there is none
  write,   // must exist
  read,    // must exist, and is not changed
};

struct Settings {
  std::string path;
  Mode mode = Mode::create;
  int page_size = 4096;  // of a new file
  std::string vfs = {};  // SQLite's view of the disk, by name; empty: the system's
};

class Database {
 public:
  static Result<Database> open(const Settings& settings);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // One or more statements without parameters and rows.
  Result<void> run(std::string_view sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row of a query without parameters; 0 when there is no row.
  Result<std::int64_t> number(std::string_view sql);

  // Of the last insert.
  [[nodiscard]] std::int64_t last_row() const;
  // Rows that the last statement touched.
  [[nodiscard]] std::int64_t changes() const;

  // A copy of the database as it is now, in a new file, while others write to this one.
  Result<void> copy_to(const std::string& path);
  // Nothing when the file is sound; what is wrong with it else.
  Result<std::string> check();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  Database(sqlite3* database, std::string path);

  std::unique_ptr<sqlite3, Close> database_;
  std::string path_;
};

// All or nothing: what is not committed is undone.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace iw::sqlite
