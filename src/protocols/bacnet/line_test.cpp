#include <array>
#include <cmath>

#include "protocols/bacnet/testing/line_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::testing;

TEST_CASE("a device says what it has, and its values come in the units of the model") {
  Bench b;
  b.device.add_analog(ai(9), "Supply Air", 68.0F, fahrenheit);
  b.start();
  b.world.run_for(3s);
  REQUIRE(b.feed.points.at(plant).size() == 5);
  CHECK(model::to_string(b.feed.points.at(plant)[0].name) == "ActivePower.feeder-1-power");
  CHECK(b.value(0) == 1000);
  CHECK(b.value(2) == 3000);
  CHECK(b.quality(0) == "good");
  CHECK(model::to_string(b.feed.points.at(plant)[4].name) == "AirTemperature.supply-air");
  CHECK(std::abs(b.value(4) - 20.0) < 1e-4);
  CHECK(b.feed.state() == "online");
  CHECK_FALSE(b.feed.points.at(plant)[0].writable);
  CHECK(b.feed.points.at(plant)[3].writable);
}

TEST_CASE("an accumulator counts in its units times its scale, however its pulses are prescaled") {
  Bench b(0);
  const ObjectId meter{ObjectType::accumulator, 1};
  b.device.add_analog(meter, "Energy", 0, 19);  // kWh
  b.device.set(meter, PropertyId::present_value, Unsigned{1234});
  b.device.properties[{meter, PropertyId::scale}] = parse_hex("19 FF").value();           // tenths
  b.device.properties[{meter, PropertyId::prescale}] = parse_hex("09 02 19 0A").value();  // 2 for 10 pulses
  b.start();
  b.world.run_for(5s);
  CHECK(model::to_string(b.feed.points.at(plant)[1].name) == "EnergyImport.energy");
  CHECK(b.value(1) == doctest::Approx(123'400));
  CHECK(b.feed.points.at(plant)[1].source.contains("2 for 10 pulses"));
}

TEST_CASE("a device without ReadPropertyMultiple is read one property at a time") {
  Bench b;
  b.device.knows_rpm = false;
  b.start();
  b.world.run_for(5s);
  CHECK(b.value(2) == 3000);
  const std::size_t multiple = b.asked(ConfirmedService::read_property_multiple);
  b.world.run_for(20s);
  CHECK(b.asked(ConfirmedService::read_property_multiple) == multiple);  // that is remembered
  CHECK(b.quality(2) == "good");
}

TEST_CASE("a device with little room is asked for less, and nothing is longer than it takes") {
  for (const auto max_apdu : std::array<std::uint16_t, 4>{50, 128, 206, 480}) {
    CAPTURE(max_apdu);
    Bench b(30);
    b.device.max_apdu = max_apdu;
    b.device.set(device_object(1234), PropertyId::max_apdu_length_accepted, Unsigned{max_apdu});
    b.start();
    b.world.run_for(30s);
    REQUIRE(b.feed.points.at(plant).size() == 31);
    for (std::uint16_t i = 0; i < 30; ++i) {
      CHECK(b.value(i) == 1000.0 * (i + 1));
      CHECK(b.quality(i) == "good");
    }
    CHECK(b.device.largest_request <= max_apdu);
  }
}

TEST_CASE("a device that lies about its room is found out, and that is remembered") {
  Bench b(30);
  b.device.most_properties = 7;
  b.start();
  b.world.run_for(10s);
  for (std::uint16_t i = 0; i < 30; ++i)
    CHECK(b.value(i) == 1000.0 * (i + 1));
  b.device.requests.clear();
  b.world.run_for(10s);
  // 31 objects, at most 3 with two properties each: 11 or a few more each second, none in vain.
  CHECK(b.asked(ConfirmedService::read_property_multiple) <= 170);
  CHECK(b.quality(29) == "good");
}

TEST_CASE("what the object says of its value is the value's quality") {
  Bench b;
  static const auto flags = [](unsigned bits) { return std::array{static_cast<std::byte>(bits << 4U)}; };
  static const auto fault = flags(0b0100);
  static const auto out_of_service = flags(0b0001);
  static const auto overridden = flags(0b0010);
  b.device.set(ai(1), PropertyId::status_flags, BitString{.bytes = fault, .unused = 4});
  b.device.set(ai(1), PropertyId::reliability, Enumerated{12});
  b.device.set(ai(2), PropertyId::status_flags, BitString{.bytes = out_of_service, .unused = 4});
  b.device.set(ai(3), PropertyId::status_flags, BitString{.bytes = overridden, .unused = 4});
  b.device.set(ao1, PropertyId::present_value, std::nanf(""));
  b.start();
  b.world.run_for(5s);
  CHECK(b.quality(0) == "invalid: failure, no connection");
  CHECK(std::isnan(b.value(0)));
  CHECK(b.quality(1) == "questionable: substituted");
  CHECK(b.quality(2) == "good");
  CHECK(b.quality(3) == "invalid: bad reference");
}

TEST_CASE("an object that goes away is said to be missing, its neighbours stay good") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  b.device.properties.erase({ai(2), PropertyId::present_value});
  b.world.run_for(5s);
  CHECK(b.quality(1) == "invalid: bad reference");
  CHECK(b.quality(0) == "good");
}

TEST_CASE("a silent device is old, then gone, then back, and its points with it") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  b.device.silent = true;
  b.world.run_for(12s);
  CHECK(b.quality(0) == "questionable: no connection, old data");
  b.world.run_for(20s);
  CHECK(b.feed.state() == "offline");
  CHECK(b.quality(0) == "invalid: failure, no connection");
  const std::size_t before = b.device.requests.size();
  b.device.silent = false;
  b.world.run_for(11min);
  CHECK(b.device.requests.size() > before);
  CHECK(b.feed.state() == "online");
  CHECK(b.quality(0) == "good");
}

TEST_CASE("a dead device costs a living one nothing") {
  Bench b;
  io::world::Node& dead_node = b.world.add_node("dead");
  LineDevice dead = b.config();
  dead.id = model::DeviceId(2);
  dead.name = "dead";
  dead.url = parse_url(fmt::format("bacnet://{}?device=9", dead_node.address())).value();
  b.start({b.config(), dead});
  b.world.run_for(5s);
  b.device.requests.clear();
  b.world.run_for(60s);
  CHECK(b.asked(ConfirmedService::read_property_multiple) >= 59);
  CHECK(b.asked(ConfirmedService::read_property_multiple) <= 61);
}

TEST_CASE("another device at the address is named") {
  Bench b;
  LineDevice wrong = b.config();
  wrong.url.instance = 77;
  b.start({wrong});
  b.world.run_for(30s);
  CHECK(b.feed.state() == "offline");
  CHECK(b.feed.events.back().reason.contains("there is device 1234"));
}

TEST_CASE("a command is written at our priority in the type of the value, and read back") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  const auto result = b.write(3, 55);
  CHECK(result.state == model::WriteState::confirmed);
  CHECK(result.read_back == 55.0);
  CHECK(result.id == 7);
  CHECK(b.device.slots.at({ao1, 8}) == encoded(55.0F));
  b.world.run_for(3s);
  CHECK(b.value(3) == 55);
}

TEST_CASE("a command below a higher priority is not called confirmed, and says who commands") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  b.device.slots[{ao1, 3}] = encoded(5.0F);
  b.device.set(ao1, PropertyId::current_command_priority, Unsigned{3});
  const auto result = b.write(3, 55);
  CHECK(result.state == model::WriteState::not_followed);
  REQUIRE(result.error.has_value());
  CHECK(result.error->message.contains("priority 3 commands 5"));
}

TEST_CASE("what is commanded is given back when its time is over, and when we stop") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  CHECK(b.write(3, 55, b.world.now() + 10s).state == model::WriteState::confirmed);
  b.world.run_for(9s);
  CHECK(b.device.slots.at({ao1, 8}) == encoded(55.0F));
  b.world.run_for(2s);
  CHECK(b.device.slots.at({ao1, 8}) == encoded(Null{}));

  CHECK(b.write(3, 60).state == model::WriteState::confirmed);
  b.line->stop();
  b.world.run_for(500ms);
  CHECK(b.device.slots.at({ao1, 8}) == encoded(Null{}));
}

TEST_CASE("what can not be commanded is refused before anything is sent") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  CHECK(b.write(0, 1).error->message.contains("can only be read"));
  CHECK(b.write(99, 1).error->kind == ErrorKind::not_found);
  CHECK(b.write(3, std::nan("")).error->kind == ErrorKind::invalid_argument);
  CHECK(b.write(3, 55, b.world.now()).state == model::WriteState::expired);
  CHECK(b.asked(ConfirmedService::write_property) == 0);
  b.device.silent = true;
  b.world.run_for(60s);
  CHECK(b.write(3, 55).error->kind == ErrorKind::unreachable);
}

TEST_CASE("an instance that a second address claims is not commanded any more") {
  Bench b;
  b.start();
  b.world.run_for(3s);
  io::world::Node& other = b.world.add_node("impostor");
  auto socket = other.network().bind({.host = "0.0.0.0", .port = 47808}).value();
  const auto i_am = parse_hex("81 0A 00 14 01 00 10 00 C4 02 00 04 D2 22 05 C4 91 03 21 04").value();
  REQUIRE(socket->send(i_am, {.host = b.node.address(), .port = 47808}).has_value());
  b.world.run_for(1s);
  CHECK(b.write(3, 55).error->message.contains("two devices have the instance 1234"));
  CHECK(b.quality(0) == "good");  // it is read all the same
  socket->close();
}

TEST_CASE("devices come, change and go while the others stay") {
  Bench b;
  io::world::Node& other_node = b.world.add_node("other");
  FakeDevice other{other_node.network(), 5};
  other.add_analog(ai(1), "Outside", 10.0F, 62);
  b.start();
  b.world.run_for(3s);
  LineDevice second = b.config();
  second.id = model::DeviceId(2);
  second.name = "other";
  second.url = parse_url(fmt::format("bacnet://{}?device=5", other_node.address())).value();
  const LineSettings settings = b.settings;
  REQUIRE(b.line->follow(BacnetLinePlan(settings, {b.config(), second})));
  b.world.run_for(3s);
  CHECK(b.feed.last.at({second.id, 0}).first == 10);
  REQUIRE(b.line->follow(BacnetLinePlan(settings, {second})));
  b.world.run_for(2s);
  CHECK(b.feed.state() == "removed");
  CHECK(b.quality(0) == "invalid: failure, no connection");
  CHECK_FALSE(b.line->has(plant));
  LineSettings elsewhere = settings;
  elsewhere.client.bind.port = 47809;
  CHECK_FALSE(b.line->follow(BacnetLinePlan(elsewhere, {second})));
  other.socket->close();
  b.world.run_for(1s);
}

TEST_CASE("a port that another program has is said, and tried again") {
  Bench b;
  auto blocker = b.node.network().bind({.host = "0.0.0.0", .port = 47808}).value();
  b.start();
  b.world.run_for(2s);
  CHECK(b.feed.state() == "offline");
  CHECK(b.feed.events.back().remedy.contains("bind"));
  blocker->close();
  b.world.run_for(15s);
  CHECK(b.feed.state() == "online");
}

TEST_CASE("the last requests are kept: of whom, how long, what became of them, and their frames") {
  Bench b;
  b.start();
  b.world.run_for(20s);
  const auto records = b.line->recent_requests();
  REQUIRE(records.size() > 5);
  const auto of = std::ranges::count_if(records, [](const driver::RequestRecord& record) {
    return record.device == plant && record.outcome != driver::RequestOutcome::under_way;
  });
  CHECK(of <= static_cast<std::ptrdiff_t>(driver::RequestLog::kept));
  CHECK(records[0].number > records[1].number);
  const auto polled = std::ranges::find(records, plant, &driver::RequestRecord::device);
  REQUIRE(polled != records.end());
  CHECK(polled->function == "ReadPropertyMultiple");
  CHECK(polled->peer.contains(b.device_node.address()));
  CHECK(polled->outcome == driver::RequestOutcome::answered);
  CHECK(polled->took > 0ns);
  CHECK(polled->request.kept()[0] == std::byte{0x81});  // BVLC (Annex J.2): it can be decoded
  CHECK(polled->answer.kept()[0] == std::byte{0x81});
  CHECK(b.line->status().latency.at(plant).count() > 5);
}

TEST_CASE("a request that nobody answers is kept as one without an answer, as often as it was repeated") {
  Bench b;
  b.start();
  b.world.run_for(5s);
  b.device.socket->close();
  b.world.run_for(30s);
  const auto records = b.line->recent_requests();
  const auto lost =
      std::ranges::find(records, driver::RequestOutcome::timeout, &driver::RequestRecord::outcome);
  REQUIRE(lost != records.end());
  CHECK(lost->device == plant);
  CHECK(lost->took >= 9s);  // three times three seconds
  CHECK(lost->answer.size == 0);
  CHECK(std::ranges::count(records, lost->number, &driver::RequestRecord::number) == 1);
}

TEST_CASE("what a device refuses is kept as refused") {
  Bench b;
  b.device.knows_rpm = false;
  b.start();
  const auto refused = [&] {
    const auto records = b.line->recent_requests();
    return std::ranges::count(records, driver::RequestOutcome::refused, &driver::RequestRecord::outcome) > 0;
  };
  CHECK(b.world.run_until_holds(refused, 5s));
}
