#include "protocols/bacnet/value.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/hex.hpp"
#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

constexpr char32_t highest_code_point = 0x10FFFF;

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c > highest_code_point || (c >= 0xD800 && c < 0xE000)) c = U'?';
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

// How many octets the UTF-8 character at the front has; 0 when it is broken.
std::size_t utf8_length(Bytes bytes) {
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
  const bool not_a_character = (first == 0xED && at(1) >= 0xA0) || (first == 0xF4 && at(1) >= 0x90);
  return overlong || not_a_character ? 0 : length;
}

std::string checked_utf8(Bytes bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    for (std::size_t i = 0; i < length; ++i)
      out.push_back(static_cast<char>(bytes[i]));
    if (length == 0) out.push_back('?');
    bytes = bytes.subspan(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string from_ucs2(Reader in) {
  std::string out;
  while (in.remaining() >= 2) {
    char32_t c = in.u16be();
    // Some devices write UTF-16.
    if (c >= 0xD800 && c < 0xDC00 && in.remaining() >= 2) {
      const char32_t low = in.u16be();
      c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : U'?';
    }
    append_utf8(out, c);
  }
  return out;
}

std::string bits_of(BitString bits) {
  std::string out;
  for (std::size_t i = 0; i < bits.size(); ++i)
    out.push_back(bits.at(i) ? '1' : '0');
  return out;
}

std::string field(std::uint8_t value, int digits) {
  return value == 0xFF ? std::string(static_cast<std::size_t>(digits), '*')
                       : fmt::format("{:0{}}", value, digits);
}

std::string text_of(Date date) {
  const std::string year = date.year == 0xFF ? "****" : std::to_string(1900 + date.year);
  return fmt::format("{}-{}-{}", year, field(date.month, 2), field(date.day, 2));
}

std::string text_of(Time time) {
  return fmt::format("{}:{}:{}.{}", field(time.hour, 2), field(time.minute, 2), field(time.second, 2),
                     field(time.hundredths, 2));
}

constexpr std::array<std::string_view, 13> type_names{
    "Null",   "Boolean",     "Unsigned",        "Signed",    "Real",
    "Double", "OctetString", "CharacterString", "BitString", "Enumerated",
    "Date",   "Time",        "ObjectIdentifier"};

}  // namespace

bool operator==(OctetString a, OctetString b) { return std::ranges::equal(a.bytes, b.bytes); }
bool operator==(CharacterString a, CharacterString b) {
  return a.set == b.set && std::ranges::equal(a.bytes, b.bytes);
}
bool operator==(BitString a, BitString b) {
  return a.unused == b.unused && std::ranges::equal(a.bytes, b.bytes);
}

std::string CharacterString::text() const {
  std::string out;
  Reader in(bytes);
  switch (set) {
    case CharacterSet::utf8: return checked_utf8(bytes);
    case CharacterSet::ucs2: return from_ucs2(in);
    case CharacterSet::ucs4:
      while (in.remaining() >= 4)
        append_utf8(out, in.u32be());
      return out;
    case CharacterSet::iso_8859_1:
      for (const std::byte b : bytes)
        append_utf8(out, std::to_integer<char32_t>(b));
      return out;
    case CharacterSet::dbcs: in.u16be(); break;
    case CharacterSet::jis_x_0208: break;
  }
  for (const std::byte b : in.rest())
    out.push_back(std::to_integer<unsigned>(b) < 0x80 ? static_cast<char>(b) : '?');
  return out;
}

std::string_view to_string(DataType type) {
  const auto at = static_cast<std::size_t>(type);
  return at < type_names.size() ? type_names[at] : "reserved";
}

std::optional<double> number(const Value& value) {
  using Number = std::optional<double>;
  return std::visit(
      overloaded{[](bool v) { return Number(v ? 1 : 0); },
                 [](Unsigned v) { return Number(static_cast<double>(v.value)); },
                 [](Signed v) { return Number(static_cast<double>(v.value)); },
                 [](float v) { return Number(v); }, [](double v) { return Number(v); },
                 [](Enumerated v) { return Number(v.value); }, [](const auto&) { return Number(); }},
      value);
}

Result<Value> value_of(DataType type, double number) {
  const bool whole = std::nearbyint(number) == number;
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::invalid_argument, fmt::format("the device takes {}: {} is none", why, number));
  };
  switch (type) {
    case DataType::real: return static_cast<float>(number);
    case DataType::double_real: return number;
    case DataType::boolean:
      if (number != 0 && number != 1) return wrong("0 or 1");
      return number == 1;
    case DataType::unsigned_integer:
      if (!whole || number < 0 || number > 0x1p53) return wrong("whole numbers from 0");
      return Unsigned{static_cast<std::uint64_t>(number)};
    case DataType::signed_integer:
      if (!whole || std::abs(number) > 0x1p53) return wrong("whole numbers");
      return Signed{static_cast<std::int64_t>(number)};
    case DataType::enumerated:
      if (!whole || number < 0 || number > 0xFFFFFFFF) return wrong("the number of a state");
      return Enumerated{static_cast<std::uint32_t>(number)};
    default:
      return fail(ErrorKind::unsupported,
                  fmt::format("its value is a {}, which is not commanded by a number", to_string(type)));
  }
}

std::string to_string(const Value& value) {
  return std::visit(
      overloaded{
          [](Null) { return std::string("null"); }, [](bool v) { return std::string(v ? "true" : "false"); },
          [](Unsigned v) { return std::to_string(v.value); },
          [](Signed v) { return std::to_string(v.value); }, [](float v) { return fmt::format("{}", v); },
          [](double v) { return fmt::format("{}", v); }, [](OctetString v) { return to_hex(v.bytes); },
          [](CharacterString v) { return v.text(); }, [](BitString v) { return bits_of(v); },
          [](Enumerated v) { return std::to_string(v.value); }, [](Date v) { return text_of(v); },
          [](Time v) { return text_of(v); }, [](ObjectId v) { return to_string(v); }},
      value);
}

std::optional<WallTime> to_wall_time(const DateTime& local, Duration utc_offset) {
  const auto& [date, time] = local;
  const std::chrono::year_month_day day{std::chrono::year(1900 + date.year), std::chrono::month(date.month),
                                        std::chrono::day(date.day)};
  if (date.year == 0xFF || !day.ok() || time.hour > 23 || time.minute > 59 || time.second > 59)
    return std::nullopt;
  const unsigned hundredths = time.hundredths > 99 ? 0 : time.hundredths;
  return WallTime(std::chrono::sys_days(day)) + std::chrono::hours(time.hour) +
         std::chrono::minutes(time.minute) + std::chrono::seconds(time.second) + hundredths * 10ms -
         utc_offset;
}

DateTime to_date_time(WallTime time, Duration utc_offset) {
  const WallTime local = time + utc_offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(local - day));
  const auto narrow = [](auto value) { return static_cast<std::uint8_t>(value); };
  return {.date = {.year = narrow(static_cast<int>(date.year()) - 1900),
                   .month = narrow(static_cast<unsigned>(date.month())),
                   .day = narrow(static_cast<unsigned>(date.day())),
                   .weekday = narrow(std::chrono::weekday(day).iso_encoding())},
          .time = {.hour = narrow(clock.hours().count()),
                   .minute = narrow(clock.minutes().count()),
                   .second = narrow(clock.seconds().count()),
                   .hundredths = narrow(clock.subseconds().count() / 10)}};
}

}  // namespace iw::bacnet
