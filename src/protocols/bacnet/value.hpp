// The application data types of BACnet (clause 20.2) as plain values.
//
// Strings and bit strings are views into the bytes they were decoded from: decoding a value allocates
// nothing. A view is good as long as those bytes are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "protocols/bacnet/object.hpp"

namespace iw::bacnet {

// Tag numbers of the application class (20.2.1.4).
enum class DataType : std::uint8_t {
  null = 0,
  boolean = 1,
  unsigned_integer = 2,
  signed_integer = 3,
  real = 4,
  double_real = 5,
  octet_string = 6,
  character_string = 7,
  bit_string = 8,
  enumerated = 9,
  date = 10,
  time = 11,
  object_id = 12,
};

struct Null {
  friend constexpr bool operator==(Null, Null) = default;
};

struct Unsigned {
  std::uint64_t value = 0;
  friend constexpr bool operator==(Unsigned, Unsigned) = default;
};

struct Signed {
  std::int64_t value = 0;
  friend constexpr bool operator==(Signed, Signed) = default;
};

struct Enumerated {
  std::uint32_t value = 0;
  friend constexpr bool operator==(Enumerated, Enumerated) = default;
};

struct OctetString {
  Bytes bytes;
  friend bool operator==(OctetString a, OctetString b);
};

// Character sets of 20.2.9.
enum class CharacterSet : std::uint8_t {
  utf8 = 0,
  dbcs = 1,  // two octets of code page precede the text
  jis_x_0208 = 2,
  ucs4 = 3,
  ucs2 = 4,
  iso_8859_1 = 5,
};

struct CharacterString {
  CharacterSet set = CharacterSet::utf8;
  Bytes bytes;

  static CharacterString utf8(std::string_view text) {
    return {.set = CharacterSet::utf8, .bytes = std::as_bytes(std::span(text))};
  }
  // As UTF-8. What can not be told (a DBCS code page, JIS, broken UTF-8) becomes '?', never an error.
  [[nodiscard]] std::string text() const;

  friend bool operator==(CharacterString a, CharacterString b);
};

// Bit 0 is the first, the most significant of the first octet (20.2.10).
struct BitString {
  Bytes bytes;
  std::uint8_t unused = 0;  // bits at the end of the last octet

  [[nodiscard]] std::size_t size() const { return 8 * bytes.size() - unused; }
  [[nodiscard]] bool at(std::size_t bit) const {
    return bit < size() && (std::to_integer<unsigned>(bytes[bit / 8]) >> (7 - bit % 8) & 1U) != 0;
  }
  friend bool operator==(BitString a, BitString b);
};

// Fields may be 0xFF: any. month 13 and 14: odd and even; day 32 last, 33 odd, 34 even (20.2.12).
struct Date {
  std::uint8_t year = 0xFF;  // since 1900
  std::uint8_t month = 0xFF;
  std::uint8_t day = 0xFF;
  std::uint8_t weekday = 0xFF;  // 1 is Monday

  friend constexpr auto operator<=>(const Date&, const Date&) = default;
};

struct Time {
  std::uint8_t hour = 0xFF;
  std::uint8_t minute = 0xFF;
  std::uint8_t second = 0xFF;
  std::uint8_t hundredths = 0xFF;

  friend constexpr auto operator<=>(const Time&, const Time&) = default;
};

struct DateTime {
  Date date;
  Time time;

  friend constexpr auto operator<=>(const DateTime&, const DateTime&) = default;
};

using Value = std::variant<Null, bool, Unsigned, Signed, float, double, OctetString, CharacterString,
                           BitString, Enumerated, Date, Time, ObjectId>;

// In the order of DataType.
constexpr DataType type_of(const Value& value) { return static_cast<DataType>(value.index()); }
std::string_view to_string(DataType type);

// The value as a number: Boolean, Unsigned, Signed, Real, Double, Enumerated. Real and Double may be NaN.
std::optional<double> number(const Value& value);

// The number as a value of that type; refused where it is none, as 2.5 of an Unsigned.
Result<Value> value_of(DataType type, double number);

// For people: "21.5", "true", "analog-input 7", "2026-11-28", "12:30:00.00", "{in-alarm...}" as bits "0100".
std::string to_string(const Value& value);

// A date and time without unspecified fields, in the given offset to UTC; and back.
std::optional<WallTime> to_wall_time(const DateTime& local, Duration utc_offset);
DateTime to_date_time(WallTime time, Duration utc_offset);

}  // namespace iw::bacnet
