#include "bus/bus.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "bus/field_feed.hpp"
#include "bus/live_state.hpp"
#include "io/task_group.hpp"
#include "io/testing/manual_executor.hpp"

using namespace iw;
using namespace iw::bus;
using io::testing::ManualExecutor;
using model::Detail;
using model::DeviceId;
using model::PointId;
using model::Quality;
using model::SampleBatch;
using model::Validity;

namespace {

SampleBatch batch_of(double value, Quality quality = {}, WallTime time = {}) {
  SampleBatch batch;
  batch.device = DeviceId(3);
  batch.source_time = time;
  batch.add(1, value, quality);
  return batch;
}

}  // namespace

TEST_CASE("a subscriber gets the batches in order and is woken") {
  ManualExecutor executor;
  io::TaskGroup group(executor);
  Bus bus(executor);
  const auto subscription = bus.subscribe({.capacity = 8});
  std::vector<double> seen;
  auto reader = [&]() -> io::Task<void> {
    SampleBatch batch;
    for (;;) {
      while (subscription->take(batch))
        seen.push_back(batch.value[0]);
      if (co_await subscription->ready().wait() == io::Wake::closed) co_return;
    }
  };
  group.spawn(reader());
  for (int i = 0; i < 3; ++i)
    bus.publish(batch_of(i));
  CHECK(seen == std::vector<double>{0, 1, 2});
  subscription->ready().close();
  CHECK(group.running() == 0);
  CHECK(bus.samples() == 3);
}

TEST_CASE("a slow subscriber loses what its policy says, counted, and nobody else loses anything") {
  ManualExecutor executor;
  Bus bus(executor);
  const auto oldest = bus.subscribe({.capacity = 2, .when_full = WhenFull::drop_oldest});
  const auto newest = bus.subscribe({.capacity = 2, .when_full = WhenFull::drop_newest});
  const auto roomy = bus.subscribe({.capacity = 10});
  for (int i = 0; i < 5; ++i)
    bus.publish(batch_of(i));
  SampleBatch batch;
  CHECK(oldest->take(batch));
  CHECK(batch.value[0] == 3);
  CHECK(oldest->dropped() == 3);
  CHECK(newest->take(batch));
  CHECK(batch.value[0] == 0);
  CHECK(newest->dropped() == 3);
  CHECK(roomy->waiting() == 5);
}

TEST_CASE("a lost device keeps the last number and its time, and the quality says that it is old") {
  LiveState live;
  live.reset(DeviceId(3), 4);
  const PointId point{DeviceId(3), 1};
  CHECK_FALSE(live.value(point).has_value());
  live.apply(batch_of(230.1, {}, WallTime(10s)));
  const Quality old = Quality(Validity::questionable).with(Detail::old_data);
  live.apply(batch_of(0, old, WallTime(20s)));
  CHECK(live.value(point)->value == 230.1);
  CHECK(live.value(point)->source_time == WallTime(10s));
  CHECK(live.value(point)->quality == old);
  live.apply(batch_of(231, {}, WallTime(30s)));
  CHECK(live.value(point)->quality.good());
}

TEST_CASE("points that nobody described are ignored, and a removed device answers nothing") {
  LiveState live;
  live.apply(batch_of(1));
  CHECK_FALSE(live.value({DeviceId(3), 1}).has_value());
  live.reset(DeviceId(3), 2);
  live.apply(batch_of(1));
  CHECK(live.value({DeviceId(3), 1}).has_value());
  live.remove(DeviceId(3));
  CHECK_FALSE(live.value({DeviceId(3), 1}).has_value());
}

TEST_CASE("a field feed hands over notices and batches in their order") {
  ManualExecutor core;
  std::vector<std::string> seen;
  FieldFeed feed(
      core,
      {.on_notice =
           [&](Notice& notice) {
             seen.emplace_back(std::holds_alternative<DeviceEvent>(notice) ? "event" : "description");
           },
       .on_batch = [&](const SampleBatch& batch) { seen.push_back(fmt::format("{}", batch.value[0])); }});
  SampleBatch batch = batch_of(1);
  feed.publish(batch);
  feed.describe({});
  batch = batch_of(2);
  feed.publish(batch);
  feed.report({});
  CHECK(seen.empty());
  core.advance(10ms);
  CHECK(seen == std::vector<std::string>{"1", "description", "2", "event"});
}

TEST_CASE("a full field feed drops batches, and no notice") {
  ManualExecutor core;
  std::vector<std::string> seen;
  FieldFeed feed(core,
                 {.on_notice = [&](Notice&) { seen.emplace_back("notice"); },
                  .on_batch = [&](const SampleBatch& b) { seen.push_back(fmt::format("{}", b.value[0])); }},
                 2);
  for (int i = 1; i <= 3; ++i) {
    SampleBatch batch = batch_of(i);
    feed.publish(batch);
  }
  feed.report({});
  core.advance(10ms);
  CHECK(seen == std::vector<std::string>{"1", "2", "notice"});
  CHECK(feed.dropped() == 2);
}
