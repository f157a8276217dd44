#include "bms/point_object.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::bms;
using bacnet::Enumerated;
using bacnet::ObjectType;
using bacnet::PropertyId;
using bacnet::Unsigned;
using bacnet::Value;
using formats::CatalogPoint;

namespace {

CatalogPoint point(std::string quantity, std::vector<std::pair<std::int64_t, std::string>> texts = {}) {
  return {.path = "battery/" + quantity,
          .asset_name = "battery",
          .quantity = std::move(quantity),
          .texts = std::move(texts)};
}

const std::vector<std::pair<std::int64_t, std::string>> running{{0, "off"}, {3, "idle"}, {7, "running"}};

}  // namespace

TEST_CASE("the type of the object follows the class of the quantity") {
  CHECK(type_of(point("ActivePower"), false) == ObjectType::analog_input);
  CHECK(type_of(point("EnergyImport"), false) == ObjectType::accumulator);
  CHECK(type_of(point("ActivePowerSetpoint"), false) == ObjectType::analog_value);
  CHECK(type_of(point("ActivePowerSetpoint"), true) == ObjectType::analog_output);
  CHECK(type_of(point("GridConnection"), false) == ObjectType::binary_input);
  CHECK(type_of(point("ConnectCommand"), false) == ObjectType::binary_value);
  CHECK(type_of(point("ConnectCommand"), true) == ObjectType::binary_output);
  CHECK(type_of(point("OperatingState", running), false) == ObjectType::multi_state_input);
  CHECK(type_of(point("OperatingState", running), true) == ObjectType::multi_state_output);
  CHECK(type_of(point("OperatingState", {{0, "off"}, {1, "on"}}), false) == ObjectType::binary_input);
  CHECK(type_of(point("OperatingState"), false) == ObjectType::analog_input);
  CHECK(type_of(point("Text"), false) == ObjectType::characterstring_value);
}

TEST_CASE(
    "an object is named as its path, has the unit of the quantity, and is not good before its first value") {
  const auto object = object_of(point("ActivePower"), {ObjectType::analog_input, 5}, {});
  CHECK(object.name() == "battery/ActivePower");
  CHECK(object.value(PropertyId::units) == Value(Enumerated{47}));  // watts
  CHECK(object.value(PropertyId::reliability) == Value(Enumerated{communication_failure}));
  CHECK_FALSE(object.commandable().has_value());
}

TEST_CASE("what can be commanded has the range and the default of the configuration") {
  const control::Rules rules{.minimum = -5000, .maximum = 4000, .fallback = 100};
  const auto object = object_of(point("ActivePowerSetpoint"), {ObjectType::analog_output, 1}, rules);
  REQUIRE(object.commandable().has_value());
  CHECK(object.value(PropertyId::present_value) == Value(100.0F));
  CHECK(object.value(PropertyId::relinquish_default) == Value(100.0F));
  CHECK(object.value(PropertyId::min_pres_value) == Value(-5000.0F));
  CHECK(object.commandable()->judge(Value(4000.5F)).has_value());
}

TEST_CASE("states are numbered from 1 in the order of their texts, and what has no text is the last") {
  const CatalogPoint state = point("OperatingState", running);
  const auto object = object_of(state, {ObjectType::multi_state_input, 1}, {});
  CHECK(object.value(PropertyId::number_of_states) == Value(Unsigned{4}));
  CHECK(shown(state, ObjectType::multi_state_input, 0) == Value(Unsigned{1}));
  CHECK(shown(state, ObjectType::multi_state_input, 7) == Value(Unsigned{3}));
  CHECK(shown(state, ObjectType::multi_state_input, 5) == Value(Unsigned{4}));
  CHECK(meant(state, ObjectType::multi_state_output, Unsigned{2}) == 3);
  CHECK_FALSE(meant(state, ObjectType::multi_state_output, Unsigned{4}).has_value());
}

TEST_CASE("numbers that an object can not show leave what was") {
  CHECK_FALSE(
      shown(point("ActivePower"), ObjectType::analog_input, std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(shown(point("EnergyImport"), ObjectType::accumulator, -1));
  CHECK(shown(point("EnergyImport"), ObjectType::accumulator, 5e9 + 0.7) == Value(Unsigned{5'000'000'000}));
  CHECK(shown(point("GridConnection"), ObjectType::binary_input, 1) == Value(Enumerated{1}));
}

TEST_CASE("a value that is old or whose device is away is a communication failure") {
  using model::Detail;
  using model::Quality;
  using model::Validity;
  CHECK(reliability_of(Quality()) == no_fault_detected);
  CHECK(reliability_of(Quality(Validity::questionable).with(Detail::inaccurate)) == no_fault_detected);
  CHECK(reliability_of(Quality(Validity::questionable).with(Detail::old_data)) == communication_failure);
  CHECK(reliability_of(Quality(Validity::invalid).with(Detail::no_connection)) == communication_failure);
  CHECK(reliability_of(Quality(Validity::invalid).with(Detail::out_of_range)) == unreliable_other);
}
