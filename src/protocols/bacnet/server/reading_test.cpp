#include "protocols/bacnet/server/reading.hpp"

#include <array>
#include <set>

#include <doctest/doctest.h>

#include "protocols/bacnet/server/testing/served_plant.hpp"
#include "protocols/bacnet/tables.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;

namespace {

struct Bench : ServedPlant {
  Reply ask(std::string_view hex) {
    request = parse_hex(hex).value();
    return read_property(device, request, into, scratch);
  }
  Reply ask(ObjectId object, PropertyReference property) {
    std::array<std::byte, 64> buffer;
    ParameterWriter out(buffer);
    ReadProperty{.object = object, .property = property}.encode(out);
    request.assign(out.written().begin(), out.written().end());
    return read_property(device, request, into, scratch);
  }
  std::string value(ObjectId object, PropertyReference property) {
    const Reply reply = ask(object, property);
    REQUIRE(std::holds_alternative<Results>(reply));
    const auto ack = ReadPropertyAck::decode(std::get<Results>(reply).data).value();
    ParameterReader in(ack.value);
    std::string all;
    while (in.more())
      all += (all.empty() ? "" : ", ") + to_string(in.value());
    return all;
  }
  BacnetError refused(ObjectId object, PropertyReference property) {
    return std::get<BacnetError>(ask(object, property));
  }
  std::vector<ReadResult> many(std::span<const ObjectPropertyReference> wanted) {
    std::array<std::byte, 512> buffer;
    ParameterWriter out(buffer);
    write_read_property_multiple(out, wanted);
    request.assign(out.written().begin(), out.written().end());
    const Reply reply = read_property_multiple(device, request, into, scratch);
    REQUIRE(std::holds_alternative<Results>(reply));
    ReadResultReader in(std::get<Results>(reply).data);
    std::vector<ReadResult> all;
    while (const auto result = in.next())
      all.push_back(*result);
    CHECK(in.finished().has_value());
    return all;
  }
  std::set<PropertyId> group(ObjectId object, PropertyId which) {
    std::set<PropertyId> ids;
    for (const ReadResult& result : many(std::array{ObjectPropertyReference{object, {which}}})) {
      CHECK_FALSE(result.error.has_value());
      ids.insert(result.property.property);
    }
    return ids;
  }

  std::vector<std::byte> request;
  std::vector<std::byte> into = std::vector<std::byte>(1 << 16);
  std::vector<std::byte> scratch = std::vector<std::byte>(4096);
};

}  // namespace

TEST_CASE("a property is read as it stands on the wire") {
  Bench b;
  const Reply reply = b.ask("0C 00 00 00 07 19 55");
  CHECK(to_hex(std::get<Results>(reply).data) == "0C 00 00 00 07 19 55 3E 44 40 B0 00 00 3F");
}

TEST_CASE("an array is read whole, by length and by element") {
  Bench b;
  CHECK(b.value(mode, {PropertyId::state_text}) == "off, auto, on");
  CHECK(b.value(mode, {PropertyId::state_text, 0}) == "3");
  CHECK(b.value(mode, {PropertyId::state_text, 3}) == "on");
  CHECK(b.refused(mode, {PropertyId::state_text, 4}) ==
        BacnetError{ErrorClass::property, ErrorCode::invalid_array_index});
  CHECK(b.refused(power, {PropertyId::present_value, 1}) ==
        BacnetError{ErrorClass::property, ErrorCode::property_is_not_an_array});
  CHECK(b.value(b.device.id(), {PropertyId::object_list, 0}) == "6");
  CHECK(b.value(b.device.id(), {PropertyId::object_list, 1}) == "device 1234");
}

TEST_CASE("what is not there is an error of the right class") {
  Bench b;
  CHECK(b.refused({ObjectType::analog_input, 99}, {PropertyId::present_value}) ==
        BacnetError{ErrorClass::object, ErrorCode::unknown_object});
  CHECK(b.refused(power, {PropertyId::priority_array}) ==
        BacnetError{ErrorClass::property, ErrorCode::unknown_property});
}

TEST_CASE("the wildcard instance is our device, and the answer says which that is") {
  Bench b;
  const Reply reply = b.ask(device_object(wildcard_instance), {PropertyId::object_name});
  CHECK(ReadPropertyAck::decode(std::get<Results>(reply).data)->object == device_object(1234));
}

TEST_CASE("a request that is none is rejected with the reason of the standard") {
  Bench b;
  CHECK(std::get<RejectReason>(b.ask("0C 00 00 00 07")) == RejectReason::missing_required_parameter);
  CHECK(std::get<RejectReason>(b.ask("0C 00 00 00 07 19 55 29 01 39 01")) ==
        RejectReason::too_many_arguments);
  CHECK(std::get<RejectReason>(b.ask("1C 00 00 00 07 19 55")) == RejectReason::missing_required_parameter);
  CHECK(std::get<RejectReason>(b.ask("44 00 00 00 07 19 55")) == RejectReason::invalid_tag);
}

TEST_CASE("of many properties those that can not be read are errors in their place") {
  Bench b;
  const auto results = b.many(std::array{
      ObjectPropertyReference{power, {PropertyId::present_value}},
      ObjectPropertyReference{power, {PropertyId::priority_array}},
      ObjectPropertyReference{{ObjectType::analog_input, 99}, {PropertyId::present_value}},
      ObjectPropertyReference{damper, {PropertyId::priority_array, 16}},
  });
  REQUIRE(results.size() == 4);
  CHECK(to_hex(results[0].value) == "44 40 B0 00 00");
  CHECK(results[1].error == BacnetError{ErrorClass::property, ErrorCode::unknown_property});
  CHECK(results[2].error == BacnetError{ErrorClass::object, ErrorCode::unknown_object});
  CHECK(to_hex(results[3].value) == "00");
}

TEST_CASE("ALL is REQUIRED and OPTIONAL together, without Property_List") {
  Bench b;
  for (const ObjectId object : {b.device.id(), power, damper, fan, mode, energy}) {
    CAPTURE(to_string(object));
    auto required = b.group(object, PropertyId::required);
    auto optional = b.group(object, PropertyId::optional);
    const auto all = b.group(object, PropertyId::all);
    CHECK_FALSE(all.contains(PropertyId::property_list));
    CHECK(optional.contains(PropertyId::description));
    CHECK(required.size() + optional.size() == all.size());
    required.merge(optional);
    CHECK(required == all);
  }
}

TEST_CASE("every object has what clause 12 requires of its type") {
  Bench b;
  const Object port = network_port_object({});
  const std::array<const Object*, 8> objects{b.device.find(b.device.id()),
                                             b.device.find(power),
                                             b.device.find(damper),
                                             b.device.find(fan),
                                             b.device.find(mode),
                                             b.device.find(energy),
                                             &port,
                                             b.input};
  for (const Object* object : objects) {
    CAPTURE(to_string(object->id()));
    REQUIRE_FALSE(required_properties(object->id().type).empty());
    for (const PropertyId id : required_properties(object->id().type)) {
      CAPTURE(to_string(id));
      CHECK(object->find(id) != nullptr);
    }
  }
}

TEST_CASE("Object_List and Database_Revision follow what is added and removed") {
  Bench b;
  const std::string before = b.value(b.device.id(), {PropertyId::database_revision});
  REQUIRE(b.device.remove(energy));
  CHECK(b.value(b.device.id(), {PropertyId::object_list, 0}) == "5");
  CHECK(b.value(b.device.id(), {PropertyId::database_revision}) != before);
  CHECK(b.device.find("Energy") == nullptr);
  CHECK_FALSE(b.device.remove(b.device.id()));
  CHECK_FALSE(b.device.add(text_object({.instance = 1, .name = "Damper"})).has_value());
}
