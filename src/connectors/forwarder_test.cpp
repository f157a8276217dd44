#include "connectors/forwarder.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "io/task_group.hpp"
#include "io/testing/capture_log.hpp"
#include "io/testing/fixed_random.hpp"
#include "io/testing/manual_executor.hpp"

namespace iw::connectors {
namespace {

using formats::Batch;
using formats::Catalog;

// The other system, as a test wants it.
struct Peer {
  std::optional<Error> answers;  // none: it takes everything
  bool silent = false;           // until it is woken
  std::vector<double> taken;
  std::vector<std::uint32_t> announced;  // versions
  int attempts = 0;
};

class FakeConnector final : public Connector {
 public:
  FakeConnector(io::Executor& executor, Peer& peer) : answer_(executor), peer_(peer) {}

  io::Task<Result<void>> announce(std::shared_ptr<const Catalog> catalog) override {
    peer_.announced.push_back(catalog->version);
    co_return Result<void>{};
  }
  io::Task<Result<void>> deliver(const Batch& batch) override {
    ++peer_.attempts;
    if (peer_.silent && co_await answer_.wait() == io::Wake::closed)
      co_return fail(ErrorKind::cancelled, "closed");
    if (peer_.answers) co_return fail(*peer_.answers);
    peer_.taken.insert(peer_.taken.end(), batch.value.begin(), batch.value.end());
    co_return Result<void>{};
  }
  void close() override { answer_.close(); }

 private:
  io::Signal answer_;
  Peer& peer_;
};

const Error away{ErrorKind::refused, "nobody listens"};

struct World {
  explicit World(ForwarderSettings settings) {
    settings.name = "test";
    forwarder.emplace(Forwarder::Surroundings{.executor = executor, .random = random, .log = log},
                      std::make_unique<FakeConnector>(executor, peer), std::move(settings));
    put_catalog(1);
    tasks.spawn(forwarder->run());
  }
  ~World() {
    forwarder->stop();
    executor.advance(5s);
    CHECK(tasks.running() == 0);
  }

  void put_catalog(std::uint32_t version) {
    auto catalog = std::make_shared<Catalog>();
    catalog->version = version;
    forwarder->put(std::shared_ptr<const Catalog>(catalog));
  }
  void put(double value) {
    Batch batch;
    batch.add(0, 0, value, {});
    forwarder->put(std::move(batch));
  }
  [[nodiscard]] ForwarderStatus status() const { return forwarder->status(); }

  io::testing::ManualExecutor executor;
  io::testing::FixedRandom random;
  io::testing::CaptureLog log;
  Peer peer;
  std::optional<Forwarder> forwarder;
  io::TaskGroup tasks{executor};
};

TEST_CASE("batches are delivered in their order, after their catalogue") {
  World world({});
  world.put(1);
  world.put(2);
  world.put_catalog(2);
  world.put(3);
  CHECK(world.peer.taken == std::vector<double>{1, 2, 3});
  CHECK(world.peer.announced == std::vector<std::uint32_t>{1, 2});
  CHECK(world.status().samples == 3);
  CHECK(world.status().waiting == 0);
}

TEST_CASE("what could not be delivered is tried again after pauses that double, and nothing is lost") {
  World world({.back_off = {.forgiven = 1, .first = 1s, .longest = 4s}});
  world.peer.answers = away;
  world.put(1);
  world.put(2);
  CHECK(world.peer.attempts == 1);
  CHECK(world.status().trouble == away);
  world.executor.advance(1s);
  CHECK(world.peer.attempts == 2);
  world.executor.advance(1s);
  CHECK(world.peer.attempts == 2);
  world.executor.advance(1s);
  CHECK(world.peer.attempts == 3);
  world.peer.answers.reset();
  world.executor.advance(4s);
  CHECK(world.peer.taken == std::vector<double>{1, 2});
  CHECK(world.status().dropped == 0);
  CHECK(!world.status().trouble);
  CHECK(world.peer.announced == std::vector<std::uint32_t>{1, 1, 1, 1});  // it may have forgotten
}

TEST_CASE("a queue that is full gives up its oldest, or takes no more, and counts it") {
  for (const WhenFull when_full : {WhenFull::drop_oldest, WhenFull::drop_newest}) {
    World world({.capacity = 3, .when_full = when_full});
    world.peer.answers = away;
    for (int i = 1; i <= 6; ++i)
      world.put(i);
    CHECK(world.status().waiting == 3);
    CHECK(world.status().dropped == 3);
    world.peer.answers.reset();
    world.executor.advance(10s);
    // The first was in hand all the time.
    CHECK(world.peer.taken ==
          (when_full == WhenFull::drop_oldest ? std::vector<double>{1, 5, 6} : std::vector<double>{1, 2, 3}));
  }
}

TEST_CASE("a batch that the other system will never take is dropped, counted, and the next one goes") {
  World world({});
  world.peer.answers = Error{ErrorKind::rejected, "bad label"};
  world.put(1);
  CHECK(world.status().rejected == 1);
  CHECK(world.status().waiting == 0);
  world.peer.answers.reset();
  world.put(2);
  CHECK(world.peer.taken == std::vector<double>{2});
}

TEST_CASE("trouble is said once, and its end once") {
  World world({});
  world.peer.answers = away;
  world.put(1);
  world.executor.advance(10min);
  CHECK(world.log.count("nobody listens") == 1);
  world.peer.answers.reset();
  world.executor.advance(2min);
  CHECK(world.log.count("all is well again") == 1);
}

TEST_CASE("a peer that never answers does not hold the end up") {
  World world({});
  world.peer.silent = true;
  world.put(1);
  world.put(2);
  world.forwarder->stop();
  CHECK(world.tasks.running() == 1);
  world.executor.advance(1s);
  CHECK(world.tasks.running() == 0);
  CHECK(world.status().dropped == 2);
}

TEST_CASE("what waits is delivered before the end, when the peer takes it") {
  World world({});
  world.peer.answers = away;
  world.put(1);
  world.put(2);
  world.peer.answers.reset();
  world.forwarder->stop();
  CHECK(world.tasks.running() == 0);
}

}  // namespace
}  // namespace iw::connectors
