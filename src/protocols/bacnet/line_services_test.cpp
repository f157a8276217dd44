// What a line does beside polling: alarms, the time, giving back, the past, and what it knows after a
// restart.
#include <array>

#include "base/hex.hpp"
#include "protocols/bacnet/testing/line_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::testing;

namespace {

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

std::size_t alarms(const Bench& b) {
  const auto found = b.feed.alarms.find(plant);
  return found != b.feed.alarms.end() ? found->second.size() : 0;
}

std::size_t told(const Bench& b, UnconfirmedService service) {
  return static_cast<std::size_t>(
      std::ranges::count(b.device.told, service, &UnconfirmedRequestSeen::service));
}

io::Endpoint gateway(const Bench& b) { return {.host = b.node.address(), .port = 47808}; }

}  // namespace

// ---- Alarms

TEST_CASE("an alarm that a device reports is stated until the device says that it is over") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  CHECK(b.feed.statements == 1);  // that there is none, whatever there was before
  b.device.notify_event(ai(2), EventState::high_limit, "too hot", gateway(b));
  b.world.run_for(1s);
  REQUIRE(alarms(b) == 1);
  const bus::DeviceAlarm alarm = b.feed.alarms.at(plant).front();
  CHECK(alarm.what == "analog-input 2");
  CHECK(alarm.message == "ActivePower.feeder-2-power (analog-input 2): high-limit: too hot");
  b.device.notify_event(ai(2), EventState::normal, "", gateway(b));
  b.world.run_for(1s);
  CHECK(alarms(b) == 0);
}

TEST_CASE("a notification from elsewhere, or about another device, is nobody's") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  b.device.instance = 99;
  b.device.notify_event(ai(2), EventState::high_limit, "", gateway(b));
  b.device.instance = 1234;
  io::world::Node& other_node = b.world.add_node("other");
  FakeDevice other{other_node.network(), 1234};
  other.notify_event(ai(2), EventState::high_limit, "", gateway(b));
  b.world.run_for(1s);
  CHECK(alarms(b) == 0);
  other.socket->close();
  b.world.run_for(1s);
}

TEST_CASE("a device is asked which alarms are active, page by page") {
  Bench b;
  for (std::uint32_t i = 1; i <= 5; ++i)
    b.device.alarms[ai(i)] = {i == 3 ? EventState::fault : EventState::low_limit, hex("19 07")};
  b.start();
  b.world.run_for(3s);
  CHECK(alarms(b) == 5);
  CHECK(b.asked(ConfirmedService::get_event_information) == 3);
  b.device.alarms.erase(ai(4));
  b.world.run_for(5min);
  CHECK(alarms(b) == 4);
}

TEST_CASE("a device that does not have the service is not asked") {
  Bench b;
  b.device.has_services({12, 14, 15});
  b.start();
  b.world.run_for(20min);
  CHECK(b.asked(ConfirmedService::get_event_information) == 0);
  CHECK(b.feed.statements == 1);
}

TEST_CASE("what a device that can not be asked has notified stands until it says otherwise") {
  Bench b;
  b.device.misbehaves = [](const ConfirmedRequest& request) -> std::optional<Apdu> {
    if (request.service != ConfirmedService::get_event_information) return std::nullopt;
    return RejectPdu{.invoke_id = request.invoke_id, .reason = RejectReason::unrecognized_service};
  };
  b.start();
  b.world.run_for(3s);
  CHECK(b.feed.statements == 1);
  b.device.notify_event(ai(2), EventState::high_limit, "too hot", gateway(b));
  b.world.run_for(20min);
  CHECK(alarms(b) == 1);
  CHECK(b.asked(ConfirmedService::get_event_information) == 1);
}

TEST_CASE("an acknowledgement repeats the time stamp of the alarm to the bit, and once") {
  Bench b;
  b.device.alarms[ai(1)] = {EventState::high_limit,
                            hex("2E A4 7E 0B 1C 06 B4 0C 22 38 00 2F")};  // date and time
  b.start();
  b.world.run_for(3s);
  b.line->acknowledge(plant, "analog-input 1", "anna");
  b.line->acknowledge(plant, "analog-input 1", "anna");
  b.line->acknowledge(plant, "analog-input 7", "anna");
  b.device.notify_event(ai(2), EventState::offnormal, "", gateway(b));
  b.world.run_for(1s);
  b.line->acknowledge(plant, "analog-input 2", "anna");
  b.world.run_for(1s);
  REQUIRE(b.device.acknowledged.size() == 2);
  CHECK(b.device.acknowledged[0] == std::pair(ai(1), hex("2E A4 7E 0B 1C 06 B4 0C 22 38 00 2F")));
  CHECK(b.device.acknowledged[1] == std::pair(ai(2), hex("19 2A")));
}

// ---- The time

TEST_CASE("devices are told the time in the form that they take, as often as configured") {
  Bench b;
  b.settings.time_sync = 24h;
  b.device.has_services({32, 36});
  b.start();
  b.world.run_for(5s);
  CHECK(told(b, UnconfirmedService::utc_time_synchronization) == 1);
  b.world.run_for(24h);
  CHECK(told(b, UnconfirmedService::utc_time_synchronization) == 2);
  CHECK(told(b, UnconfirmedService::time_synchronization) == 0);
}

TEST_CASE("a device that only takes its local time is told that, in its own zone") {
  Bench b;
  b.settings.time_sync = 24h;
  b.device.has_services({32});
  b.device.set(device_object(1234), PropertyId::utc_offset, Signed{-60});
  b.device.set(device_object(1234), PropertyId::daylight_savings_status, true);
  b.start();
  b.world.run_for(5s);
  REQUIRE(told(b, UnconfirmedService::time_synchronization) == 1);
  const auto sync = TimeSynchronization::decode(b.device.told.back().data).value();
  const auto time = to_wall_time(sync.time, 2h);
  REQUIRE(time);
  const auto off = std::chrono::abs(*time - b.node.executor().clock().wall_now());
  CHECK(off < 6s);
}

TEST_CASE("a device that does not say that it takes the time is not told") {
  Bench b;
  b.settings.time_sync = 24h;
  b.start();
  b.world.run_for(5s);
  CHECK(b.device.told.empty());
}

// ---- Giving back

TEST_CASE("on stop all that is commanded is given back by one request, where the device can") {
  for (const bool refused : {false, true}) {
    CAPTURE(refused);
    Bench b;
    b.device.has_services({16});
    const ObjectId ao2{ObjectType::analog_output, 2};
    b.device.add_analog(ao2, "Valve", 1.0F, 98);
    if (refused) b.device.refuses_in_multiple = ao1;
    b.start();
    b.world.run_for(3s);
    CHECK(b.write(3, 55).state == model::WriteState::confirmed);
    CHECK(b.write(4, 66).state == model::WriteState::confirmed);
    b.line->stop();
    b.world.run_for(500ms);
    CHECK(b.device.slots.at({ao1, 8}) == encoded(Null{}));
    CHECK(b.device.slots.at({ao2, 8}) == encoded(Null{}));
    CHECK(b.asked(ConfirmedService::write_property_multiple) == 1);
    CHECK(b.asked(ConfirmedService::write_property) == (refused ? 4 : 2));
  }
}

TEST_CASE("confirmed means that our slot holds the value, not that somebody else commands the same") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  b.device.slots[{ao1, 3}] = encoded(55.0F);
  b.device.drops_writes = true;
  b.device.set(ao1, PropertyId::present_value, 55.0F);
  const auto result = b.write(3, 55);
  CHECK(result.state == model::WriteState::not_followed);
  REQUIRE(result.error);
  CHECK(result.error->message.contains("does not hold it"));
}

TEST_CASE("what a gateway had commanded when it was killed is given back a minute after it runs again") {
  std::string memory;
  {
    Bench b;
    b.remembers("");
    b.start();
    b.world.run_for(3s);
    CHECK(b.write(3, 55).state == model::WriteState::confirmed);
    b.world.run_for(1s);
    memory = b.feed.memories.at("bacnet.state");
    CHECK(memory.contains("claim\t1234"));
  }
  Bench b;
  b.remembers(memory);
  b.device.slots[{ao1, 8}] = encoded(55.0F);
  b.start();
  b.world.run_for(50s);
  CHECK(b.device.slots.at({ao1, 8}) == encoded(55.0F));
  b.world.run_for(15s);
  CHECK(b.device.slots.at({ao1, 8}) == encoded(Null{}));
  b.world.run_for(6min);
  CHECK_FALSE(b.feed.memories.at("bacnet.state").contains("claim"));
}

TEST_CASE("what could not be given back on stop is remembered") {
  Bench b;
  b.remembers("");
  b.start();
  b.world.run_for(3s);
  CHECK(b.write(3, 55).state == model::WriteState::confirmed);
  b.device.silent = true;
  b.line->stop();
  b.world.run_for(2s);
  CHECK(b.feed.memories.at("bacnet.state").contains("claim\t1234"));
}

// ---- Where devices are

TEST_CASE("a device that is remembered is asked at its address, without a broadcast; else looked for") {
  Bench b;
  LineDevice config = b.config();
  config.url = parse_url("bacnet://?device=1234").value();
  const std::string there =
      fmt::format("device\t1234\t0\t{}:47808\t-\t1476\t0\t0\n", b.device_node.address());
  b.remembers(there);
  b.start({config});
  b.world.run_for(3s);
  CHECK(b.feed.state() == "online");
  CHECK(b.line->client().counters().broadcasts <= 2);  // for the network's number and routers
  CHECK(told(b, UnconfirmedService::who_is) == 0);
}

TEST_CASE("a device that is not where it was is looked for") {
  Bench b;
  LineDevice config = b.config();
  config.url = parse_url("bacnet://?device=77").value();
  b.remembers(fmt::format("device\t77\t0\t{}:47808\t-\t1476\t0\t0\n", b.device_node.address()));
  b.start({config});
  b.world.run_for(10s);
  CHECK(b.line->client().counters().broadcasts >= 3);
}

TEST_CASE("a second device with the instance is an alarm until it is gone; it is asked, not broadcast for") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  io::world::Node& other_node = b.world.add_node("impostor");
  FakeDevice other{other_node.network(), 99};
  std::array<std::byte, 32> data;
  ParameterWriter out(data);
  IAm{.instance = 1234, .max_apdu = 1476}.encode(out);
  const auto claim = [&] {
    other.send(UnconfirmedRequest{.service = UnconfirmedService::i_am, .data = out.written()}, gateway(b));
  };
  claim();
  b.world.run_for(3s);
  REQUIRE(alarms(b) == 1);
  CHECK(b.feed.alarms.at(plant).front().kind == bus::DeviceAlarm::Kind::duplicate);
  CHECK(b.write(3, 55).error->message.contains("two devices have the instance 1234"));
  const auto broadcasts = b.line->client().counters().broadcasts;
  b.world.run_for(6min);
  CHECK(std::ranges::count(other.told, UnconfirmedService::who_is, &UnconfirmedRequestSeen::service) == 1);
  claim();
  b.world.run_for(6min);
  CHECK(alarms(b) == 1);
  b.world.run_for(8min);
  CHECK(alarms(b) == 0);
  CHECK(b.line->client().counters().broadcasts == broadcasts);
  CHECK(b.write(3, 55).state == model::WriteState::confirmed);
  other.socket->close();
  b.world.run_for(1s);
}

// ---- The past

namespace {

constexpr ObjectId log_1{ObjectType::trend_log, 1};

// The log of analog-input 1, in a device whose clock shows another zone and is a little off.
struct LogBench : Bench {
  explicit LogBench(Duration zone_of_device = 2h) : zone(zone_of_device) {
    std::array<std::byte, 16> buffer;
    ParameterWriter reference(buffer);
    reference.context(0, ai(1));
    reference.context(1, Enumerated{85});
    device.properties[{device_object(1234), PropertyId::object_list}].resize(0);
    for (const ObjectId object : {ai(1), ai(2), ai(3), ao1, log_1}) {
      const auto id = encoded(object);
      auto& list = device.properties[{device_object(1234), PropertyId::object_list}];
      list.insert(list.end(), id.begin(), id.end());
    }
    device.properties[{log_1, PropertyId::log_device_object_property}] = {reference.written().begin(),
                                                                          reference.written().end()};
    device.set(log_1, PropertyId::total_record_count, Unsigned{0});
    device.set(log_1, PropertyId::record_count, Unsigned{0});
  }
  LineDevice with_backfill() {
    LineDevice out = config();
    out.backfill = true;
    return out;
  }
  WallTime now() { return node.executor().clock().wall_now(); }
  // Time goes by; the device logs every minute.
  void run_minutes(int minutes) {
    for (int i = 0; i < minutes; ++i) {
      world.run_for(1min);
      device.log_value(now(), zone, static_cast<float>(device.logged) + 1);
      const DateTime clock = to_date_time(now() + 20s, zone);
      device.set(device_object(1234), PropertyId::local_date, clock.date);
      device.set(device_object(1234), PropertyId::local_time, clock.time);
    }
  }
  [[nodiscard]] std::vector<double> recalled() const {
    std::vector<double> values;
    for (const bus::PastValues& past : feed.past)
      values.insert(values.end(), past.value.begin(), past.value.end());
    return values;
  }

  Duration zone;
};

}  // namespace

TEST_CASE("what a device logged while it was not heard comes to the history, once, and nothing else") {
  LogBench b;
  b.start({b.with_backfill()});
  b.run_minutes(10);
  CHECK(b.feed.past.empty());  // nothing is missing
  b.device.silent = true;
  const WallTime lost = b.now();
  b.run_minutes(20);
  const WallTime back = b.now();
  b.device.silent = false;
  b.run_minutes(15);
  const std::vector<double> first = b.recalled();
  REQUIRE(first.size() >= 20);
  CHECK(first.front() <= 11'000);  // kilowatts; the one of the moment when it was lost, or the next
  for (std::size_t i = 1; i < first.size(); ++i)
    CHECK(first[i] == first[i - 1] + 1000);
  CHECK(b.feed.past.front().point == model::PointId{plant, 0});
  CHECK(b.feed.past.front().time.front() > lost - 2s);
  CHECK(b.feed.past.front().time.front() < lost + 2min);
  CHECK(b.feed.past.back().time.back() >= back - 1min);
  CHECK(b.feed.past.front().quality.front().good());

  b.device.silent = true;
  b.run_minutes(5);
  b.device.silent = false;
  b.run_minutes(15);
  const std::vector<double> both = b.recalled();
  CHECK(both.size() > first.size());
  for (std::size_t i = 1; i < both.size(); ++i)
    CHECK(both[i] > both[i - 1]);  // none twice
}

TEST_CASE("what a device logged while we did not run comes to the history after the start") {
  LogBench b;
  b.run_minutes(30);
  const auto since =
      std::chrono::floor<std::chrono::seconds>(b.now() - 10min - 30s).time_since_epoch().count();
  b.remembers(fmt::format("device\t1234\t0\t{}:47808\t-\t1476\t0\t{}\ntrend\t1234\t1\t15\t{}\n",
                          b.device_node.address(), since, since - 300));
  b.start({b.with_backfill()});
  b.run_minutes(2);
  CHECK(b.recalled() == std::vector<double>{20'000, 21'000, 22'000, 23'000, 24'000, 25'000, 26'000, 27'000,
                                            28'000, 29'000, 30'000});
  b.world.run_for(6min);
  const LineMemory kept = parse_memory(b.feed.memories.at("bacnet.state"));
  REQUIRE(kept.trends.size() == 1);
  CHECK(kept.trends[0].cursor.sequence >= 30);
}

TEST_CASE("a log that wrapped gives what it still has") {
  LogBench b;
  b.device.log_room = 5;
  b.start({b.with_backfill()});
  b.run_minutes(3);
  b.device.silent = true;
  b.run_minutes(20);
  b.device.silent = false;
  b.run_minutes(12);
  CHECK(b.recalled().size() >= 4);
  CHECK(b.recalled().front() > 15'000);
}

TEST_CASE("without backfill no log is read") {
  LogBench b;
  b.start();
  b.run_minutes(3);
  b.device.silent = true;
  b.run_minutes(5);
  b.device.silent = false;
  b.run_minutes(12);
  CHECK(b.feed.past.empty());
  CHECK(b.asked(ConfirmedService::read_range) == 0);
}
