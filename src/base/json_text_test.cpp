#include "base/json_text.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using namespace iw;

TEST_CASE("a text has its quotes, and what JSON does not take as it is is escaped") {
  CHECK(json_text("") == R"("")");
  CHECK(json_text("roof inverter/ActivePowerLimit") == R"("roof inverter/ActivePowerLimit")");
  CHECK(json_text("a \"b\" \\ c") == R"("a \"b\" \\ c")");
  CHECK(json_text("\n\t\r\b\f") == R"("\n\t\r\b\f")");
  CHECK(json_text(std::string_view("\0\x1f", 2)) == R"("\u0000\u001f")");
}

TEST_CASE("UTF-8 stays as it is, and what is none becomes a replacement character") {
  CHECK(json_text("Küche, 電池, 🔋") == "\"Küche, 電池, 🔋\"");
  CHECK(json_text("\xC3") == "\"\uFFFD\"");
  CHECK(json_text("a\x80z") == "\"a\uFFFDz\"");
  CHECK(json_text("\xC0\xAF") == "\"\uFFFD\uFFFD\"");                        // overlong
  CHECK(json_text("\xED\xA0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");              // a surrogate
  CHECK(json_text("\xF4\x90\x80\x80 ") == "\"\uFFFD\uFFFD\uFFFD\uFFFD \"");  // beyond U+10FFFF
  CHECK(json_text("\xE2\x82\"") == "\"\uFFFD\uFFFD\\\"\"");                  // cut off
}

TEST_CASE("an object is written member by member behind what stands there, and no number is not finite") {
  std::string line = "[";
  JsonObject(line)
      .number("id", std::uint64_t{18'446'744'073'709'551'615U})
      .text("path", "a\"b\n")
      .number("value", 0.1)
      .number("limit", std::numeric_limits<double>::infinity())
      .flag("written", true)
      .flag("kept", false)
      .close();
  CHECK(
      line ==
      R"([{"id":18446744073709551615,"path":"a\"b\n","value":0.1,"limit":null,"written":true,"kept":false})");
  std::string nothing;
  JsonObject(nothing).close();
  CHECK(nothing == "{}");
}
