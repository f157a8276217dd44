#include "io/paced_network.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "io/task_group.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/scripted_network.hpp"

using namespace iw;
using namespace iw::io;

namespace {

const Endpoint device{"192.0.2.7", 502};

// Connections over a paced network of which each is refused, or times out.
struct Site {
  explicit Site(ErrorKind kind) : kind(kind) {}

  void connect(int times) {
    for (int i = 0; i < times; ++i) {
      network.expect_connect(device, Error{kind, "no"});
      tasks.spawn(one());
    }
  }
  Task<void> one() {
    const auto stream = co_await paced.connect(device, executor.now() + 3s);
    ended.push_back({executor.now(), stream.error().kind});
  }

  struct Ended {
    Instant at;
    ErrorKind kind;
  };
  ErrorKind kind;
  testing::ManualExecutor executor;
  testing::ScriptedNetwork network{executor};
  PacedNetwork paced{network, {.at_once = 2, .every = 100ms}};
  std::vector<Ended> ended;
  TaskGroup tasks{executor};
};

}  // namespace

TEST_CASE("some connections are begun at once, the others one after the other") {
  Site site(ErrorKind::refused);
  site.connect(5);
  CHECK(site.network.connects() == 2);
  site.executor.advance(90ms);
  CHECK(site.network.connects() == 2);
  site.executor.advance(20ms);
  CHECK(site.network.connects() == 3);
  site.executor.advance(200ms);
  CHECK(site.network.connects() == 5);
  site.connect(1);
  CHECK(site.network.connects() == 5);
  site.executor.advance(1s);
  site.connect(2);
  CHECK(site.network.connects() == 8);
  site.executor.advance(1s);
  CHECK(site.ended.size() == 8);
  CHECK(site.network.complaints().empty());
}

TEST_CASE("the deadline of a connection counts from its turn") {
  Site site(ErrorKind::timeout);
  site.connect(4);
  site.executor.advance(10s);
  REQUIRE(site.ended.size() == 4);
  CHECK(site.ended[0].at == Instant(3s));
  CHECK(site.ended[3].at == Instant(3200ms));
}

TEST_CASE("at the end nobody waits for a turn") {
  Site site(ErrorKind::refused);
  site.connect(4);
  site.executor.advance(10ms);
  site.paced.stop();
  REQUIRE(site.ended.size() == 4);
  CHECK(site.ended[3].kind == ErrorKind::cancelled);
  CHECK(site.ended[3].at == Instant(10ms));
  site.tasks.spawn(site.one());
  CHECK(site.ended.back().kind == ErrorKind::cancelled);
  CHECK(site.network.connects() == 2);
}
