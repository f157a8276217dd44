#include "protocols/modbus/schedule.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::modbus;

namespace {

constexpr Instant start{100s};

// A device with one block for each address, of which each has its period.
struct Device {
  using Blocks = std::vector<std::pair<std::uint16_t, Duration>>;

  explicit Device(const Blocks& blocks)
      : schedule(map_of(blocks), periods_of(blocks), 0, {.forgiven = 3, .first = 1s, .longest = 60s}, start) {
  }

  static std::shared_ptr<const RegisterMap> map_of(const Blocks& blocks) {
    RegisterMap map;
    for (const auto& [address, period] : blocks) {
      map.points.emplace_back();
      map.points.back().address = address;
    }
    return std::make_shared<const RegisterMap>(std::move(map));
  }
  static std::vector<Duration> periods_of(const Blocks& blocks) {
    std::vector<Duration> periods;
    for (const auto& [address, period] : blocks)
      periods.push_back(period);
    return periods;
  }

  // The next block, sent when it is due; time moves on to then.
  PolledBlock& send() {
    now = std::max(now, schedule.next_due());
    block = schedule.next(now);
    REQUIRE(block);
    schedule.sent(*block, now);
    return *block;
  }
  void answer() { schedule.answered(send(), now); }
  // From this moment until the next block is due.
  [[nodiscard]] Duration wait() const { return schedule.next_due() - now; }

  Schedule schedule;
  Instant now = start;
  PolledBlockPtr block;  // sent last
};

}  // namespace

TEST_CASE("the first read does not wait for a slow rate, then each block has its cadence") {
  Device device({{0, 1h}, {500, 5s}});
  device.answer();
  device.answer();
  CHECK(device.now - start < 1s);
  std::vector<std::uint16_t> order;
  for (int i = 0; i < 3; ++i) {
    device.answer();
    order.push_back(device.block->block.address);
  }
  CHECK(order == std::vector<std::uint16_t>{500, 500, 500});
}

TEST_CASE("what is polled are the blocks of the plan, whatever was refused") {
  RegisterMap map;
  map.limits.max_registers = 8;
  for (std::uint16_t i = 0; i < 4; ++i) {
    map.points.emplace_back();
    map.points.back().address = static_cast<std::uint16_t>(4 * i);
    map.points.back().type = ValueType::u64;
  }
  Schedule schedule(std::make_shared<const RegisterMap>(map), std::vector<Duration>(4, 1s), 0, {}, start);
  Instant now = start;
  for (int i = 0; i < 20; ++i) {
    now = std::max(now, schedule.next_due());
    const PolledBlockPtr block = schedule.next(now);
    REQUIRE(block);
    schedule.sent(*block, now);
    if (block->block.address == 0) {  // the first point is not there
      schedule.refused(*block, now);
    } else {
      schedule.answered(*block, now);
    }
    REQUIRE(schedule.blocks().size() == schedule.plan().blocks().size());
    for (std::size_t at = 0; at < schedule.blocks().size(); ++at)
      CHECK(schedule.blocks()[at]->block == schedule.plan().blocks()[at]);
  }
}

TEST_CASE("a block under way is not asked again, and one that waited too long skips its slots") {
  Device device({{0, 1s}});
  PolledBlock& block = device.send();
  CHECK_FALSE(device.schedule.next(device.now + 1h));
  CHECK(device.schedule.next_due() == never);
  device.schedule.answered(block, device.now);
  device.now += 10s;
  device.answer();
  CHECK(device.schedule.skipped() > 0);
  CHECK(device.wait() > 0ns);
  CHECK(device.wait() <= 1s);
}

TEST_CASE("silence is asked again after a second, then the device is given up and probed with one block") {
  Device device({{0, 1h}, {500, 1h}});
  CHECK_FALSE(device.schedule.silent(device.send(), device.now, 0));
  CHECK_FALSE(device.schedule.silent(device.send(), device.now, 0));
  CHECK(device.schedule.silent(device.send(), device.now, 0));
  CHECK(device.schedule.given_up());
  CHECK(device.wait() == 1s);
  PolledBlock& probe = device.send();
  CHECK(device.schedule.next_due() == never);
  device.schedule.answered(probe, device.now);
  CHECK_FALSE(device.schedule.given_up());
  CHECK(device.wait() == 0ns);  // the other one, at once
}

TEST_CASE("what else is due of a silent device goes behind what others have due") {
  Device device({{0, 1h}, {500, 1h}, {1000, 1h}});
  PolledBlock& silent = device.send();
  device.now += 900ms;
  device.schedule.silent(silent, device.now, 0);
  const PolledBlockPtr next = device.schedule.next(device.now);
  REQUIRE(next);
  CHECK(next.get() != &silent);
  CHECK(next->due() == device.now);
}

TEST_CASE("a device that can not answer now is asked again soon, then ever later, at most after a minute") {
  Device device({{0, 1h}});
  for (int round = 0; round < 2; ++round) {
    std::vector<Duration> waits;
    for (int i = 0; i < 8; ++i) {
      device.schedule.postponed(device.send(), device.now, false, 0);
      waits.push_back(device.wait());
    }
    CHECK(waits == std::vector<Duration>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s});
    device.answer();  // and all is forgotten
    CHECK(device.wait() > 50min);
  }
  CHECK_FALSE(device.schedule.given_up());
}

TEST_CASE("a busy device is asked again almost at once, but only once") {
  Device device({{0, 1h}});
  device.schedule.postponed(device.send(), device.now, true, 0);
  CHECK(device.wait() == 100ms);
  device.schedule.postponed(device.send(), device.now, true, 0);
  CHECK(device.wait() == 2s);
}

TEST_CASE("a device that can not answer now is asked no later than its period says") {
  Device device({{0, 500ms}});
  for (int i = 0; i < 5; ++i) {
    device.schedule.postponed(device.send(), device.now, false, 0);
    CHECK(device.wait() <= 500ms);
  }
}

TEST_CASE("a refused block is halved until the hole is known, and the halves are due at once") {
  Device device({{0, 1h}, {1, 1h}});
  device.schedule.refused(device.send(), device.now);
  CHECK(device.schedule.blocks().size() == 2);
  CHECK(device.wait() == 0ns);
  device.schedule.refused(device.send(), device.now);
  CHECK(device.schedule.plan().missing().size() == 1);
  device.answer();
  CHECK(device.schedule.blocks().size() == 1);
  CHECK(device.wait() > 0ns);
}

TEST_CASE("what was lost with the connection is due at once, whatever its rate") {
  Device device({{0, 1h}, {500, 1h}});
  device.answer();
  device.answer();
  CHECK(device.wait() > 1s);
  device.schedule.lost_all(device.now);
  CHECK(device.wait() == 0ns);
  device.answer();
  device.answer();
  CHECK(device.wait() > 1s);
}
