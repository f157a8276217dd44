#include "events/event_log.hpp"

#include <array>
#include <optional>

#include <doctest/doctest.h>

#include "events/testing.hpp"

namespace iw::events {
namespace {

using bus::DeviceState;
using model::Detail;
using model::DeviceId;
using model::Quality;
using model::Validity;
using testing::at;

constexpr DeviceId inverter(3);
constexpr Quality bad = Quality(Validity::invalid).with(Detail::failure);
constexpr Quality silent = bad.with(Detail::no_connection);
const model::Mrid site_mrid = model::derive({}, "site");

struct Bench {
  explicit Bench(Before before = {}) {
    REQUIRE(site.add_device(inverter, "inverter 1", {{"", {.name = "roof"}}}).has_value());
    log.emplace(site,
                EventLogSettings{.limits = {{.path = "roof/ActivePower", .limits = {.high = 5000}},
                                            {.path = "roof/DcPower.string9", .limits = {.low = 10}}}},
                std::move(before), at(0s));
  }

  // ActivePower and the DC powers of this many strings.
  void describe(int strings) {
    model::DeviceDescription description{.device = inverter, .name = "inverter 1"};
    description.points.push_back({.name = {.quantity = model::Quantity::ActivePower}});
    for (int i = 1; i <= strings; ++i) {
      description.points.push_back(
          {.name = {.quantity = model::Quantity::DcPower, .component = "string" + std::to_string(i)}});
    }
    REQUIRE(site.describe(std::move(description)).has_value());
    log->described(inverter, at(now));
  }
  void state(DeviceState to) {
    now += 1s;
    log->take(
        {.device = inverter, .time = at(now).wall, .state = to, .reason = "no answer", .remedy = "look"},
        at(now));
  }
  void give(std::uint16_t first, std::uint16_t last, Quality quality, double value = 100) {
    now += 1s;
    model::SampleBatch batch;
    batch.device = inverter;
    batch.source_time = at(now).wall;
    batch.received = at(now).instant;
    for (std::uint16_t i = first; i <= last; ++i)
      batch.add(i, value, quality);
    log->take(batch);
  }
  Event change() {
    auto changes = log->take_changes();
    REQUIRE(changes.size() == 1);
    return changes.front();
  }
  [[nodiscard]] bool quiet() { return log->take_changes().empty(); }

  model::SiteModel site{site_mrid};
  std::optional<EventLog> log;
  Duration now{};
};

TEST_CASE("a device that is lost is one event, whatever becomes of its points") {
  Bench bench;
  bench.describe(20);
  bench.state(DeviceState::online);
  bench.give(0, 20, {});
  CHECK(bench.quiet());

  bench.give(0, 20, silent);
  bench.state(DeviceState::offline);
  bench.give(0, 20, bad);
  const Event lost = bench.change();
  CHECK(lost.kind == Kind::device_lost);
  CHECK(lost.source.device == "inverter 1");
  CHECK(lost.source.asset == "roof");
  CHECK(lost.source.asset_mrid == model::asset_mrid(site_mrid, "roof"));
  CHECK(lost.message == "no answer");
  CHECK(lost.remedy == "look");

  bench.state(DeviceState::online);
  bench.give(0, 20, {});
  const Event back = bench.change();
  CHECK(back.id == lost.id);
  CHECK(back.cleared.has_value());
}

TEST_CASE("a value that turns bad and good again is an event of its point") {
  Bench bench;
  bench.describe(3);
  bench.give(0, 3, {});
  bench.give(2, 2, bad);
  const Event event = bench.change();
  CHECK(event.kind == Kind::quality_bad);
  CHECK(event.source.path == "roof/DcPower.string2");
  CHECK(event.source.point_mrid == *bench.site.mrid({inverter, 2}));
  CHECK(event.message == "invalid: failure");
  bench.give(0, 1, bad);
  CHECK(bench.log->take_changes().size() == 2);
  bench.give(2, 2, {});
  CHECK(bench.change().id == event.id);
}

TEST_CASE("many values that turn bad at once are one event of the device, until the last is good") {
  Bench bench;
  bench.describe(20);
  bench.give(0, 20, {});
  bench.give(1, 20, bad);
  const Event event = bench.change();
  CHECK(event.source.device == "inverter 1");
  CHECK(event.source.path.empty());
  CHECK(event.message.starts_with("20 values at once"));
  bench.give(1, 19, {});
  CHECK(bench.quiet());
  bench.give(20, 20, {});
  CHECK(bench.change().cleared.has_value());
}

TEST_CASE("a violated limit says what, where and by how much") {
  Bench bench;
  bench.describe(1);
  bench.give(0, 0, {}, 4000);
  CHECK(bench.quiet());
  bench.give(0, 0, {}, 6000);
  const Event event = bench.change();
  CHECK(event.kind == Kind::limit_violated);
  CHECK(event.source.path == "roof/ActivePower");
  CHECK(event.value == 6000);
  CHECK(event.limit == 5000);
  CHECK(event.message == "6000 W is above the limit of 5000 W");
  bench.give(0, 0, Quality{}.with(Detail::substituted), 4000);
  CHECK(bench.quiet());
  bench.give(0, 0, {}, 4000);
  CHECK(bench.change().cleared.has_value());
}

TEST_CASE("other limits hold at once, and a violation of one that is gone ends") {
  Bench bench;
  bench.describe(1);
  bench.give(0, 0, {}, 6000);
  const Event event = bench.change();
  bench.log->set_limits({{.path = "roof/DcPower.string1", .limits = {.low = 10}}}, at(bench.now));
  const Event over = bench.change();
  CHECK(over.id == event.id);
  CHECK(over.cleared.has_value());
  bench.give(0, 1, {}, 6000);
  CHECK(bench.quiet());
  bench.give(1, 1, {}, 5);
  CHECK(bench.change().source.path == "roof/DcPower.string1");
}

TEST_CASE("after a restart conditions go on, and end when they have ended meanwhile") {
  Bench before;
  before.describe(9);
  before.give(0, 9, {}, 100);
  before.give(1, 1, bad);
  before.give(0, 0, {}, 6000);
  before.give(9, 9, {}, 5);
  before.log->note(Kind::gateway_stopped, {}, {}, at(before.now));
  std::vector<Event> active;
  before.log->alarms().for_each_active([&](const Event& event) { active.push_back(event); });
  REQUIRE(active.size() == 3);
  active.push_back({.id = EventId(5), .kind = Kind::device_lost, .source = {.device = "gone"}});

  Bench after({.last = EventId(5), .active = active});
  after.log->configured({}, "", at(0s));
  CHECK(after.change().source.device == "gone");

  after.describe(1);  // string 9 is there no more
  CHECK(after.change().source.path == "roof/DcPower.string9");
  after.give(1, 1, bad);
  after.give(0, 0, {}, 6000);
  CHECK(after.quiet());
  after.give(0, 1, {}, 100);
  CHECK(after.log->take_changes().size() == 2);
  CHECK(after.log->alarms().tracked() == 4);
}

TEST_CASE("a removed device takes its conditions with it; what was configured is said") {
  Bench bench;
  bench.describe(2);
  bench.give(0, 2, {});
  bench.give(1, 1, bad);
  bench.state(DeviceState::offline);
  CHECK(bench.log->take_changes().size() == 2);
  bench.state(DeviceState::removed);
  for (const Event& event : bench.log->take_changes())
    CHECK(event.cleared.has_value());
  bench.give(1, 1, {});
  CHECK(bench.quiet());

  const std::array<std::string, 2> words{"added meter", "removed inverter 1"};
  bench.log->configured(words, "ada", at(99s));
  const Event changed = bench.change();
  CHECK(changed.message == "ada: added meter; removed inverter 1");
  CHECK(state_of(changed) == AlarmState::normal);
}

TEST_CASE("events that were lost are themselves an event") {
  model::SiteModel site(site_mrid);
  EventLog log(site, {.alarms = {.most_waiting = 2}}, {}, at(0s));
  for (int i = 0; i < 5; ++i)
    log.note(Kind::gateway_started, {}, {}, at(1s));
  (void)log.take_changes();
  log.tick(at(2s));
  const auto changes = log.take_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == Kind::events_lost);
  CHECK(changes[0].message == "3 records were lost");
  log.tick(at(3s));
  CHECK(log.take_changes().empty());
}

TEST_CASE("the alarms of a device are those that it states: what is not among them any more is over") {
  using Alarm = bus::DeviceAlarm;
  Bench bench;
  bench.describe(1);
  const Alarm hot{.what = "analog-input 7", .message = "too hot"};
  const Alarm full{.what = "analog-input 8", .message = "full"};
  const Alarm twice{.kind = Alarm::Kind::duplicate, .message = "two of them"};
  bench.log->take(bus::DeviceAlarms{.device = inverter, .active = {hot, full}}, at(1s));
  CHECK(bench.log->take_changes().size() == 2);
  bench.log->take(bus::DeviceAlarms{.device = inverter, .active = {full, hot}}, at(2s));
  CHECK(bench.quiet());
  bench.log->take(bus::DeviceAlarms{.device = inverter, .active = {full, twice}}, at(3s));
  const auto changes = bench.log->take_changes();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].kind == Kind::device_alarm);
  CHECK(changes[0].source.path == "analog-input 7");
  CHECK(changes[0].source.asset == "roof");
  CHECK(changes[0].cleared.has_value());
  CHECK(changes[1].kind == Kind::duplicate_device);
  CHECK(changes[1].message == "two of them");
  // Points that are described anew, or gone, have nothing to do with it.
  bench.describe(0);
  CHECK(bench.quiet());
}

TEST_CASE("an alarm of before the start ends when the device states that it has none") {
  std::vector<Event> active;
  {
    Bench before;
    before.describe(1);
    before.log->take(bus::DeviceAlarms{.device = inverter, .active = {{.what = "analog-input 7"}}}, at(1s));
    active = before.log->take_changes();
  }
  REQUIRE(active.size() == 1);
  Bench bench({.last = active.front().id, .active = active});
  bench.describe(1);
  CHECK(bench.quiet());
  bench.log->take(bus::DeviceAlarms{.device = inverter, .active = {}}, at(2s));
  CHECK(bench.change().cleared.has_value());
}

}  // namespace
}  // namespace iw::events
