#include "sqlite/database.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::sqlite;
using iw::io::testing::TemporaryFolder;

namespace {

Database opened(const std::string& path, Mode mode = Mode::create) {
  auto database = Database::open({.path = path, .mode = mode});
  REQUIRE_MESSAGE(database.has_value(), (database ? "" : database.error().message));
  return std::move(*database);
}

// As on a full disk: no file grows.
class NothingCanBeWritten {
 public:
  NothingCanBeWritten() {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
  }
  NothingCanBeWritten(const NothingCanBeWritten&) = delete;
  NothingCanBeWritten& operator=(const NothingCanBeWritten&) = delete;
  ~NothingCanBeWritten() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

std::int64_t count(Database& database) {
  auto counted = database.prepare("SELECT count(*) FROM t");
  REQUIRE(counted.has_value());
  REQUIRE(counted->step().value());
  return counted->integer(0);
}

}  // namespace

TEST_CASE("what was bound comes back: numbers, texts and blobs with zeros, empty ones, null") {
  const TemporaryFolder folder;
  Database database = opened(folder / "a.db");
  REQUIRE(database.run("CREATE TABLE t(i INTEGER, d REAL, s TEXT, b BLOB)").has_value());
  const std::array blob{std::byte{0}, std::byte{0xFF}, std::byte{0}};
  auto insert = database.prepare("INSERT INTO t VALUES(?, ?, ?, ?)");
  REQUIRE(insert.has_value());
  REQUIRE(insert->bind(1, std::int64_t{-5})
              .bind(2, 0.1)
              .bind(3, std::string_view("a\0b", 3))
              .bind(4, blob)
              .run());
  REQUIRE(insert->bind_null(1).bind(2, -0.0).bind(3, std::string_view{}).bind(4, Bytes{}).run());

  auto select = database.prepare("SELECT * FROM t ORDER BY rowid");
  REQUIRE(select.has_value());
  REQUIRE(select->step().value());
  CHECK(select->integer(0) == -5);
  CHECK(select->number(1) == 0.1);
  CHECK(select->text(2) == std::string_view("a\0b", 3));
  CHECK(std::ranges::equal(select->blob(3), blob));
  REQUIRE(select->step().value());
  CHECK(select->is_null(0));
  CHECK(select->text(2).empty());
  CHECK_FALSE(select->is_null(2));
  CHECK_FALSE(select->is_null(3));
  CHECK_FALSE(select->step().value());
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  const TemporaryFolder folder;
  Database database = opened(folder / "a.db");
  REQUIRE(database.run("CREATE TABLE t(i INTEGER)").has_value());
  {
    auto transaction = Transaction::begin(database);
    REQUIRE(transaction.has_value());
    REQUIRE(database.run("INSERT INTO t VALUES(1)").has_value());
  }
  CHECK(count(database) == 0);
  {
    auto transaction = Transaction::begin(database);
    REQUIRE(transaction.has_value());
    REQUIRE(database.run("INSERT INTO t VALUES(1)").has_value());
    CHECK(transaction->commit().has_value());
  }
  CHECK(count(database) == 1);
}

TEST_CASE("one writes while another reads, and a copy is whole") {
  const TemporaryFolder folder;
  Database writer = opened(folder / "a.db");
  REQUIRE(writer.run("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES(1)").has_value());
  Database reader = opened(folder / "a.db", Mode::read);
  auto transaction = Transaction::begin(writer);
  REQUIRE(transaction.has_value());
  REQUIRE(writer.run("INSERT INTO t VALUES(2)").has_value());
  CHECK(count(reader) == 1);
  REQUIRE(reader.copy_to(folder / "copy.db").has_value());
  REQUIRE(transaction->commit().has_value());
  CHECK(count(reader) == 2);
  Database copy = opened(folder / "copy.db", Mode::read);
  CHECK(count(copy) == 1);
  CHECK(copy.check().value().empty());
}

TEST_CASE("what a killed process left is read on a full disk, too") {
  const TemporaryFolder folder;
  io::posix::PosixFiles files;
  {
    Database writer = opened(folder / "a.db");
    REQUIRE(writer.run("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES(1)").has_value());
    for (const std::string_view name : {".db", ".db-wal"})  // without the -shm, which is made anew
      REQUIRE(files.replace(folder / fmt::format("left{}", name),
                            files.read(folder / fmt::format("a{}", name)).value(), 0644));
  }
  const std::string log = files.read(folder / "left.db-wal").value();
  {
    const NothingCanBeWritten full;
    Database reader = opened(folder / "left.db", Mode::read);
    CHECK(count(reader) == 1);
    CHECK_FALSE(reader.run("INSERT INTO t VALUES(2)").has_value());
  }
  CHECK(files.read(folder / "left.db-wal").value() == log);
  Database writer = opened(folder / "left.db");
  CHECK(count(writer) == 1);
}

TEST_CASE("a file whose maker was killed is empty to a reader, and its maker goes on") {
  const TemporaryFolder folder;
  const std::string path = folder / "a.db";
  (void)opened(path);
  // The first page is on the disk, and the journal of before it still there: sqlite.org/fileformat2.html, 3.
  std::string journal("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  journal.resize(512);
  journal[22] = 2;     // bytes of a sector: 512
  journal[26] = 0x10;  // bytes of a page: 4096
  io::posix::PosixFiles files;
  REQUIRE(files.replace(path + "-journal", journal, 0644).has_value());
  const auto reader = Database::open({.path = path, .mode = Mode::read});
  REQUIRE_FALSE(reader.has_value());
  CHECK(reader.error().kind == ErrorKind::not_found);
  CHECK(reader.error().remedy.contains("nothing is in it yet"));
  Database maker = opened(path);
  REQUIRE(maker.run("CREATE TABLE t(i INTEGER)").has_value());
  CHECK(count(maker) == 0);
}

TEST_CASE("each failure has its kind and names the file") {
  const TemporaryFolder folder;
  const auto missing = Database::open({.path = folder / "none.db", .mode = Mode::read});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(missing.error().message.contains("none.db"));

  io::posix::PosixFiles files;
  REQUIRE(files.replace(folder / "text.db", std::string(8192, 'x'), 0644).has_value());
  const auto foreign = Database::open({.path = folder / "text.db"});
  REQUIRE_FALSE(foreign.has_value());
  CHECK(foreign.error().kind == ErrorKind::malformed);

  Database written = opened(folder / "a.db");
  REQUIRE(written.run("CREATE TABLE t(i INTEGER UNIQUE); INSERT INTO t VALUES(1)").has_value());
  CHECK_FALSE(written.run("INSERT INTO t VALUES(1)").has_value());
  CHECK_FALSE(written.prepare("SELECT nothing FROM t").has_value());
  Database reader = opened(folder / "a.db", Mode::read);
  const auto denied = reader.run("INSERT INTO t VALUES(2)");
  REQUIRE_FALSE(denied.has_value());
  CHECK(denied.error().kind == ErrorKind::denied);

  REQUIRE(written.run("PRAGMA max_page_count = 4").has_value());
  const auto full = written.run("CREATE TABLE u(b BLOB); INSERT INTO u VALUES(zeroblob(100000))");
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().kind == ErrorKind::exhausted);
  CHECK_FALSE(full.error().remedy.empty());
}
