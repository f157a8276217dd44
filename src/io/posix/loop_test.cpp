#include "io/posix/loop.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <vector>

#include <doctest/doctest.h>

#include "io/handover.hpp"
#include "io/posix/loop_test.hpp"
#include "io/posix/random.hpp"
#include "io/posix/signals.hpp"
#include "io/posix/thread.hpp"
#include "io/sleep.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::posix;

TEST_CASE("jobs run in the order in which they were posted, never inside the call that posts") {
  EpollLoop loop;
  std::vector<int> order;
  loop.post([&] {
    loop.post([&] {
      order.push_back(3);
      loop.stop();
    });
    order.push_back(1);
  });
  loop.post([&] { order.push_back(2); });
  CHECK(order.empty());
  loop.run_for(5s);
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("timers fire in the order of their deadlines, not early, and promptly") {
  EpollLoop loop;
  std::vector<int> order;
  Duration latest{};
  auto sleeper = [&](int id, Duration after) -> Task<void> {
    const Instant deadline = loop.now() + after;
    co_await sleep_until(loop, deadline);
    CHECK(loop.now() >= deadline);
    latest = std::max(latest, loop.now() - deadline);
    order.push_back(id);
  };
  run(loop, sleeper(3, 30ms), sleeper(1, 5ms), sleeper(2, 12ms));
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(latest < 1s);  // generous: the machine that runs this test may be busy
}

TEST_CASE("a loop ends after the time that it was given, and can run again") {
  EpollLoop loop;
  const Instant start = loop.now();
  loop.run_for(10ms);
  CHECK(loop.now() - start >= 10ms);
  bool ran = false;
  loop.post([&] { ran = true; });
  loop.run_for(1ms);
  CHECK(ran);
}

TEST_CASE("stop() before run() is not lost") {
  EpollLoop loop;
  loop.stop();
  loop.run();
}

TEST_CASE("what a loop never ran is destroyed with it, even when that posts again") {
  struct Farewell {
    explicit Farewell(Executor& on) : executor(on) {}
    Farewell(const Farewell&) = delete;
    Farewell& operator=(const Farewell&) = delete;
    ~Farewell() {
      executor.post([] {});
    }
    Executor& executor;
  };
  EpollLoop loop;
  loop.post([farewell = std::make_unique<Farewell>(loop)] {});
}

TEST_CASE("jobs from another thread arrive, all and in order") {
  constexpr int jobs = 20'000;
  LoopThread thread("iw-test");
  std::vector<int> seen;
  std::atomic<bool> done{false};
  for (int i = 0; i < jobs; ++i) {
    thread.executor().post([&seen, i] { seen.push_back(i); });
  }
  thread.executor().post([&done] {
    done = true;
    done.notify_one();
  });
  done.wait(false);
  REQUIRE(seen.size() == jobs);
  CHECK(std::ranges::is_sorted(seen));
}

TEST_CASE("a handover carries batches from loop to loop without losing any that it took") {
  constexpr int batches = 50'000;
  EpollLoop consumer;
  int received = 0;
  int last = -1;
  bool in_order = true;
  Handover<std::vector<int>>* queue = nullptr;
  Handover<std::vector<int>> handover(64, consumer, [&] {
    queue->drain([&](const std::vector<int>& batch) {
      in_order = in_order && batch.at(0) > last;
      last = batch.at(0);
      ++received;
    });
    if (last == batches - 1) consumer.stop();
  });
  queue = &handover;
  int taken = 0;
  {
    LoopThread producer("iw-producer");
    producer.executor().post([&] {
      for (int i = 0; i < batches; ++i) {
        std::vector<int> batch{i};
        bool pushed = handover.push(batch);
        // The last one ends the test, so it must arrive.
        while (!pushed && i == batches - 1)
          pushed = handover.push(batch);
        if (pushed) ++taken;
      }
    });
    consumer.run_for(20s);
  }
  CHECK(in_order);
  CHECK(last == batches - 1);
  CHECK(received == taken);
}

TEST_CASE("signals are calls on the loop") {
  EpollLoop loop;
  std::vector<int> seen;
  const Signals signals(loop, [&](int number) {
    seen.push_back(number);
    if (number == SIGTERM) loop.stop();
  });
  kill(getpid(), SIGHUP);
  loop.post([] { kill(getpid(), SIGTERM); });
  loop.run_for(5s);
  std::ranges::sort(seen);  // both may be pending at once, and then the kernel chooses
  CHECK(seen == std::vector<int>{SIGHUP, SIGTERM});
}

TEST_CASE("the wall clock says UTC of this century") {
  const SystemClock clock;
  CHECK(clock.wall_now() > WallTime(std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}));
  CHECK(clock.wall_now() < WallTime(std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}));
}

TEST_CASE("chance differs from call to call") {
  OsRandom random;
  CHECK(random.next() != random.next());
  for (int i = 0; i < 100; ++i)
    CHECK(random.below(6) < 6);
}
