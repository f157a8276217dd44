#include "bms/state_files.hpp"

#include <doctest/doctest.h>

#include "io/testing/capture_log.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"

using namespace iw;
using bms::StateFiles;

namespace {

struct Bench {
  Bench() { REQUIRE(files.make_folder("data")); }

  io::testing::ManualExecutor core;
  io::testing::ManualExecutor disk;
  io::testing::MemoryFiles files;
  io::testing::CaptureLog log;
  StateFiles state{{.core = core, .blocking = disk}, files, "data", log};

  [[nodiscard]] std::string on_disk(const std::string& name = "bacnet.slots") {
    return files.read("data/" + name).value_or("nothing");
  }
};

}  // namespace

TEST_CASE("what is kept is read again at once, and is on the disk soon") {
  Bench b;
  CHECK(b.state.read("bacnet.slots").error().kind == ErrorKind::not_found);
  b.state.keep("bacnet.slots", "one");
  CHECK(b.state.read("bacnet.slots").value() == "one");
  CHECK(b.on_disk() == "nothing");
  b.disk.run();
  CHECK(b.on_disk() == "one");
}

TEST_CASE("while one text is written the newest of the next ones waits, and the others are never written") {
  Bench b;
  for (const auto* text : {"one", "two", "three"})
    b.state.keep("bacnet.slots", text);
  b.disk.run();
  CHECK(b.on_disk() == "one");
  b.core.run();
  b.disk.run();
  CHECK(b.on_disk() == "three");
  b.core.run();
  b.disk.run();
  b.state.keep("bacnet.slots", "four");
  b.disk.run();
  CHECK(b.on_disk() == "four");
}

TEST_CASE("each file has its own text") {
  Bench b;
  b.state.keep("bacnet.slots", "one");
  b.state.keep("bacnet.alarms", "two");
  b.disk.run();
  CHECK(b.on_disk() == "one");
  CHECK(b.on_disk("bacnet.alarms") == "two");
}
