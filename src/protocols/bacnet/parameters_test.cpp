#include "protocols/bacnet/parameters.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

std::string application_hex(const Value& value) { return to_hex(encoded(value)); }

std::string context_hex(std::uint8_t tag, const Value& value) {
  std::array<std::byte, 64> buffer;
  ParameterWriter out(buffer);
  out.context(tag, value);
  REQUIRE(out.ok());
  return to_hex(out.written());
}

struct Encoding {
  Value value;
  std::string_view hex;
};

// The examples of clause 20.2, and what the standard has none for.
const std::vector<Encoding>& encodings() {
  static const auto octets = hex("12 34 FF");
  static const auto bits = hex("A8");
  static const std::vector<Encoding> list{
      {Null{}, "00"},
      {false, "10"},
      {true, "11"},
      {Unsigned{0}, "21 00"},
      {Unsigned{72}, "21 48"},
      {Unsigned{0x100}, "22 01 00"},
      {Unsigned{0xFFFFFF}, "23 FF FF FF"},
      {Unsigned{0xFFFFFFFF}, "24 FF FF FF FF"},
      {Unsigned{UINT64_MAX}, "25 08 FF FF FF FF FF FF FF FF"},
      {Signed{72}, "31 48"},
      {Signed{-1}, "31 FF"},
      {Signed{127}, "31 7F"},
      {Signed{128}, "32 00 80"},
      {Signed{-128}, "31 80"},
      {Signed{-129}, "32 FF 7F"},
      {Signed{INT64_MIN}, "35 08 80 00 00 00 00 00 00 00"},
      {72.0F, "44 42 90 00 00"},
      {72.0, "55 08 40 52 00 00 00 00 00 00"},
      {OctetString{octets}, "63 12 34 FF"},
      {CharacterString::utf8("This is a BACnet string!"),
       "75 19 00 54 68 69 73 20 69 73 20 61 20 42 41 43 6E 65 74 20 73 74 72 69 6E 67 21"},
      {BitString{.bytes = bits, .unused = 3}, "82 03 A8"},
      {Enumerated{0}, "91 00"},
      {Enumerated{0x0400}, "92 04 00"},
      {Date{.year = 91, .month = 1, .day = 24, .weekday = 4}, "A4 5B 01 18 04"},
      {Time{.hour = 17, .minute = 35, .second = 45, .hundredths = 17}, "B4 11 23 2D 11"},
      {ObjectId{ObjectType::binary_input, 15}, "C4 00 C0 00 0F"},
  };
  return list;
}

}  // namespace

TEST_CASE("every application type is encoded as clause 20.2 says, and decoded from it") {
  for (const auto& [value, text] : encodings()) {
    CAPTURE(text);
    CHECK(application_hex(value) == text);
    const auto bytes = hex(text);
    ParameterReader in(bytes);
    CHECK(in.value() == value);
    CHECK(in.finished().has_value());
  }
}

TEST_CASE("no application value is taken from fewer bytes than it has") {
  for (const auto& [value, text] : encodings()) {
    const auto bytes = hex(text);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(text);
      CAPTURE(size);
      ParameterReader in(Bytes(bytes).first(size));
      (void)in.value();
      CHECK_FALSE(in.ok());
    }
  }
}

TEST_CASE("context-tagged values keep their content, and a Boolean gets an octet of its own") {
  CHECK(context_hex(0, Null{}) == "08");
  CHECK(context_hex(6, true) == "69 01");
  CHECK(context_hex(0, Unsigned{256}) == "0A 01 00");
  CHECK(context_hex(5, Signed{-72}) == "59 B8");
  CHECK(context_hex(33, Unsigned{1}) == "F9 21 01");
  const auto bytes = hex("69 01 F9 21 07");
  ParameterReader in(bytes);
  CHECK(in.context<bool>(6));
  CHECK(in.context_u32(33) == 7);
  CHECK(in.finished().has_value());
}

TEST_CASE("long contents use the extended lengths") {
  const std::string text(300, 'x');
  const std::string longer(70'000, 'y');
  const auto middle = encoded(CharacterString::utf8(text));
  CHECK(to_hex(Bytes(middle).first(5)) == "75 FE 01 2D 00");
  const auto large = encoded(CharacterString::utf8(longer));
  CHECK(to_hex(Bytes(large).first(7)) == "75 FF 00 01 11 71 00");
  ParameterReader in(large);
  CHECK(in.application<CharacterString>().text() == longer);
}

TEST_CASE("numbers that are longer than they need to be are taken") {
  const auto bytes = hex("24 00 00 00 07 32 FF FF 93 00 00 02");
  ParameterReader in(bytes);
  CHECK(in.application<Unsigned>().value == 7);
  CHECK(in.application<Signed>().value == -1);
  CHECK(in.application<Enumerated>().value == 2);
  CHECK(in.finished().has_value());
}

TEST_CASE("a real that is no number stays one") {
  const auto bytes = encoded(std::numeric_limits<float>::quiet_NaN());
  ParameterReader in(bytes);
  CHECK(std::isnan(in.application<float>()));
}

TEST_CASE("strings of every character set become UTF-8, whatever they hold") {
  const auto text = [](CharacterSet set, std::string_view bytes) {
    const auto raw = hex(bytes);
    return CharacterString{.set = set, .bytes = raw}.text();
  };
  CHECK(text(CharacterSet::utf8, "4C C3 BC") == "Lü");
  CHECK(text(CharacterSet::utf8, "4C FC") == "L?");
  CHECK(text(CharacterSet::utf8, "ED A0 80") == "???");
  CHECK(text(CharacterSet::dbcs, "03 52 41 81") == "A?");
  CHECK(text(CharacterSet::jis_x_0208, "41 FF") == "A?");
  CHECK(text(CharacterSet::ucs4, "00 00 00 B0 00 01 F5 0B FF FF FF FF") == "°🔋?");
  CHECK(text(CharacterSet::ucs2, "00 B0 00 43 D8 3D DD 0B") == "°C🔋");
  CHECK(text(CharacterSet::ucs2, "00 41 00") == "A");
  CHECK(text(CharacterSet::iso_8859_1, "B0 43") == "°C");
  CHECK(text(static_cast<CharacterSet>(9), "41 FF") == "A?");
}

TEST_CASE("what is wrong with parameters is said in the words of a Reject") {
  const auto fault = [](std::string_view bytes, auto read) {
    const auto raw = hex(bytes);
    ParameterReader in(raw);
    read(in);
    const auto end = in.finished();
    return end ? std::string("taken") : to_string(end.error());
  };
  const auto object_and_index = [](ParameterReader& in) {
    (void)in.context<ObjectId>(0);
    (void)in.context_u32(1);
  };
  CHECK(fault("0C 00 00 00 07 19 01", object_and_index) == "taken");
  CHECK(fault("0C 00 00 00 07", object_and_index) == "missing-required-parameter");
  CHECK(fault("0C 00 00 00 07 29 01", object_and_index) == "missing-required-parameter");
  CHECK(fault("0C 00 00 00 07 21 01", object_and_index) == "invalid-tag");
  CHECK(fault("0C 00 00 00 07 19 01 29 00", object_and_index) == "too-many-arguments");
  CHECK(fault("0C 00 00 00", object_and_index) == "invalid-tag");
  CHECK(fault("0B 00 00 07 19 01", object_and_index) == "invalid-data-encoding");
  CHECK(fault("0C 00 00 00 07 1D 05 01 00 00 00 00", object_and_index) == "parameter-out-of-range");
  CHECK(fault("44 00 00 00 00", [](ParameterReader& in) { (void)in.application<Unsigned>(); }) ==
        "invalid-parameter-datatype");
}

TEST_CASE("constructed values have to nest well, and not too deep") {
  const auto enclosed = [](std::string_view bytes) {
    const auto raw = hex(bytes);
    ParameterReader in(raw);
    const Bytes inside = in.enclosed(3);
    return in.finished() ? to_hex(inside) : "refused";
  };
  CHECK(enclosed("3E 3F") == "");
  CHECK(enclosed("3E 44 42 90 00 00 3F") == "44 42 90 00 00");
  CHECK(enclosed("3E 0E 3E 3F 0F 3F") == "0E 3E 3F 0F");
  CHECK(enclosed("3E 0E 3F 0F 3F") == "refused");
  CHECK(enclosed("3E 44 42 90 00 00") == "refused");
  CHECK(enclosed("3E 44 3F") == "refused");
  CHECK(enclosed("3E 3F 3F") == "refused");
  std::string deep = "3E";
  for (std::size_t i = 1; i < max_nesting; ++i)
    deep += "0E";
  std::string back;
  for (std::size_t i = 1; i < max_nesting; ++i)
    back += "0F";
  CHECK(enclosed(deep + back + "3F") != "refused");
  CHECK(enclosed(deep + "0E0F" + back + "3F") == "refused");
}

TEST_CASE("a length that is larger than what is there is refused before anything is taken") {
  for (const std::string_view text :
       {"75 FF FF FF FF FF 00", "75 FE FF FF 00", "65 FD", "F9 FF 00", "0D FF"}) {
    CAPTURE(text);
    const auto raw = hex(text);
    ParameterReader in(raw);
    (void)in.element();
    CHECK_FALSE(in.ok());
    CHECK(in.remaining() == 0);
  }
}

TEST_CASE("numbers of any type are numbers, strings are not") {
  CHECK(number(true) == 1.0);
  CHECK(number(Unsigned{7}) == 7.0);
  CHECK(number(Signed{-7}) == -7.0);
  CHECK(number(2.5F) == 2.5);
  CHECK(number(Enumerated{3}) == 3.0);
  CHECK_FALSE(number(Null{}).has_value());
  CHECK_FALSE(number(CharacterString::utf8("7")).has_value());
}

TEST_CASE("a device's date and time become UTC, and back; unspecified fields do not") {
  const DateTime local{.date = {.year = 126, .month = 11, .day = 28, .weekday = 6},
                       .time = {.hour = 1, .minute = 30, .second = 5, .hundredths = 25}};
  const auto utc = to_wall_time(local, 2h);
  REQUIRE(utc.has_value());
  CHECK(to_date_time(*utc, 0h).date.day == 27);
  CHECK(to_date_time(*utc, 2h) == local);
  DateTime any = local;
  any.date.day = 0xFF;
  CHECK_FALSE(to_wall_time(any, 0h).has_value());
  any = local;
  any.date.month = 13;
  CHECK_FALSE(to_wall_time(any, 0h).has_value());
}

TEST_CASE("objects and properties are written as people write them") {
  CHECK(to_string(ObjectId{ObjectType::analog_input, 7}) == "analog-input 7");
  CHECK(to_string(ObjectId{static_cast<ObjectType>(300), 7}) == "object-type 300 7");
  for (const std::string_view text :
       {"analog-input:7", "analog-input 7", "analog-input,7", "AI7", "ai:7", "0:7"}) {
    CAPTURE(text);
    CHECK(parse_object_id(text) == ObjectId{ObjectType::analog_input, 7});
  }
  for (const std::string_view text : {"", "7", "analog-input", "zz7", "ai4194304", "1024:1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_object_id(text).has_value());
  }
  CHECK(parse_property("present-value") == PropertyReference{PropertyId::present_value});
  CHECK(parse_property("85") == PropertyReference{PropertyId::present_value});
  CHECK(parse_property("priority-array[8]") == PropertyReference{PropertyId::priority_array, 8});
  CHECK_FALSE(parse_property("priority-array[").has_value());
  CHECK(parse_property("presnt-value").error().remedy.contains("present-value"));
  CHECK(to_string(PropertyReference{PropertyId::priority_array, 8}) == "priority-array[8]");
  CHECK(to_string(PropertyReference{static_cast<PropertyId>(600)}) == "property 600");
}
