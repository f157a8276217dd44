#include "protocols/bacnet/mapping.hpp"

#include <array>

#include <doctest/doctest.h>

#include "protocols/bacnet/units.hpp"
#include "protocols/bacnet/url.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

ObjectPoint analog(std::string name, std::uint32_t units, ObjectType type = ObjectType::analog_input) {
  return propose({.id = {type, 7}, .name = std::move(name), .units = units}).value();
}

std::string name_of(const ObjectPoint& point) { return model::to_string(point.point.name); }

}  // namespace

TEST_CASE("quantity and phase come from the unit and the name") {
  struct Case {
    std::string_view object;
    std::uint32_t units;
    std::string_view point;
  };
  for (const auto& [object, units, point] : {
           Case{"Total kW", 48, "ActivePower.total-kw"},
           Case{"PwrSP", 48, "ActivePowerSetpoint.pwr-sp"},
           Case{"Power limit", 48, "ActivePowerLimit.power-limit"},
           Case{"kWh imported", 19, "EnergyImport.kwh-imported"},
           Case{"Energy exported", 146, "EnergyExport.energy-exported"},
           Case{"kvarh", 243, "ReactiveEnergyImport.kvarh"},
           Case{"kvarh old", 204, "ReactiveEnergyImport.kvarh-old"},
           Case{"Voltage L1-N", 5, "Voltage.LN.A.voltage-l1-n"},
           Case{"Voltage L1-L2", 5, "Voltage.LL.AB.voltage-l1-l2"},
           Case{"I_L3", 3, "Current.C.i-l3"},
           Case{"Frequency", 27, "Frequency.frequency"},
           Case{"PF", 15, "PowerFactor.pf"},
           Case{"OutsideAirTemp", 64, "AirTemperature.outside-air-temp"},
           Case{"Battery SOC", 98, "StateOfCharge.battery-soc"},
           Case{"Valve", 98, "Count.valve"},
           Case{"Static pressure", 53, "Count.static-pressure"},
       }) {
    CAPTURE(object);
    CHECK(name_of(analog(std::string(object), units)) == point);
  }
}

TEST_CASE("units are converted once, whatever their variant") {
  CHECK(analog("P", 47).scale == 1);
  CHECK(analog("P", 48).scale == 1e3);
  CHECK(analog("P", 49).scale == 1e6);
  CHECK(analog("E", 47927).scale == 1e9);
  for (const std::uint32_t units : {204U, 243U})
    CHECK(analog("Q", units).scale == 1e3);
  const ObjectPoint warm = analog("T", 64);
  CHECK(warm.scale * 212 + warm.offset == doctest::Approx(100));
  CHECK(analog("T", 63).offset == doctest::Approx(-273.15));
  CHECK(analog("Duct", 53).scale == 1);
  CHECK(analog("Duct", 53).point.source == "analog-input 7 in pascals");
  CHECK(analog("Odd", 512).point.source == "analog-input 7 in bacnet:512");
}

TEST_CASE("every spelled unit is one that the model knows") {
  for (std::uint32_t units = 0; units < 50'000; ++units) {
    if (unit_spelling(units).empty()) continue;
    CAPTURE(units);
    CHECK(conversion_of(units).has_value());
  }
  CHECK_FALSE(conversion_of(95).has_value());
}

TEST_CASE("an accumulator counts in its scale") {
  const auto point =
      propose({.id = {ObjectType::accumulator, 1}, .name = "Main", .units = 18, .scale = 100.0}).value();
  CHECK(name_of(point) == "EnergyImport.main");
  CHECK(point.scale == 100);
  const auto pulses = propose({.id = {ObjectType::accumulator, 2}, .name = "Water"}).value();
  CHECK(name_of(pulses) == "PulseCount.water");
}

TEST_CASE("a prescale is in the value of an accumulator already: it is told, and counts for nothing") {
  const auto point = propose({.id = {ObjectType::accumulator, 1},
                              .name = "Main",
                              .units = 19,
                              .scale = 0.1,
                              .prescale = Prescale{.multiplier = 2, .modulo_divide = 10}})
                         .value();
  CHECK(point.scale == doctest::Approx(100));  // kWh, tenths of them
  CHECK(point.point.source == "accumulator 1 in kilowatt-hours, 2 for 10 pulses");
}

TEST_CASE("states have their texts: of a binary from 0, of a multi-state from 1") {
  const auto fan =
      propose({.id = {ObjectType::binary_value, 3}, .name = "Fan", .state_texts = {"off", "on"}}).value();
  CHECK(name_of(fan) == "OperatingState.fan");
  CHECK(fan.point.texts == std::vector<std::pair<std::int64_t, std::string>>{{0, "off"}, {1, "on"}});
  const auto mode =
      propose({.id = {ObjectType::multi_state_value, 3}, .name = "Mode", .state_texts = {"auto", "hand"}})
          .value();
  CHECK(mode.point.texts == std::vector<std::pair<std::int64_t, std::string>>{{1, "auto"}, {2, "hand"}});
  CHECK(name_of(propose({.id = {ObjectType::binary_input, 3}, .name = "Fire Alarm"}).value()) ==
        "AlarmWord.fire-alarm");
}

TEST_CASE("what has a priority array can be written, within its limits") {
  const ObjectFacts facts{.id = {ObjectType::analog_value, 2},
                          .name = "Setpoint",
                          .units = 48U,
                          .commandable = true,
                          .minimum = 0.0,
                          .maximum = 50.0};
  const auto point = propose(facts).value();
  CHECK(point.point.writable);
  CHECK(point.point.maximum == 50e3);
  ObjectFacts plain = facts;
  plain.commandable = false;
  CHECK_FALSE(propose(plain)->point.writable);
  CHECK_FALSE(propose(plain)->point.maximum.has_value());
  CHECK(analog("Out", 98, ObjectType::analog_output).commandable);
}

TEST_CASE("names are made unique, and what has none is called by its number") {
  const std::array objects{ObjectFacts{.id = {ObjectType::analog_input, 1}, .name = "P", .units = 48U},
                           ObjectFacts{.id = {ObjectType::analog_input, 2}, .name = "P", .units = 48U},
                           ObjectFacts{.id = {ObjectType::analog_input, 3}, .name = "///", .units = 48U},
                           ObjectFacts{.id = {ObjectType::analog_input, 4}, .name = "A", .units = 48U},
                           ObjectFacts{.id = {ObjectType::trend_log, 1}, .name = "Log"}};
  const ObjectMap map = propose(objects);
  REQUIRE(map.points.size() == 4);
  CHECK(name_of(map.points[0]) == "ActivePower.p");
  CHECK(name_of(map.points[1]) == "ActivePower.p-ai2");
  CHECK(name_of(map.points[2]) == "ActivePower.ai3");
  CHECK(name_of(map.points[3]) == "ActivePower.ai4");
  for (const ObjectPoint& point : map.points)
    CHECK(model::parse_point_name(name_of(point)) == point.point.name);
}

TEST_CASE("URLs say where a device is, and are written as they are read") {
  for (const std::string_view url :
       {"bacnet://192.0.2.20:47808?device=1234", "bacnet://?device=7",
        "bacnet://192.0.2.1:47809?device=1234&network=2001&mac=5", "bacnet://192.0.2.1:47808"}) {
    CAPTURE(url);
    CHECK(to_string(parse_url(url).value()) == url);
  }
  CHECK(parse_url("bacnet://192.0.2.1?device=1&network=7&mac=5")->address() ==
        Address{.network = 7, .mac = Mac::of(5)});
  CHECK_FALSE(parse_url("bacnet://?device=7")->address().has_value());
  for (const std::string_view url :
       {"modbus://192.0.2.1", "bacnet://plant?device=1", "bacnet://?device=4194303", "bacnet://?device=x",
        "bacnet://?network=5", "bacnet://?mac=5", "bacnet://?network=0&mac=5", "bacnet://?unit=1",
        "bacnet://?network=65535&mac=5", "bacnet://?network=5&mac=zz"}) {
    CAPTURE(url);
    CHECK_FALSE(parse_url(url).has_value());
  }
}
