#include "gateway/disk_watch.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"

namespace iw::gateway {
namespace {

// A disk that is as full as the test wants, looked at once a minute.
struct World {
  World() {
    watch.warn_at(80);
    executor.run();
  }

  // What is told within the minute in which it is so full.
  std::vector<std::string> at(std::uint64_t percent) {
    said.clear();
    full = percent;
    executor.advance(1min);
    return said;
  }

  io::testing::ManualExecutor executor;
  std::optional<std::uint64_t> full;  // percent; none: it can not be seen
  std::vector<std::string> said;
  DiskWatch watch{{.core = executor,
                   .storage = executor,
                   .look = [this]() -> Result<io::posix::DiskSpace> {
                     if (!full) return fail(ErrorKind::io, "the disk is ill");
                     return io::posix::DiskSpace{.size = 1000, .free = 1000 - 10 * *full};
                   },
                   .tell =
                       [this](const std::optional<io::posix::DiskSpace>& space) {
                         said.emplace_back(space ? "full" : "well");
                       }}};
};

using Said = std::vector<std::string>;

}  // namespace

TEST_CASE("a disk is nearly full from the limit on, and no more when it is five percent emptier") {
  World world;
  CHECK(world.at(74) == Said{"well"});
  CHECK(world.at(79).empty());
  CHECK(world.at(80) == Said{"full"});
  CHECK(world.at(100) == Said{"full"});
  CHECK(world.at(75).empty());
  CHECK(world.at(74) == Said{"well"});
}

TEST_CASE("another limit counts at once, and without one no disk is nearly full") {
  World world;
  CHECK(world.at(90) == Said{"full"});
  world.said.clear();
  world.watch.warn_at(95);
  world.executor.run();
  CHECK(world.said.empty());
  world.watch.warn_at(0);
  world.executor.run();
  CHECK(world.said == Said{"well"});
}

TEST_CASE("of a disk that can not be seen nothing is said") {
  World world;
  CHECK(world.at(90) == Said{"full"});
  world.said.clear();
  world.full.reset();
  world.executor.advance(5min);
  CHECK(world.said.empty());
}

}  // namespace iw::gateway
