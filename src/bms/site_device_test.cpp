// The objects of a site, and a client that reads and commands them over a simulated network.
#include "bms/site_device.hpp"

#include <doctest/doctest.h>

#include "bms/testing/site_bench.hpp"

using namespace iw;
using namespace iw::bms;
using namespace iw::bms::testing;
using namespace iw::bacnet;
using Bench = SiteBench;

TEST_CASE("a point shows its value, and keeps it with a fault when it is lost") {
  Bench b;
  CHECK(b.flags(power) == "1100");
  b.show(0, -3000);
  CHECK(b.present(power) == Value(-3000.0F));
  CHECK(b.flags(power) == "0000");
  b.show(0, 0, model::Quality(model::Validity::invalid).with(model::Detail::no_connection));
  CHECK(b.present(power) == Value(-3000.0F));
  CHECK(b.flags(power) == "1100");
  CHECK(b.object(power).value(PropertyId::reliability) == Value(Enumerated{communication_failure}));
}

TEST_CASE("a point that control declares becomes an output, and its objects keep their numbers") {
  Bench b;
  CHECK(b.object(limit).id().type == ObjectType::analog_value);
  const std::string before = b.kept;
  b.control(8000);
  CHECK(b.object(limit).id() == ObjectId{ObjectType::analog_output, 1});
  CHECK(b.kept.starts_with(before.substr(0, 36)));
  CHECK(b.object(power).id() == ObjectId{ObjectType::analog_input, 1});
  b.catalog.points.erase(b.catalog.points.begin());
  b.catalog.points[0].alias = 0;
  b.device.take(b.catalog);
  CHECK(b.device.objects().find(power) == nullptr);
  CHECK(b.object(limit).id() == ObjectId{ObjectType::analog_output, 1});
}

TEST_CASE("a command goes to control with its priority, and is refused in its words") {
  Bench b;
  b.control(8000);
  const auto watts = encoded(4000.0F);
  CHECK(b.write(limit, watts, PropertyId::present_value, 8).has_value());
  REQUIRE(b.orders.size() == 1);
  CHECK(b.orders[0].path == limit);
  CHECK(b.orders[0].priority == 8);
  CHECK(b.orders[0].value == 4000);
  CHECK(b.present(limit) == Value(4000.0F));
  b.refusal = BacnetError{ErrorClass::property, ErrorCode::write_access_denied};
  CHECK(b.write(limit, encoded(Null{}), PropertyId::present_value, 8)
            .error()
            .message.find("write-access-denied") != std::string::npos);
  CHECK(b.present(limit) == Value(4000.0F));
}

TEST_CASE(
    "when somebody else decides the object says overridden, and that a device does not follow it says too") {
  Bench b;
  b.control(8000);
  b.show(1, 8000);
  b.device.take(std::vector<Slot>{{.path = limit, .priority = 8, .value = 4000}});
  CHECK(b.present(limit) == Value(4000.0F));
  b.control(2500, false);
  CHECK(b.present(limit) == Value(2500.0F));
  CHECK(b.flags(limit) == "0010");
  b.control(4000, true, true);
  CHECK(b.present(limit) == Value(4000.0F));
  CHECK(b.flags(limit) == "1100");
  b.control(4000);
  CHECK(b.flags(limit) == "0000");
  b.device.take(std::vector<Slot>{});
  CHECK(b.present(limit) == Value(8000.0F));
}

TEST_CASE("a load is asked for less, as a limit from then on, and says whether it follows") {
  Bench b;
  b.control(8000);
  const std::string name = std::string(limit) + " load control";
  const auto state = [&] { return number(b.present(name)).value(); };
  std::array<std::byte, 16> buffer;
  ParameterWriter start(buffer);
  const WallTime now = b.node.network().executor().clock().wall_now();
  write_date_time(start, to_date_time(now + 10min, {}));
  CHECK(b.write(name, parse_hex("19 02").value(), PropertyId::requested_shed_level).has_value());
  CHECK(b.write(name, encoded(Unsigned{30}), PropertyId::shed_duration).has_value());
  CHECK(b.sheds.empty());
  CHECK(b.write(name, start.written(), PropertyId::start_time).has_value());
  REQUIRE(b.sheds.size() == 1);
  CHECK(b.sheds[0]->limit == 4000);
  CHECK(b.sheds[0]->life == 30min);
  CHECK(b.sheds[0]->starts_in > 9min);
  CHECK(state() == 1);  // pending
  b.world.run_for(11min);
  b.device.tick();
  CHECK(state() == 3);  // not compliant: 8000 W are in force
  b.control(4000);
  b.device.tick();
  CHECK(state() == 2);
  CHECK(b.write(name, encoded(false), PropertyId::enable).has_value());
  CHECK(b.sheds.size() == 2);
  CHECK_FALSE(b.sheds[1].has_value());
  CHECK(state() == 0);
}

TEST_CASE("the past is read by range, from the history") {
  Bench b;
  const ObjectId log = b.object(std::string(power) + " trend").id();
  const auto reply = b.ask(ConfirmedService::read_range,
                           ReadRange{.object = log, .range = ByPosition{.index = 1, .count = 2}});
  REQUIRE(reply);
  const auto ack = ReadRangeAck::decode(*reply).value();
  CHECK(ack.count == 2);
  CHECK(ack.first_item);
  LogRecordReader records(ack.items);
  CHECK(std::get<Value>(records.next()->datum) == Value(1.5F));
  CHECK(std::holds_alternative<BacnetError>(records.next()->datum));
  const auto refused = b.ask(ConfirmedService::read_range,
                             ReadRange{.object = b.object(power).id(), .property = {PropertyId::units}});
  CHECK(refused.error().message.find("not-a-list") != std::string::npos);
}
