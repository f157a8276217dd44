#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "io/endpoint.hpp"
#include "io/handover.hpp"
#include "io/signal.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/pipe.hpp"

using namespace iw;
using namespace iw::io;
using testing::ManualExecutor;

namespace {

Task<int> add(int a, int b) { co_return a + b; }

Task<int> add_three(int a, int b, int c) {
  const int sum = co_await add(a, b);
  co_return co_await add(sum, c);
}

}  // namespace

TEST_CASE("tasks return their values to their awaiters") {
  ManualExecutor executor;
  TaskGroup group(executor);
  int result = 0;
  auto main = [&]() -> Task<void> { result = co_await add_three(1, 2, 3); };
  group.spawn(main());
  CHECK(result == 6);
  CHECK(group.running() == 0);
}

TEST_CASE("an exception in a task reaches its awaiter") {
  ManualExecutor executor;
  TaskGroup group(executor);
  bool caught = false;
  auto thrower = []() -> Task<void> {
    throw std::runtime_error("broken invariant");
    co_return;
  };
  auto main = [&]() -> Task<void> {
    try {
      co_await thrower();
    } catch (const std::runtime_error&) {
      caught = true;
    }
  };
  group.spawn(main());
  CHECK(caught);
}

TEST_CASE("sleepers wake in the order of their deadlines, each at its own time") {
  ManualExecutor executor;
  TaskGroup group(executor);
  std::vector<std::pair<int, Duration>> woken;
  auto sleeper = [&](int id, Duration after) -> Task<void> {
    co_await sleep_for(executor, after);
    woken.emplace_back(id, executor.now().time_since_epoch());
  };
  group.spawn(sleeper(1, 30ms));
  group.spawn(sleeper(2, 10ms));
  group.spawn(sleeper(3, 10ms));
  executor.advance(20ms);
  CHECK(woken == std::vector<std::pair<int, Duration>>{{2, 10ms}, {3, 10ms}});
  executor.advance(20ms);
  CHECK(woken.size() == 3);
  CHECK(group.running() == 0);
}

TEST_CASE("a timer can be moved and disarmed, wherever it stands in the heap") {
  struct Counting final : Timer {
    int fired = 0;
    void on_timer() override { ++fired; }
  };
  TimerQueue queue;
  std::array<Counting, 20> timers;
  for (std::size_t i = 0; i < timers.size(); ++i)
    queue.arm(timers[i], Instant(std::chrono::milliseconds(i * 7 % 20)));
  queue.arm(timers[3], Instant(100ms));
  timers[4].disarm();
  for (Instant t{}; t <= Instant(20ms); t += 1ms) {
    while (queue.fire_one(t)) {
      CHECK(queue.next() >= t);
    }
  }
  for (std::size_t i = 0; i < timers.size(); ++i)
    CHECK(timers[i].fired == (i == 3 || i == 4 ? 0 : 1));
  CHECK(queue.next() == Instant(100ms));
  timers[3].disarm();
  CHECK(queue.next() == never);
}

TEST_CASE("timers that are moved to and fro fire as if each had been armed once, in the order of arming") {
  struct Noting final : Timer {
    std::vector<std::pair<int, Instant>>* fired = nullptr;
    int number = 0;
    void on_timer() override { fired->emplace_back(number, deadline()); }
  };
  std::uint64_t state = 7;
  const auto draw = [&](std::uint64_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's generator
    return static_cast<int>((state >> 33U) % below);
  };
  for (int round = 0; round < 200; ++round) {
    TimerQueue queue;
    std::vector<std::pair<int, Instant>> fired;
    std::vector<std::unique_ptr<Noting>> timers;
    for (int i = 0; i < 12; ++i) {
      timers.push_back(std::make_unique<Noting>());
      timers.back()->fired = &fired;
      timers.back()->number = i;
    }
    std::vector<std::tuple<Instant, int, int>> wanted;  // deadline, step of arming, timer
    for (int step = 0; step < 60; ++step) {
      const int i = draw(12);
      std::erase_if(wanted, [&](const auto& one) { return std::get<2>(one) == i; });
      if (draw(5) == 0) {
        timers[static_cast<std::size_t>(i)]->disarm();
        continue;
      }
      const Instant at(std::chrono::milliseconds(draw(10)));
      queue.arm(*timers[static_cast<std::size_t>(i)], at);
      wanted.emplace_back(at, step, i);
    }
    std::ranges::sort(wanted);
    for (const auto& [at, step, i] : wanted) {
      if (round % 2 == 0) CHECK(queue.next() == at);  // which puts the heap right
      CHECK(queue.none_before() <= at);
      CHECK_FALSE(queue.fire_one(at - 1ns));
      CHECK(queue.fire_one(at));
      CHECK(fired.back() == std::pair(i, at));
    }
    CHECK(queue.next() == never);
    CHECK_FALSE(queue.fire_one(Instant(1h)));
  }
}

TEST_CASE("a signal set before anybody waits is not lost, and wakes once") {
  ManualExecutor executor;
  TaskGroup group(executor);
  Signal signal(executor);
  std::vector<Wake> wakes;
  auto waiter = [&]() -> Task<void> {
    wakes.push_back(co_await signal.wait_until(Instant(10ms)));
    wakes.push_back(co_await signal.wait_until(Instant(10ms)));
    wakes.push_back(co_await signal.wait());
    wakes.push_back(co_await signal.wait());
  };
  signal.set();
  signal.set();
  group.spawn(waiter());
  executor.advance(10ms);
  signal.set();
  signal.close();
  CHECK(wakes == std::vector<Wake>{Wake::set, Wake::deadline, Wake::set, Wake::closed});
  CHECK(group.running() == 0);
}

TEST_CASE("a group lets its owner wait for all tasks") {
  ManualExecutor executor;
  TaskGroup group(executor);
  TaskGroup owner(executor);
  bool joined = false;
  auto sleeper = [&](Duration after) -> Task<void> { co_await sleep_for(executor, after); };
  auto own = [&]() -> Task<void> {
    co_await group.join();
    joined = true;
  };
  group.spawn(sleeper(5ms));
  group.spawn(sleeper(9ms));
  owner.spawn(own());
  executor.advance(8ms);
  CHECK_FALSE(joined);
  executor.advance(1ms);
  CHECK(joined);
}

TEST_CASE("a pipe carries bytes both ways, in dribbles when told to, and says how it ended") {
  ManualExecutor executor;
  TaskGroup group(executor);
  auto [a, b] = testing::make_pipe(executor);
  b->limit_reads(2);
  std::vector<std::size_t> sizes;
  std::optional<ErrorKind> end;
  auto reader = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    for (;;) {
      auto n = co_await b->read_some(buffer);
      if (!n) {
        end = n.error().kind;
        co_return;
      }
      sizes.push_back(*n);
    }
  };
  auto writer = [&]() -> Task<void> {
    const auto bytes = parse_hex("01 02 03 04 05").value();
    CHECK((co_await a->write(bytes)).has_value());
  };
  group.spawn(reader());
  group.spawn(writer());
  executor.run();
  CHECK(sizes == std::vector<std::size_t>{2, 2, 1});
  a->close();
  executor.run();
  CHECK(end == ErrorKind::closed);
}

TEST_CASE("closing a stream ends its own read as cancelled, after the call") {
  ManualExecutor executor;
  TaskGroup group(executor);
  auto [a, b] = testing::make_pipe(executor);
  std::optional<ErrorKind> end;
  auto reader = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    auto n = co_await a->read_some(buffer);
    end = n.error().kind;
  };
  group.spawn(reader());
  a->close();
  CHECK_FALSE(end.has_value());
  executor.run();
  CHECK(end == ErrorKind::cancelled);
}

TEST_CASE(
    "a handover keeps order, swaps storage, drops when full and wakes at once, then once a millisecond") {
  ManualExecutor consumer;
  std::vector<int> seen;
  int wakes = 0;
  Handover<std::vector<int>>* queue = nullptr;
  Handover<std::vector<int>> handover(3, consumer, [&] {
    ++wakes;
    queue->drain([&](std::vector<int>& item) { seen.push_back(item.at(0)); });
  });
  queue = &handover;
  for (int i = 0; i < 5; ++i) {
    std::vector<int> item{i};
    CHECK(handover.push(item) == (i < 3));
  }
  CHECK(handover.dropped() == 2);
  consumer.run();
  CHECK(seen == std::vector<int>{0, 1, 2});
  CHECK(wakes == 1);
  std::vector<int> item{7};
  CHECK(handover.push(item));
  CHECK(item.capacity() > 0);  // the storage of an earlier item came back
  consumer.run();
  CHECK(seen.back() == 2);
  consumer.advance(1ms);
  CHECK(seen.back() == 7);
  CHECK(wakes == 2);
  consumer.advance(1s);
  item = {8};
  CHECK(handover.push(item));
  consumer.run();
  CHECK(seen.back() == 8);
}

TEST_CASE("endpoints are read as people write them") {
  CHECK(parse_endpoint("meter.lan:1502", 502).value() == Endpoint{"meter.lan", 1502});
  CHECK(parse_endpoint("192.0.2.7", 502).value() == Endpoint{"192.0.2.7", 502});
  CHECK(parse_endpoint("[2001:db8::1]:802", 502).value() == Endpoint{"2001:db8::1", 802});
  CHECK(to_string(Endpoint{"2001:db8::1", 802}) == "[2001:db8::1]:802");
  for (const char* wrong :
       {"", ":502", "host:", "host:0", "host:65536", "host:5x2", "2001:db8::1", "[::1", "[::1]x"}) {
    CAPTURE(wrong);
    CHECK(parse_endpoint(wrong, 502).error().kind == ErrorKind::invalid_argument);
  }
}
