#include "transfer/value_text.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "io/world/seeded_random.hpp"
#include "transfer/csv.hpp"

using namespace iw;
using namespace iw::transfer;

TEST_CASE("every double as text is read back to the last bit") {
  io::world::SeededRandom random(1, "doubles");
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t bits = random.below(~0ULL) ^ (std::uint64_t{random.below(2)} << 63U);
    const auto value = std::bit_cast<double>(bits);
    const auto back = parse_exact(exact_text(value));
    REQUIRE(back);
    REQUIRE(std::bit_cast<std::uint64_t>(*back) == bits);
  }
  CHECK(exact_text(230.1) == "230.1");
  CHECK(exact_text(-0.0) == "-0");
  CHECK(std::signbit(parse_exact("-0").value()));
  CHECK(exact_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(exact_text(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(std::bit_cast<std::uint64_t>(parse_exact("nan:7ff8000000000001").value()) == 0x7FF8'0000'0000'0001U);
  for (const char* wrong : {"", "x", "1.5 ", "infinity", "nan:", "nan:0000000000000001", "nan:7ff8", "1,5"})
    CHECK_FALSE(parse_exact(wrong).has_value());
}

TEST_CASE("every quality as text is read back, with or without a name for its bits") {
  io::world::SeededRandom random(2, "qualities");
  for (int i = 0; i < 10'000; ++i) {
    const auto quality = model::Quality::from_bits(static_cast<std::uint32_t>(random.below(1ULL << 32U)));
    REQUIRE(parse_quality_text(quality_text(quality)).value() == quality);
  }
  CHECK(quality_text({}) == "good");
  for (const char* wrong : {"", "excellent", "good: ", "invalid: no such thing", "0x", "0xfffffffff"})
    CHECK_FALSE(parse_quality_text(wrong).has_value());
}

TEST_CASE("times as text are read back, and nothing else is") {
  CHECK(time_text(1'790'000'000'250) == "2026-09-21T14:13:20.250Z");
  io::world::SeededRandom random(3, "times");
  for (int i = 0; i < 10'000; ++i) {
    const auto time = static_cast<std::int64_t>(random.below(7'258'118'400'000));
    REQUIRE(parse_time_text(time_text(time)).value() == time);
  }
  for (const char* wrong :
       {"", "2026-02-30T00:00:00.000Z", "2026-09-21 14:13:20.250Z", "2026-09-21T14:13:20.250",
        "2026-09-21T14:13:20.2500Z", "+026-09-21T14:13:20.250Z"})
    CHECK_FALSE(parse_time_text(wrong).has_value());
}

TEST_CASE("records of CSV are taken whole, whatever is quoted in them") {
  const std::vector<std::string> fields{"plain", "a,b", "say \"hi\"", "two\nlines", ""};
  std::string text;
  for (const std::string& field : fields)
    text += (text.empty() ? "" : ",") + csv_field(field);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::string_view part = std::string_view(text).substr(0, cut);
    std::vector<std::string> taken;
    CHECK_FALSE(take_record(part, taken));
  }
  const std::string whole = text + "\r\nnext";
  std::string_view rest = whole;
  std::vector<std::string> taken;
  REQUIRE(take_record(rest, taken));
  CHECK(taken == fields);
  CHECK(rest == "next");
}
