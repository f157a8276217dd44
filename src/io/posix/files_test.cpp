#include "io/posix/files.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::io::posix;
using iw::io::testing::TemporaryFolder;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a part of a file is what stands there, and less only at its end") {
  const TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.replace(folder / "file", "0123456789", 0640));
  CHECK(files.read_part(folder / "file", 0, 4).value() == "0123");
  CHECK(files.read_part(folder / "file", 4, 4).value() == "4567");
  CHECK(files.read_part(folder / "file", 8, 4).value() == "89");
  CHECK(files.read_part(folder / "file", 10, 4).value().empty());
  CHECK(files.read_part(folder / "file", 99, 4).value().empty());
  CHECK(files.read_part(folder / "none", 0, 4).error().kind == ErrorKind::not_found);
}

TEST_CASE("replace leaves the whole new content, the wanted mode and nothing else in the folder") {
  const TemporaryFolder folder;
  PosixFiles files;
  const std::string path = folder / "state.json";
  const mode_t umask_before = umask(077);
  CHECK(files.replace(path, "old", 0644).has_value());
  umask(umask_before);
  CHECK(mode_of(path) == 0644);  // whatever the umask
  CHECK(files.replace(path, std::string(300'000, 'x'), 0600).has_value());
  CHECK(mode_of(path) == 0600);
  CHECK(files.read(path).value() == std::string(300'000, 'x'));
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"state.json"});
}

TEST_CASE("a replace that fails leaves the old content and no temporary file") {
  const TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "taken/inside").has_value());
  CHECK_FALSE(
      files.replace(folder / "taken", "x", 0644).has_value());  // a folder is in the way of the rename
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"taken"});
  const auto nowhere = files.replace(folder / "no/such/folder", "x", 0644);
  CHECK(nowhere.error().kind == ErrorKind::not_found);
  CHECK(nowhere.error().message.contains("no/such/folder"));
}

TEST_CASE("a secret is read only from a file that nobody else can read") {
  const TemporaryFolder folder;
  PosixFiles files;
  const std::string key = folder / "key.pem";
  REQUIRE(files.replace(key, "secret", 0600).has_value());
  CHECK(files.read_secret(key).value() == "secret");
  REQUIRE(chmod(key.c_str(), 0400) == 0);
  CHECK(files.read_secret(key).has_value());

  for (const mode_t mode : {0640U, 0604U, 0610U}) {
    REQUIRE(chmod(key.c_str(), mode) == 0);
    const auto open = files.read_secret(key);
    REQUIRE_FALSE(open.has_value());
    CHECK(open.error().kind == ErrorKind::denied);
    CHECK(open.error().remedy == "chmod 600 " + key);
  }
  REQUIRE(chmod(key.c_str(), 0600) == 0);
  const std::string link = folder / "link.pem";
  std::filesystem::create_symlink(key, link);
  CHECK(files.read_secret(link).error().kind == ErrorKind::denied);
  CHECK(files.read_secret(folder.path()).error().kind == ErrorKind::denied);
  const std::string fifo = folder / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(files.read_secret(fifo).error().kind == ErrorKind::denied);
  CHECK(files.read_secret(folder / "missing").error().kind == ErrorKind::not_found);
  if (geteuid() == 0) {
    REQUIRE(chown(key.c_str(), 12345, 12345) == 0);
    CHECK(files.read_secret(key).error().remedy == fmt::format("chown 0 {}", key));
  }
}

TEST_CASE("folders are made with their parents, listed in order, and files removed") {
  const TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "a/b/c").has_value());
  CHECK(files.make_folder(folder / "a/b/c").has_value());  // is there already
  CHECK(mode_of(folder / "a/b/c") == 0755);
  for (const char* name : {"a/10", "a/2", "a/z"})
    REQUIRE(files.replace(folder / name, "", 0644).has_value());
  CHECK(files.list(folder / "a").value() == std::vector<std::string>{"10", "2", "b", "z"});
  CHECK(files.remove(folder / "a/2").has_value());
  CHECK(files.list(folder / "a").value() == std::vector<std::string>{"10", "b", "z"});
  CHECK(files.remove(folder / "a/2").error().kind == ErrorKind::not_found);
  CHECK(files.list(folder / "nowhere").error().kind == ErrorKind::not_found);
  CHECK_FALSE(files.make_folder(folder / "a/z/under-a-file").has_value());
}

TEST_CASE("a file without end is not read into memory") {
  PosixFiles files;
  CHECK(files.read("/dev/zero").error().kind == ErrorKind::exhausted);
  CHECK(files.read("/").error().kind == ErrorKind::io);
}

TEST_CASE("a created file grows and is not created twice") {
  const TemporaryFolder folder;
  PosixFiles files;
  auto file = files.create(folder / "log", 0600);
  REQUIRE(file);
  const std::string text = "abc";
  CHECK((*file)->append(std::as_bytes(std::span(text))));
  CHECK((*file)->append(std::as_bytes(std::span(text))));
  CHECK((*file)->sync());
  CHECK(files.read(folder / "log").value() == "abcabc");
  CHECK(mode_of(folder / "log") == 0600);
  CHECK(files.create(folder / "log", 0600).error().kind == iw::ErrorKind::busy);
  CHECK(files.create(folder / "none/log", 0600).error().kind == iw::ErrorKind::not_found);
}
