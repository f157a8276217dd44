#include "protocols/bacnet/server/writing.hpp"

#include <array>
#include <limits>

#include <doctest/doctest.h>

#include "protocols/bacnet/server/testing/served_plant.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;

namespace {

const Address bms{.network = local_network, .mac = to_mac({.host = {10, 0, 0, 9}})};

struct Bench : ServedPlant {
  void write(ObjectId object, const Value& value, std::optional<std::uint8_t> priority = {},
             PropertyReference property = {}, bool allowed = true) {
    std::array<std::byte, 128> buffer;
    ParameterWriter out(buffer);
    const auto bytes = encoded(value);
    WriteProperty{.object = object, .property = property, .value = bytes, .priority = priority}.encode(out);
    write_raw(out.written(), allowed);
  }
  void write_raw(Bytes request, bool allowed = true) {
    reply.reset();
    writing.write_property(bms, allowed, request, [this](const Reply& r) { reply = r; });
  }
  [[nodiscard]] bool done() const { return reply && std::holds_alternative<Done>(*reply); }
  [[nodiscard]] BacnetError error() const { return std::get<BacnetError>(*reply); }
  [[nodiscard]] Value present(ObjectId object) const {
    return *device.find(object)->value(PropertyId::present_value);
  }

  std::vector<ObjectId> changed;
  Writing writing{device, plant, nullptr, [this](const Object& object) { changed.push_back(object.id()); }};
  std::optional<Reply> reply;
};

BacnetError property_error(ErrorCode code) { return {ErrorClass::property, code}; }

}  // namespace

TEST_CASE("the most important slot counts, and Null gives way to the next") {
  Bench b;
  CHECK(b.present(damper) == Value(20.0F));
  b.write(damper, 40.0F, 12);
  b.write(damper, 60.0F, 8);
  b.write(damper, 50.0F, 10);
  CHECK(b.done());
  CHECK(b.present(damper) == Value(60.0F));
  CHECK(b.output->value(PropertyId::current_command_priority) == Value(Unsigned{8}));
  b.write(damper, Null{}, 8);
  CHECK(b.present(damper) == Value(50.0F));
  b.write(damper, Null{}, 10);
  b.write(damper, Null{}, 12);
  CHECK(b.present(damper) == Value(20.0F));
  CHECK(b.output->value(PropertyId::current_command_priority) == Value(Null{}));
  CHECK(b.plant.commands.size() == 6);
  CHECK(b.plant.commands.back().by == bms);
}

TEST_CASE("whoever writes in whatever order, the most important slot that holds something counts") {
  Bench b;
  std::array<std::optional<float>, 17> slots;
  const auto expected = [&](std::uint8_t& priority) {
    for (priority = 1; priority <= 16; ++priority)
      if (slots.at(priority)) return *slots.at(priority);
    return 20.0F;  // relinquish default
  };
  // All slots but 6, in an order that mixes them, twice written and once relinquished.
  for (unsigned step = 0; step < 3 * 16; ++step) {
    const auto priority = static_cast<std::uint8_t>(step * 11 % 16 + 1);
    if (priority == 6) continue;
    const bool relinquish = step >= 2U * 16;
    const auto value = static_cast<float>(step);
    b.write(damper, relinquish ? Value(Null{}) : Value(value), priority);
    REQUIRE(b.done());
    slots.at(priority) = relinquish ? std::nullopt : std::optional(value);
    std::uint8_t active = 0;
    CHECK(b.present(damper) == Value(expected(active)));
    CHECK(b.output->value(PropertyId::current_command_priority) ==
          (active <= 16 ? Value(Unsigned{active}) : Value(Null{})));
  }
  CHECK(b.present(damper) == Value(20.0F));
}

TEST_CASE("without a priority it is 16, and slot 6 is nobody's") {
  Bench b;
  b.write(damper, 33.0F);
  CHECK(b.output->commandable()->slot(16) == Value(33.0F));
  b.write(damper, 44.0F, 6);
  CHECK(b.error() == property_error(ErrorCode::write_access_denied));
  b.write(damper, Null{}, 6);
  CHECK(b.error() == property_error(ErrorCode::write_access_denied));
  CHECK(b.plant.commands.size() == 1);
}

TEST_CASE("what can not be written is refused in the words of the standard") {
  Bench b;
  b.write(power, 1.0F);
  CHECK(b.error() == property_error(ErrorCode::write_access_denied));
  b.write(damper, Unsigned{5});
  CHECK(b.error() == property_error(ErrorCode::invalid_data_type));
  b.write(damper, 100.5F);
  CHECK(b.error() == property_error(ErrorCode::value_out_of_range));
  b.write(damper, std::numeric_limits<float>::quiet_NaN());
  CHECK(b.error() == property_error(ErrorCode::value_out_of_range));
  b.write(fan, Enumerated{2});
  CHECK(b.error() == property_error(ErrorCode::value_out_of_range));
  b.write(mode, Unsigned{0});
  CHECK(b.error() == property_error(ErrorCode::value_out_of_range));
  b.write({ObjectType::analog_output, 9}, 1.0F);
  CHECK(b.error() == BacnetError{ErrorClass::object, ErrorCode::unknown_object});
  b.write(damper, 1.0F, 8, {PropertyId::state_text});
  CHECK(b.error() == property_error(ErrorCode::unknown_property));
  b.write(damper, 1.0F, 8, {PropertyId::present_value, 1});
  CHECK(b.error() == property_error(ErrorCode::property_is_not_an_array));
  b.write(damper, 1.0F, 8, {PropertyId::priority_array, 17});
  CHECK(b.error() == property_error(ErrorCode::invalid_array_index));
  b.write(damper, 1.0F, 8, {PropertyId::priority_array, 8});
  CHECK(b.error() == property_error(ErrorCode::write_access_denied));
  b.write(damper, 1.0F, 8, {}, false);
  CHECK(b.error() == property_error(ErrorCode::write_access_denied));
  CHECK(b.plant.commands.empty());
  CHECK(b.present(damper) == Value(20.0F));
}

TEST_CASE("a priority that there is not is rejected") {
  Bench b;
  // Analog-output 1, present-value, 5.0, priority 17.
  b.write_raw(parse_hex("0C 00 40 00 01 19 55 3E 44 40 A0 00 00 3F 49 11").value());
  CHECK(std::get<RejectReason>(*b.reply) == RejectReason::parameter_out_of_range);
}

TEST_CASE("a slot changes when the plant has taken the command, and not when it refuses") {
  Bench b;
  b.plant.later = true;
  b.write(damper, 70.0F, 8);
  CHECK_FALSE(b.reply.has_value());
  CHECK(b.present(damper) == Value(20.0F));
  b.plant.finish();
  CHECK(b.done());
  CHECK(b.present(damper) == Value(70.0F));
  CHECK(b.changed == std::vector{damper});

  b.write(damper, 80.0F, 8);
  b.plant.finish(BacnetError{ErrorClass::device, ErrorCode::operational_problem});
  CHECK(b.error() == BacnetError{ErrorClass::device, ErrorCode::operational_problem});
  CHECK(b.present(damper) == Value(70.0F));
}

TEST_CASE("something local may decide, and the slots wait for it to be over") {
  Bench b;
  b.write(damper, 70.0F, 8);
  CHECK(b.output->override_with(Value(5.0F)));
  CHECK(b.present(damper) == Value(5.0F));
  b.write(damper, 75.0F, 8);
  CHECK(b.present(damper) == Value(5.0F));
  CHECK(b.output->override_with(std::nullopt));
  CHECK(b.present(damper) == Value(75.0F));
}

TEST_CASE("several writes are done in order, up to the first that fails") {
  Bench b;
  const auto first = encoded(30.0F);
  const auto second = encoded(Enumerated{1});
  const auto wrong = encoded(Enumerated{7});
  std::array<std::byte, 256> buffer;
  ParameterWriter out(buffer);
  write_write_property_multiple(out,
                                std::array{WriteProperty{.object = damper, .value = first, .priority = 9},
                                           WriteProperty{.object = fan, .value = wrong, .priority = 9},
                                           WriteProperty{.object = fan, .value = second, .priority = 9}});
  std::optional<std::string> error;
  b.writing.write_property_multiple(
      bms, true, out.written(), [&](const Reply& reply) { error = to_hex(std::get<ErrorData>(reply).data); });
  // property/value-out-of-range; binary-output 1, present-value.
  CHECK(error == "0E 91 02 91 25 0F 1E 0C 01 00 00 01 19 55 1F");
  CHECK(b.present(damper) == Value(30.0F));
  CHECK(b.present(fan) == Value(Enumerated{0}));
}

TEST_CASE("several writes of which one is no write at all change nothing") {
  Bench b;
  const auto value = encoded(30.0F);
  std::array<std::byte, 256> buffer;
  ParameterWriter out(buffer);
  write_write_property_multiple(out, std::array{WriteProperty{.object = damper, .value = value}});
  out.raw(parse_hex("0C 00 40 00 01 1E 09").value());
  std::optional<Reply> reply;
  b.writing.write_property_multiple(bms, true, out.written(), [&](const Reply& r) { reply = r; });
  CHECK(std::holds_alternative<RejectReason>(*reply));
  CHECK(b.plant.commands.empty());
}

TEST_CASE("several writes wait for each other when the plant takes its time") {
  Bench b;
  b.plant.later = true;
  const auto value = encoded(30.0F);
  const auto on = encoded(Enumerated{1});
  std::array<std::byte, 256> buffer;
  ParameterWriter out(buffer);
  write_write_property_multiple(out, std::array{WriteProperty{.object = damper, .value = value},
                                                WriteProperty{.object = fan, .value = on}});
  std::optional<Reply> reply;
  b.writing.write_property_multiple(bms, true, out.written(), [&](const Reply& r) { reply = r; });
  buffer.fill(std::byte{0xFF});  // the datagram is gone
  CHECK(b.plant.commands.size() == 1);
  b.plant.finish();
  CHECK(b.plant.commands.size() == 2);
  CHECK_FALSE(reply.has_value());
  b.plant.finish();
  CHECK(std::holds_alternative<Done>(*reply));
  CHECK(b.present(fan) == Value(Enumerated{1}));
}
