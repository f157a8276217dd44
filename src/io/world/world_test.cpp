#include "io/world/world.hpp"

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/handover.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::world;

namespace {

struct Ping final : Timer {
  explicit Ping(std::vector<Instant>& seen, const Clock& local) : fired(seen), clock(local) {}
  void on_timer() override { fired.push_back(clock.now()); }
  std::vector<Instant>& fired;
  const Clock& clock;
};

}  // namespace

TEST_CASE(
    "jobs of one thread run in the order they were posted, at the same virtual time, never inside post") {
  World world(1);
  Node& node = world.add_node("gateway");
  std::vector<int> order;
  node.executor().post([&] {
    order.push_back(1);
    node.executor().post([&] { order.push_back(3); });
    CHECK(order.size() == 1);
  });
  node.executor().post([&] { order.push_back(2); });
  CHECK(order.empty());
  world.run_for(1s);
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(world.now() == Instant(1s));
  CHECK(world.events() == 3);
}

TEST_CASE(
    "a job for another thread comes a little later, in order for each sender, and seeds mix the senders") {
  const auto interleaving = [](std::uint64_t seed) {
    World world(seed);
    Node& node = world.add_node("gateway");
    Executor& core = node.add_executor("core");
    std::string arrived;
    for (const char thread : {'a', 'b'}) {
      Executor& sender = node.add_executor(std::string(1, thread));
      sender.post([&core, &arrived, thread] {
        for (int i = 0; i < 5; ++i) {
          core.post([&arrived, thread, i] {
            arrived += thread;
            arrived += static_cast<char>('0' + i);
          });
        }
      });
    }
    world.run_for(1s);
    CHECK(arrived.size() == 20);
    std::string a;
    for (std::size_t i = 0; i < arrived.size(); i += 2) {
      if (arrived[i] == 'a') a += arrived[i + 1];
    }
    CHECK(a == "01234");
    return arrived;
  };
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    seen.insert(interleaving(seed));
  CHECK(seen.size() > 3);
  CHECK(interleaving(7) == interleaving(7));
}

TEST_CASE("a handover between two threads of a node loses and reorders nothing") {
  World world(3);
  Node& node = world.add_node("gateway");
  SimulatedExecutor& field = node.add_executor("field");
  CHECK(&node.add_executor("field") == &field);
  std::vector<int> seen;
  Handover<int>* queue = nullptr;
  Handover<int> handover(1000, node.executor(),
                         [&] { queue->drain([&](int& item) { seen.push_back(item); }); });
  queue = &handover;
  TaskGroup group(field);
  auto produce = [&]() -> Task<void> {
    for (int i = 0; i < 500; ++i) {
      int item = i;
      CHECK(handover.push(item));
      co_await sleep_for(field, 10us);
    }
  };
  group.spawn(produce());
  world.run_for(1s);
  CHECK(seen.size() == 500);
  CHECK(std::ranges::is_sorted(seen));
}

TEST_CASE("timers fire at their time on the node's clock, and a fast clock is early") {
  World world(1);
  Node& node = world.add_node("gateway");
  std::vector<Instant> fired;
  Ping first(fired, node.clock());
  Ping second(fired, node.clock());
  Ping never_fires(fired, node.clock());
  node.executor().arm(second, Instant(2s));
  node.executor().arm(first, Instant(1s));
  node.executor().arm(never_fires, never);
  world.run_for(1500ms);
  CHECK(fired == std::vector<Instant>{Instant(1s)});

  node.set_drift_ppm(100'000);  // the half second left takes 454.5 ms
  world.run_for(455ms);
  REQUIRE(fired.size() == 2);
  CHECK(fired[1] >= Instant(2s));
  CHECK(fired[1] < Instant(2s) + 2ns);
  CHECK_FALSE(first.armed());
  never_fires.disarm();
}

TEST_CASE("deadlines that come and are disarmed leave no heap of wake-ups behind") {
  World world(1);
  Node& node = world.add_node("gateway");
  std::vector<Instant> fired;
  Ping timeout(fired, node.clock());
  TaskGroup group(node.executor());
  auto poll = [&]() -> Task<void> {
    for (int i = 0; i < 1000; ++i) {
      node.executor().arm(timeout, node.executor().now() + 1s);
      co_await sleep_for(node.executor(), 10ms);
      timeout.disarm();
    }
  };
  group.spawn(poll());
  world.run_for(1min);
  CHECK(fired.empty());
  CHECK(group.running() == 0);
  CHECK(world.events() < 1030);
}

TEST_CASE("the clocks of nodes drift apart, and a step of the wall clock moves no deadline") {
  World world(1);
  Node& right = world.add_node("right");
  Node& fast = world.add_node("fast");
  fast.set_drift_ppm(50);
  world.run_for(10'000s);
  CHECK(right.clock().now() == Instant(10'000s));
  CHECK(fast.clock().now() == Instant(10'000s + 500ms));
  fast.set_drift_ppm(-50);
  world.run_for(20'000s);
  CHECK(fast.clock().now() == Instant(30'000s - 500ms));

  const WallTime before = right.clock().wall_now();
  std::vector<Instant> fired;
  Ping timer(fired, right.clock());
  right.executor().arm(timer, right.clock().now() + 5s);
  right.clock().step_wall(-1h);
  CHECK(right.clock().wall_now() == before - 1h);
  world.run_for(6s);
  CHECK(fired == std::vector<Instant>{Instant(30'005s)});
}

TEST_CASE("components draw from generators of their own") {
  const World world(42);
  SeededRandom a = world.random("a");
  SeededRandom b = world.random("b");
  SeededRandom a_again = world.random("a");
  SeededRandom other_seed(43, "a");
  const std::uint64_t first = a.next();
  CHECK(first != b.next());
  CHECK(first == a_again.next());
  CHECK(first != other_seed.next());

  double sum = 0;
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) {
    sum += a.unit();
    hits += a.chance(0.1) ? 1 : 0;
    const Duration d = a.between(3ns, 5ns);
    CHECK((d >= 3ns && d <= 5ns));
  }
  CHECK(sum / 10'000 == doctest::Approx(0.5).epsilon(0.02));
  CHECK(hits > 850);
  CHECK(hits < 1150);
}

TEST_CASE("a killed node is silent: no job, no timer, until it is buried or restarted") {
  World world(1);
  Node& node = world.add_node("gateway");
  int ran = 0;
  std::vector<Instant> fired;
  Ping timer(fired, node.clock());
  for (int i = 0; i < 9; ++i) {
    node.executor().post([&ran, i] {
      CHECK(ran == i);
      ++ran;
    });
    world.at(Instant(5s), [] {});
  }
  node.executor().arm(timer, Instant(20s));
  node.kill(Death::power_cut);
  node.executor().post([&] { ++ran; });
  world.run_for(10s);
  CHECK(ran == 0);
  CHECK(fired.empty());

  SUBCASE("buried, its code comes to its end outside of virtual time") {
    node.bury();
    CHECK(ran == 10);
    CHECK(fired.size() == 1);
    CHECK(world.now() == Instant(10s));
    node.set_drift_ppm(10);
    node.restart();
    CHECK(node.clock().now() == Instant(10s));
  }
  SUBCASE("restarted, what was left of it is dropped") {
    node.restart();
    CHECK_FALSE(timer.armed());
    world.run_for(10s);
    CHECK(ran == 0);
    CHECK(fired.empty());
    node.executor().post([&] { ++ran; });
    world.run_for(1s);
    CHECK(ran == 1);
  }
}

TEST_CASE("a bury that would go on for ever says so") {
  World world(1);
  Node& node = world.add_node("gateway");
  CHECK_THROWS_AS(node.bury(), std::logic_error);
  CHECK_THROWS_AS(node.restart(), std::logic_error);
  std::function<void()> again = [&] { node.executor().post([&] { again(); }); };
  again();
  node.kill(Death::crash);
  CHECK_THROWS_WITH_AS(node.bury(), doctest::Contains("tell it to stop"), std::logic_error);
}

TEST_CASE("coroutines of a killed node that were told to stop free themselves when it is buried") {
  World world(1);
  Node& node = world.add_node("gateway");
  auto group = std::make_unique<TaskGroup>(node.executor());
  auto stop = std::make_unique<Signal>(node.executor());
  int rounds = 0;
  auto serve = [&]() -> Task<void> {
    while (co_await stop->wait_until(node.executor().now() + 100ms) != Wake::closed)
      ++rounds;
    co_await sleep_for(node.executor(), 1h);
  };
  group->spawn(serve());
  world.run_for(1s);
  CHECK(rounds == 10);
  node.kill(Death::crash);
  stop->close();
  node.bury();
  CHECK(group->running() == 0);
  group.reset();
  stop.reset();
  node.restart();
  CHECK(node.clock().now() == Instant(1s));
  world.run_for(1s);
  CHECK(rounds == 10);
}

TEST_CASE("run_until_holds stops at the event that makes it true") {
  World world(1);
  bool done = false;
  world.at(Instant(3s), [&] { done = true; });
  world.at(Instant(9s), [] {});
  CHECK_FALSE(world.run_until_holds([&] { return done; }, 2s));
  CHECK(world.now() == Instant(2s));
  CHECK(world.run_until_holds([&] { return done; }, 2s));
  CHECK(world.now() == Instant(3s));
  CHECK_FALSE(world.idle());
  CHECK(world.step());
  CHECK_FALSE(world.step());
}

TEST_CASE("what still waits in the world is destroyed with it") {
  std::weak_ptr<int> owned;
  {
    World world(1);
    Node& node = world.add_node("gateway");
    auto object = std::make_shared<int>(7);
    owned = object;
    node.executor().post([object] {});
    world.at(Instant(1s), [object] {});
  }
  CHECK(owned.expired());
}
