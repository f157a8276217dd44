#include "gateway/commands/raw_values.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;
using namespace iw::commissioning;
using Words = std::vector<std::uint16_t>;

namespace {

modbus::RegisterPoint point(RawOptions options, std::uint16_t string_registers = 1) {
  const auto parsed = parse_raw(options, string_registers);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
  return *parsed;
}

}  // namespace

TEST_CASE("values of several registers follow one another, scaled and in their order") {
  const auto values =
      decode_raw(point({.table = "input", .address = "30", .type = "i32", .order = "cdab", .scale = 0.1}),
                 Words{0x0929, 0x0000, 0xFFFF, 0xFFFF, 7});
  REQUIRE(values.size() == 2);  // the seventh register is half a value
  CHECK(values[0].address == 30);
  CHECK(values[0].text == "234.5");
  CHECK(values[1].address == 32);
  CHECK(values[1].value.value() == -0.1);
  CHECK(values[1].registers == Words{0xFFFF, 0xFFFF});
}

TEST_CASE("bits read as on and off, whatever type is given") {
  const auto values = decode_raw(point({.table = "coil", .address = "5", .type = "f32"}), Words{1, 0});
  REQUIRE(values.size() == 2);
  CHECK(values[0].text == "on");
  CHECK(values[1].text == "off");
  CHECK(values[1].address == 6);
}

TEST_CASE("a text takes as many registers as it is said to have") {
  const auto where = point({.table = "holding", .address = "40004", .type = "string"}, 3);
  CHECK(decode_raw(where, Words{0x4142, 0x4344, 0x4500}).at(0).text == "ABCDE");
  CHECK(encode_raw(where, {"ABCDE"}).value() == Words{0x4142, 0x4344, 0x4500});
  CHECK_FALSE(encode_raw(where, {"ABCDEFG"}));
  CHECK_FALSE(encode_raw(where, {"A", "B"}));
}

TEST_CASE("what is no number says so") {
  const auto values =
      decode_raw(point({.table = "holding", .address = "0", .type = "f32"}), Words{0x7FC0, 0});
  CHECK(values.at(0).text == "no number");
  CHECK_FALSE(values.at(0).value);
}

TEST_CASE("values are encoded one after the other, and refused when they do not fit") {
  const auto f32 = point({.table = "holding", .address = "0", .type = "f32"});
  CHECK(encode_raw(f32, {"50", "-1"}).value() == Words{0x4248, 0, 0xBF80, 0});
  const auto scaled = point({.table = "holding", .address = "0", .type = "i16", .scale = 0.1});
  CHECK(encode_raw(scaled, {"-12.3"}).value() == Words{static_cast<std::uint16_t>(-123)});
  CHECK_FALSE(encode_raw(scaled, {"4000"}));
  CHECK_FALSE(encode_raw(scaled, {"many"}));
  const auto coil = point({.table = "coil", .address = "0"});
  CHECK(encode_raw(coil, {"on", "0", "true"}).value() == Words{1, 0, 1});
  CHECK_FALSE(encode_raw(coil, {"2"}));
}

TEST_CASE("what is missing or impossible is refused with what to do") {
  CHECK(parse_raw({}, 1).error().remedy.contains("--profile"));
  CHECK_FALSE(parse_raw({.table = "holding", .address = "65535", .type = "f32"}, 1));
  CHECK(parse_raw({.table = "holding", .address = "65534", .type = "f32"}, 1));
  CHECK_FALSE(parse_raw({.table = "holding", .address = "0", .type = "float"}, 1));
  CHECK_FALSE(parse_raw({.table = "holding", .address = "0", .scale = 0}, 1));
  CHECK(point({.table = "holding", .address = "40011", .entity = true}).address == 10);
  CHECK(point({.table = "input", .address = "1", .one_based = true}).address == 0);
}
