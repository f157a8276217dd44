#include "protocols/modbus/value.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

constexpr std::uint16_t first = 100;

RegisterPoint point(ValueType type, ByteOrder order = ByteOrder::abcd, double scale = 1) {
  RegisterPoint p;
  p.address = first;
  p.type = type;
  p.order = order;
  p.scale = scale;
  return p;
}

Decoded decode(const RegisterPoint& p, std::string_view registers) {
  return compile(p).decode(parse_hex(registers).value(), first);
}

// The number, where it is one.
double number(const RegisterPoint& p, std::string_view registers) {
  const Decoded d = decode(p, registers);
  CHECK(d.good());
  return d.value;
}

ValueState state(const RegisterPoint& p, std::string_view registers) {
  const Decoded d = decode(p, registers);
  CHECK(std::isnan(d.value) != d.good());
  return d.state;
}

std::vector<std::byte> bytes_of(const std::vector<std::uint16_t>& words) {
  std::vector<std::byte> bytes;
  for (const std::uint16_t word : words) {
    bytes.push_back(static_cast<std::byte>(word >> 8));
    bytes.push_back(static_cast<std::byte>(word));
  }
  return bytes;
}

std::string encoded(const RegisterPoint& p, double value, std::optional<int> exponent = {}) {
  const auto words = encode_value(p, value, exponent);
  return words ? to_hex(bytes_of(*words)) : words.error().message;
}

// Knuth's MMIX generator; the high bits are good.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) {}
  std::uint64_t operator()() { return half() << 32 | half(); }
  std::uint64_t below(std::uint64_t end) { return (*this)() % end; }

 private:
  std::uint64_t half() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return state_ >> 32;
  }
  std::uint64_t state_;
};

}  // namespace

TEST_CASE("32 bits come in four orders") {
  CHECK(number(point(ValueType::u32, ByteOrder::abcd), "0A0B 0C0D") == 0x0A0B0C0D);
  CHECK(number(point(ValueType::u32, ByteOrder::cdab), "0C0D 0A0B") == 0x0A0B0C0D);
  CHECK(number(point(ValueType::u32, ByteOrder::badc), "0B0A 0D0C") == 0x0A0B0C0D);
  CHECK(number(point(ValueType::u32, ByteOrder::dcba), "0D0C 0B0A") == 0x0A0B0C0D);
  // The two orders of 64 bits that swap halves have but one half here.
  CHECK(number(point(ValueType::u32, ByteOrder::efghabcd), "0A0B 0C0D") == 0x0A0B0C0D);
  CHECK(number(point(ValueType::u32, ByteOrder::fehgbadc), "0B0A 0D0C") == 0x0A0B0C0D);
}

TEST_CASE("64 bits come in six orders") {
  constexpr double value = 0x0001020304050607;  // ABCDEFGH = 00 01 02 .. 07
  CHECK(number(point(ValueType::u64, ByteOrder::abcd), "0001 0203 0405 0607") == value);
  CHECK(number(point(ValueType::u64, ByteOrder::cdab), "0607 0405 0203 0001") == value);
  CHECK(number(point(ValueType::u64, ByteOrder::badc), "0100 0302 0504 0706") == value);
  CHECK(number(point(ValueType::u64, ByteOrder::dcba), "0706 0504 0302 0100") == value);
  CHECK(number(point(ValueType::u64, ByteOrder::efghabcd), "0405 0607 0001 0203") == value);
  CHECK(number(point(ValueType::u64, ByteOrder::fehgbadc), "0504 0706 0100 0302") == value);
}

TEST_CASE("16 and 48 bits follow the same rules") {
  CHECK(number(point(ValueType::u16, ByteOrder::abcd), "1234") == 0x1234);
  CHECK(number(point(ValueType::u16, ByteOrder::cdab), "1234") == 0x1234);
  CHECK(number(point(ValueType::u16, ByteOrder::badc), "3412") == 0x1234);
  CHECK(number(point(ValueType::u16, ByteOrder::dcba), "3412") == 0x1234);
  CHECK(number(point(ValueType::u48, ByteOrder::abcd), "0102 0304 0506") == 0x010203040506);
  CHECK(number(point(ValueType::u48, ByteOrder::cdab), "0506 0304 0102") == 0x010203040506);
  CHECK(number(point(ValueType::u48, ByteOrder::dcba), "0605 0403 0201") == 0x010203040506);
}

TEST_CASE("whole numbers") {
  CHECK(number(point(ValueType::u16), "FFFF") == 65535);
  CHECK(number(point(ValueType::i16), "FFFF") == -1);
  CHECK(number(point(ValueType::i16), "8000") == -32768);
  CHECK(number(point(ValueType::i32), "FFFF FFFE") == -2);
  CHECK(number(point(ValueType::i64), "8000 0000 0000 0000") == -9223372036854775808.0);
  CHECK(number(point(ValueType::u64), "FFFF FFFF FFFF FFFF") == 18446744073709551616.0);
  CHECK(number(point(ValueType::u8_high), "12FF") == 0x12);
  CHECK(number(point(ValueType::u8_low), "12FF") == 0xFF);
  CHECK(number(point(ValueType::u8_high, ByteOrder::badc), "12FF") == 0xFF);
  CHECK(number(point(ValueType::sign_magnitude), "8005") == -5);
  CHECK(number(point(ValueType::sign_magnitude), "0005") == 5);
}

TEST_CASE("floating point numbers") {
  CHECK(number(point(ValueType::f32), "4366 8000") == 230.5);
  CHECK(number(point(ValueType::f32, ByteOrder::cdab), "8000 4366") == 230.5);
  CHECK(number(point(ValueType::f64), "C009 21FB 5444 2D18") == -3.141592653589793);
  CHECK(number(point(ValueType::f16), "3C00") == 1);
  CHECK(number(point(ValueType::f16), "C000") == -2);
  CHECK(number(point(ValueType::f16), "7BFF") == 65504);
  CHECK(number(point(ValueType::f16), "0400") == 0x1p-14);
  CHECK(number(point(ValueType::f16), "0001") == 0x1p-24);
  CHECK(number(point(ValueType::f16), "3555") == 0.333251953125);
}

TEST_CASE("NaN and infinity are not available, whatever their bits") {
  for (const char* bits : {"7FC0 0000", "FFC0 0000", "7F80 0001", "7F80 0000", "FF80 0000"}) {
    CHECK(state(point(ValueType::f32), bits) == ValueState::not_available);
  }
  CHECK(state(point(ValueType::f64), "7FF8 0000 0000 0000") == ValueState::not_available);
  CHECK(state(point(ValueType::f64), "FFF0 0000 0000 0000") == ValueState::not_available);
  CHECK(state(point(ValueType::f16), "7C00") == ValueState::not_available);
  CHECK(state(point(ValueType::f16), "7E00") == ValueState::not_available);
  CHECK(state(point(ValueType::f64, ByteOrder::abcd, 1000), "7FEF FFFF FFFF FFFF") ==
        ValueState::not_available);
}

TEST_CASE("BCD with a nibble above nine is no number") {
  CHECK(number(point(ValueType::bcd16), "1234") == 1234);
  CHECK(number(point(ValueType::bcd32), "1234 5678") == 12345678);
  CHECK(number(point(ValueType::bcd32, ByteOrder::cdab), "5678 1234") == 12345678);
  CHECK(number(point(ValueType::bcd64), "0012 3456 7890 1234") == 12345678901234);
  for (const char* bad : {"A000", "0A00", "00F0", "000B"}) {
    CHECK(state(point(ValueType::bcd16), bad) == ValueState::malformed);
  }
  CHECK(state(point(ValueType::bcd64), "0000 0000 0000 000A") == ValueState::malformed);
}

TEST_CASE("mod10k has the low register first, and no register above 9999") {
  CHECK(number(point(ValueType::mod10k_2), "162E 0001") == 15678);
  CHECK(number(point(ValueType::mod10k_3), "0001 0002 0003") == 300020001);
  CHECK(number(point(ValueType::mod10k_4), "270F 270F 270F 270F") == 9999999999999999.0);
  CHECK(number(point(ValueType::mod10k_2, ByteOrder::cdab), "0001 162E") == 15678);
  CHECK(state(point(ValueType::mod10k_2), "2710 0001") == ValueState::malformed);
  CHECK(state(point(ValueType::mod10k_4), "0000 0000 0000 2710") == ValueState::malformed);
}

TEST_CASE("a sentinel is compared as the raw value, in the value's own byte order") {
  auto p = point(ValueType::i32, ByteOrder::cdab);
  p.sentinels = {0x80000000, 0x7FFFFFFF};
  CHECK(state(p, "0000 8000") == ValueState::not_available);
  CHECK(state(p, "FFFF 7FFF") == ValueState::not_available);
  CHECK(number(p, "8000 0000") == 0x8000);
  CHECK(number(p, "0001 8000") == -2147483647);

  auto f = point(ValueType::f32);
  f.sentinels = {0xFF7FFFFF};
  CHECK(state(f, "FF7F FFFF") == ValueState::not_available);

  auto u = point(ValueType::u64);
  u.sentinels = {~0ULL};
  CHECK(state(u, "FFFF FFFF FFFF FFFF") == ValueState::not_available);

  auto high = point(ValueType::u8_high);
  high.sentinels = {0xFF};
  CHECK(state(high, "FF00") == ValueState::not_available);
  CHECK(number(high, "00FF") == 0);

  auto low = point(ValueType::u8_low);
  low.sentinels = {0xFF};
  CHECK(state(low, "12FF") == ValueState::not_available);
  CHECK(number(low, "FF12") == 0x12);

  auto counter = point(ValueType::u32);
  counter.zero_is_sentinel = true;
  CHECK(state(counter, "0000 0000") == ValueState::not_available);
  CHECK(number(counter, "0000 0001") == 1);
  // Scale and offset do not make a sentinel of another value.
  auto scaled = point(ValueType::u16, ByteOrder::abcd, 0.1);
  scaled.sentinels = {0xFFFF};
  CHECK(state(scaled, "FFFF") == ValueState::not_available);
  CHECK(number(scaled, "FFFE") == 6553.4);
}

TEST_CASE("bits and bit ranges") {
  auto flag = point(ValueType::boolean);
  flag.bit = 3;
  CHECK(number(flag, "0008") == 1);
  CHECK(number(flag, "FFF7") == 0);
  auto range = point(ValueType::u16);
  range.bit = 4;
  range.bits = 3;
  CHECK(number(range, "FF5F") == 5);
  auto wide = point(ValueType::u32);
  wide.bit = 12;
  wide.bits = 8;
  CHECK(number(wide, "000A B000") == 0xAB);
  wide.sentinels = {0xFFFFFFFF};
  CHECK(state(wide, "FFFF FFFF") == ValueState::not_available);
  CHECK(number(wide, "000F F000") == 0xFF);
}

TEST_CASE("a coil or discrete input is a bit") {
  auto coil = point(ValueType::boolean);
  coil.table = Table::coils;
  CHECK(compile(coil).decode(true).value == 1);
  CHECK(compile(coil).decode(false).value == 0);
  CHECK(encoded(coil, 1) == "00 01");
  CHECK(encoded(coil, 0) == "00 00");
  coil.scale = -1;  // inverted
  coil.offset = 1;
  CHECK(compile(coil).decode(true).value == 0);
  CHECK(encoded(coil, 1) == "00 00");
}

TEST_CASE("a decimal scale gives the decimal number, to the last bit") {
  CHECK(number(point(ValueType::u16, ByteOrder::abcd, 0.1), "08FD") == 230.1);
  // 0.1 x raw is wrong in the last bit for a third of these.
  for (const auto& [scale, divide] : {std::pair{0.1, 10.0}, {0.01, 100.0}, {0.001, 1000.0}, {1e-6, 1e6}}) {
    const Decoder d = compile(point(ValueType::u32, ByteOrder::abcd, scale));
    for (std::uint32_t raw = 0; raw < 100000; raw += 7) {
      const Decoded got =
          d.decode(bytes_of({static_cast<std::uint16_t>(raw >> 16), static_cast<std::uint16_t>(raw)}), first);
      REQUIRE(got.value == raw / divide);
    }
  }
  CHECK(number(point(ValueType::u16, ByteOrder::abcd, 0.36), "0001") == 0.36);
  CHECK(number(point(ValueType::u16, ByteOrder::abcd, 1000), "000C") == 12000);
  auto kelvin = point(ValueType::u16, ByteOrder::abcd, 0.1);
  kelvin.offset = -273.15;
  CHECK(number(kelvin, "0B87") == 21.95);  // 295.1 - 273.15 is 21.950000000000045 in doubles
  auto fahrenheit = point(ValueType::i16, ByteOrder::abcd, 5.0 / 9.0);
  fahrenheit.offset = -160.0 / 9.0;
  CHECK(number(fahrenheit, "00D4") == doctest::Approx(100));
}

TEST_CASE("a scale register multiplies by a power of ten, out of -10 to 10 there is no value") {
  auto p = point(ValueType::i16);
  p.scale_register = ScaleRegister{first + 2};
  CHECK(number(p, "08FD 0000 FFFF") == 230.1);
  CHECK(number(p, "08FD 0000 0000") == 2301);
  CHECK(number(p, "08FD 0000 0002") == 230100);
  CHECK(number(p, "0001 0000 FFF6") == 1e-10);
  CHECK(number(p, "0001 0000 000A") == 1e10);
  for (const char* bad : {"0001 0000 8000", "0001 0000 000B", "0001 0000 FFF5", "0001 0000 7FFF"}) {
    CHECK(state(p, bad) == ValueState::not_available);
  }
  p.scale = 0.01;  // on top: 2301 x 10^-1 x 0.01
  CHECK(number(p, "08FD 0000 FFFF") == 2.301);
  p.offset = 1;
  CHECK(number(p, "08FD 0000 0001") == 231.1);
  // The factor may stand before the value.
  p = point(ValueType::i16);
  p.address = first + 1;
  p.scale_register = ScaleRegister{first};
  CHECK(number(p, "FFFE 0065") == 1.01);
  p.sentinels = {0x8000};
  CHECK(state(p, "FFFE 8000") == ValueState::not_available);
}

TEST_CASE("registers that the reply does not hold are missing, never read") {
  auto p = point(ValueType::u32);
  CHECK(state(p, "0001") == ValueState::missing);
  CHECK(state(p, "") == ValueState::missing);
  p.address = first - 1;
  CHECK(state(p, "0001 0002") == ValueState::missing);
  p.address = first + 1;
  CHECK(state(p, "0001 0002") == ValueState::missing);
  CHECK(number(p, "0001 0002 0003") == 0x20003);
  p.address = 0;  // addresses do not wrap
  CHECK(compile(p).decode(parse_hex("0001 0002 0003 0004").value(), 65534).state == ValueState::missing);
  p = point(ValueType::u16);
  p.scale_register = ScaleRegister{first + 1};
  CHECK(state(p, "0001") == ValueState::missing);
  p.scale_register = ScaleRegister{first - 1};
  CHECK(state(p, "0001 0002") == ValueState::missing);
  CHECK(state(point(ValueType::string), "4142") == ValueState::missing);
}

// ---- Texts

TEST_CASE("texts are trimmed, and what can not be printed is replaced") {
  auto p = point(ValueType::string);
  p.string_registers = 4;
  const auto text = [&](std::string_view registers) {
    return decode_text(p, parse_hex(registers).value(), first).value_or("(none)");
  };
  CHECK(text("4142 4344 4546 4748") == "ABCDEFGH");
  CHECK(text("4142 4300 0000 0000") == "ABC");
  CHECK(text("2041 4220 2020 2000") == "AB");
  CHECK(text("4142 0058 5858 5858") == "AB");
  CHECK(text("41FF 4207 437F 4400") == "A?B?C?D");
  CHECK(text("2020 2020 2020 2020").empty());
  CHECK(text("0000 0000 0000 0000") == "(none)");
  CHECK(text("FFFF FFFF FFFF FFFF") == "(none)");
  CHECK(text("4142 4344 4546") == "(none)");
  p.type = ValueType::string_swapped;
  CHECK(text("4241 4443 4645 4847") == "ABCDEFGH");
  CHECK(text("4241 0043 0000 0000") == "ABC");
}

TEST_CASE("a text is written with NUL behind it, and read back") {
  for (const ValueType type : {ValueType::string, ValueType::string_swapped}) {
    auto p = point(type);
    p.string_registers = 4;
    for (const char* text : {"A", "AB", "SN-1234", "12345678"}) {
      CHECK(decode_text(p, bytes_of(encode_text(p, text).value()), first) == text);
    }
    CHECK(encode_text(p, "123456789").error().message ==
          "'123456789' has 9 characters, register 100 takes 8");
  }
  CHECK_FALSE(encode_text(point(ValueType::u16), "1"));
}

// ---- Encoding

TEST_CASE("values are rounded to the nearest step of the device") {
  CHECK(encoded(point(ValueType::u16, ByteOrder::abcd, 0.1), 230.1) == "08 FD");
  CHECK(encoded(point(ValueType::u16, ByteOrder::abcd, 0.1), 230.14) == "08 FD");
  CHECK(encoded(point(ValueType::u16, ByteOrder::abcd, 0.1), 230.16) == "08 FE");
  CHECK(encoded(point(ValueType::i16, ByteOrder::abcd, 10), -26) == "FF FD");
  CHECK(encoded(point(ValueType::f32), 230.5) == "43 66 80 00");
  CHECK(encoded(point(ValueType::sign_magnitude), -0.2) == "00 00");
  CHECK(encoded(point(ValueType::f16), 0.33331) == "35 55");
  CHECK(encoded(point(ValueType::f16), 0x1.8p-15) == "03 00");
  CHECK(encoded(point(ValueType::f16), 0x1.ffep-15) == "04 00");  // rounds up out of the subnormals
  CHECK(encoded(point(ValueType::bcd32, ByteOrder::cdab), 12345678) == "56 78 12 34");
  CHECK(encoded(point(ValueType::mod10k_2), 15678) == "16 2E 00 01");
}

TEST_CASE("a value out of range names the range, in the unit of the value") {
  CHECK(encoded(point(ValueType::u16, ByteOrder::abcd, 0.1), 6553.6) ==
        "6553.6 does not fit register 100: it takes 0 to 6553.5");
  CHECK(encoded(point(ValueType::i16, ByteOrder::abcd, -10), 327690) ==
        "327690 does not fit register 100: it takes -327670 to 327680");
  CHECK(encoded(point(ValueType::sign_magnitude), -32768) ==
        "-32768 does not fit register 100: it takes -32767 to 32767");
  CHECK(encoded(point(ValueType::bcd16), 10000) == "10000 does not fit register 100: it takes 0 to 9999");
  CHECK(encoded(point(ValueType::mod10k_2), 1e8) ==
        "100000000 does not fit register 100: it takes 0 to 99999999");
  CHECK(encoded(point(ValueType::f16), 65505) == "65505 does not fit register 100: it takes -65504 to 65504");
  CHECK(encoded(point(ValueType::u16), -0.6) == "-0.6 does not fit register 100: it takes 0 to 65535");
  CHECK(encoded(point(ValueType::u16), 65535.4) == "FF FF");
  CHECK(encoded(point(ValueType::u64), 18446744073709551616.0).find("does not fit") != std::string::npos);
  CHECK(encoded(point(ValueType::i64), 9223372036854775808.0).find("does not fit") != std::string::npos);
  CHECK(encoded(point(ValueType::bcd64), 1e16).find("does not fit") != std::string::npos);
  CHECK(encoded(point(ValueType::f32), 1e39).find("does not fit") != std::string::npos);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(encoded(point(ValueType::f32), nan).find("not a number") != std::string::npos);
  CHECK(encoded(point(ValueType::f64), std::numeric_limits<double>::infinity()).find("not a number") !=
        std::string::npos);
}

TEST_CASE("what the device would read as 'not available' is not written") {
  auto p = point(ValueType::u16);
  p.sentinels = {0xFFFF};
  CHECK(encoded(p, 65535) == "65535 would be written as 0xFFFF, which means 'not available' at register 100");
  CHECK(encoded(p, 65534) == "FF FE");
}

TEST_CASE("a value with a scale register needs the present factor") {
  auto p = point(ValueType::i16);
  p.scale_register = ScaleRegister{first + 1};
  CHECK(encoded(p, 230.1, -1) == "08 FD");
  CHECK(encoded(p, 230100, 2) == "08 FD");
  CHECK(encoded(p, 1e6, 0) == "1000000 does not fit register 100: it takes -32768 to 32767");
  CHECK(encoded(p, 230.1) == "the scale factor at register 101 is not known");
  CHECK(encoded(p, 230.1, -32768) == "scale factor -32768, expected -10 to 10");
}

TEST_CASE("a part of a register is written by its mask, and the other bits stay") {
  const auto written = [](const RegisterPoint& p, double value, std::uint16_t before) {
    const auto write = encode_mask(p, value);
    REQUIRE(write.has_value());
    CHECK(write->address >= first);
    return write->applied_to(before);
  };
  auto flag = point(ValueType::boolean);
  flag.bit = 3;
  CHECK(written(flag, 1, 0xA5A5) == 0xA5AD);
  CHECK(written(flag, 0, 0xFFFF) == 0xFFF7);
  auto range = point(ValueType::u16, ByteOrder::badc);
  range.bit = 4;
  range.bits = 3;
  CHECK(written(range, 5, 0x0000) == 0x5000);
  CHECK(written(range, 5, 0xFFFF) == 0xDFFF);
  CHECK(written(point(ValueType::u8_high), 0x12, 0xABCD) == 0x12CD);
  CHECK(written(point(ValueType::u8_low), 0x12, 0xABCD) == 0xAB12);
  auto second = point(ValueType::u32);
  second.bit = 2;
  second.bits = 2;
  CHECK(encode_mask(second, 3)->address == first + 1);
  second.order = ByteOrder::cdab;
  CHECK(encode_mask(second, 3)->address == first);
  second.bit = 15;
  CHECK(encode_mask(second, 3).error().kind == ErrorKind::unsupported);
  CHECK(encode_mask(range, 8).error().message == "8 does not fit register 100: it takes 0 to 7");
  CHECK(encode_value(range, 1).error().kind == ErrorKind::unsupported);
  CHECK(is_partial(range));
  CHECK_FALSE(is_partial(point(ValueType::u16)));
}

TEST_CASE("decode(encode(x)) is x for a million random values of every type") {
  constexpr int rounds = 1'000'000;
  constexpr int orders = 6;
  constexpr std::uint64_t exact = 1ULL << 53;
  struct Kind {
    ValueType type{};
    double (*draw)(Lcg&) = nullptr;
  };
  const auto f16 = [](Lcg& r) {
    const auto exponent = static_cast<int>(r.below(30)) - 24;
    return std::ldexp(static_cast<double>(r.below(2048)), exponent) * (r.below(2) != 0 ? 1 : -1);
  };
  const auto f32 = [](Lcg& r) {
    const float f = std::bit_cast<float>(static_cast<std::uint32_t>(r()));
    return std::isfinite(f) ? static_cast<double>(f) : 0.0;
  };
  const auto f64 = [](Lcg& r) {
    const auto f = std::bit_cast<double>(r());
    return std::isfinite(f) ? f : 0.0;
  };
  const std::vector<Kind> kinds{
      {ValueType::u16, [](Lcg& r) { return static_cast<double>(r.below(0x10000)); }},
      {ValueType::i16, [](Lcg& r) { return static_cast<double>(r.below(0x10000)) - 0x8000; }},
      {ValueType::u32, [](Lcg& r) { return static_cast<double>(r.below(1ULL << 32)); }},
      {ValueType::i32, [](Lcg& r) { return static_cast<double>(r.below(1ULL << 32)) - 0x80000000; }},
      {ValueType::u48, [](Lcg& r) { return static_cast<double>(r.below(1ULL << 48)); }},
      {ValueType::u64, [](Lcg& r) { return static_cast<double>(r.below(exact)); }},
      {ValueType::i64,
       [](Lcg& r) { return static_cast<double>(r.below(exact)) - static_cast<double>(exact / 2); }},
      {ValueType::f16, f16},
      {ValueType::f32, f32},
      {ValueType::f64, f64},
      {ValueType::sign_magnitude, [](Lcg& r) { return static_cast<double>(r.below(0xFFFF)) - 0x7FFF; }},
      {ValueType::bcd16, [](Lcg& r) { return static_cast<double>(r.below(10'000)); }},
      {ValueType::bcd32, [](Lcg& r) { return static_cast<double>(r.below(100'000'000)); }},
      {ValueType::bcd64, [](Lcg& r) { return static_cast<double>(r.below(exact)); }},
      {ValueType::mod10k_2, [](Lcg& r) { return static_cast<double>(r.below(100'000'000)); }},
      {ValueType::mod10k_3, [](Lcg& r) { return static_cast<double>(r.below(1'000'000'000'000)); }},
      {ValueType::mod10k_4, [](Lcg& r) { return static_cast<double>(r.below(exact)); }},
  };
  for (const Kind& kind : kinds) {
    CAPTURE(static_cast<int>(kind.type));
    Lcg random(static_cast<std::uint64_t>(kind.type) + 1);
    int wrong = 0;
    for (int order = 0; order < orders; ++order) {
      const RegisterPoint p = point(kind.type, static_cast<ByteOrder>(order));
      const Decoder decoder = compile(p);
      for (int i = 0; i < rounds / orders; ++i) {
        const double x = kind.draw(random);
        const auto words = encode_value(p, x);
        if (!words || decoder.decode(bytes_of(*words), first).value != x) ++wrong;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("encode(decode(registers)) is the registers, whatever the scale") {
  Lcg random(7);
  int wrong = 0;
  for (const ValueType type :
       {ValueType::u16, ValueType::i16, ValueType::u32, ValueType::i32, ValueType::u48}) {
    for (const double scale : {0.1, 0.01, 0.001, 1e-6, 10.0, 1000.0, 0.36, -1.0, 5.0 / 9.0, 1.0 / 60.0}) {
      for (const double offset : {0.0, -273.15, 40.0}) {
        RegisterPoint p = point(type, ByteOrder::cdab, scale);
        p.offset = offset;
        const Decoder decoder = compile(p);
        for (int i = 0; i < 1000; ++i) {
          std::vector<std::uint16_t> registers(register_count(p));
          for (std::uint16_t& r : registers)
            r = static_cast<std::uint16_t>(random());
          const Decoded d = decoder.decode(bytes_of(registers), first);
          if (!d.good() || encode_value(p, d.value) != registers) ++wrong;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("an enumeration is translated both ways, and a value that is not listed is none") {
  RegisterPoint p = point(ValueType::u16);
  p.translate = {{4, 3}, {8, 7}};
  CHECK(number(p, "0004") == 3);
  CHECK(state(p, "0005") == ValueState::not_available);
  CHECK(encoded(p, 7) == "00 08");
  CHECK(encoded(p, 4) == "4 is no value of register 100");
}

TEST_CASE("a magnitude has no sign, whatever the device says") {
  RegisterPoint p = point(ValueType::i16, ByteOrder::abcd, 0.001);
  p.magnitude = true;
  CHECK(number(p, "FC18") == 1);
  CHECK(number(p, "03E8") == 1);
}
