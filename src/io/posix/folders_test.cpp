#include "io/posix/folders.hpp"

#include <csignal>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/posix/file_lock.hpp"
#include "io/posix/files.hpp"
#include "io/testing/temporary_folder.hpp"

using namespace iw;
using namespace iw::io::posix;
using iw::io::testing::TemporaryFolder;

TEST_CASE("a folder is put in place as a whole, over an empty one too, and never over another") {
  const TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "new/deep"));
  REQUIRE(files.replace(folder / "new/deep/file", "content", 0640));
  REQUIRE(files.make_folder(folder / "empty"));
  REQUIRE(put_in_place(folder / "new", folder / "empty"));
  CHECK_FALSE(exists(folder / "new"));
  CHECK(files.read(folder / "empty/deep/file").value() == "content");

  REQUIRE(files.make_folder(folder / "other"));
  const auto refused = put_in_place(folder / "other", folder / "empty");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::busy);
  CHECK(exists(folder / "empty/deep/file"));
  REQUIRE(files.replace(folder / "file", "", 0640));
  CHECK_FALSE(put_in_place(folder / "other", folder / "file").has_value());
}

TEST_CASE("a folder goes with all that is in it; one that is not there is gone already") {
  const TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "a/b"));
  REQUIRE(files.replace(folder / "a/b/file", "content", 0640));
  CHECK(remove_folder(folder / "a"));
  CHECK_FALSE(exists(folder / "a"));
  CHECK(remove_folder(folder / "a"));
}

TEST_CASE("a lock belongs to one, whose number is told, and is free when it goes") {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  CHECK_FALSE(FileLock::is_taken(path));
  {
    const auto first = FileLock::take(path);
    REQUIRE(first);
    CHECK(FileLock::is_taken(path));
    const auto second = FileLock::take(path);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().kind == ErrorKind::busy);
    CHECK(second.error().message.find(std::to_string(getpid())) != std::string::npos);
  }
  CHECK_FALSE(FileLock::is_taken(path));
  CHECK(FileLock::take(path).has_value());
}

TEST_CASE("a lock is free when its process is killed") {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = FileLock::take(path);
    kill(getpid(), lock ? SIGKILL : SIGTERM);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WTERMSIG(status) == SIGKILL);
  CHECK(FileLock::take(path).has_value());
}
