#include "commissioning/value_guess.hpp"

#include <bit>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::commissioning;
using modbus::ByteOrder;
using modbus::ValueType;

namespace {

using Registers = std::vector<std::optional<std::uint16_t>>;

Registers floats(const std::vector<float>& values, ByteOrder order) {
  Registers registers;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    // The orders are their own inverse.
    const std::uint32_t placed =
        as_u32(static_cast<std::uint16_t>(bits >> 16), static_cast<std::uint16_t>(bits), order);
    registers.emplace_back(static_cast<std::uint16_t>(placed >> 16));
    registers.emplace_back(static_cast<std::uint16_t>(placed));
  }
  return registers;
}

Registers text(std::string_view characters, std::size_t count, bool swapped = false) {
  Registers registers;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [&](std::size_t n) {
      return n < characters.size() ? static_cast<unsigned char>(characters[n]) : 0U;
    };
    const unsigned a = at(2 * i);
    const unsigned b = at(2 * i + 1);
    registers.emplace_back(static_cast<std::uint16_t>(swapped ? b << 8 | a : a << 8 | b));
  }
  return registers;
}

}  // namespace

TEST_CASE("two registers in the four word orders") {
  CHECK(as_u32(0x1122, 0x3344, ByteOrder::abcd) == 0x11223344);
  CHECK(as_u32(0x1122, 0x3344, ByteOrder::cdab) == 0x33441122);
  CHECK(as_u32(0x1122, 0x3344, ByteOrder::badc) == 0x22114433);
  CHECK(as_u32(0x1122, 0x3344, ByteOrder::dcba) == 0x44332211);
  CHECK(as_f32(0x4248, 0x0000, ByteOrder::abcd) == 50.0F);
  CHECK(as_f32(0x0000, 0x4842, ByteOrder::dcba) == 50.0F);
  CHECK(as_text(0x5355) == "SU");
  CHECK(as_text(0x0041) == ".A");
}

TEST_CASE("floats of a meter are found in whatever order they lie") {
  for (const auto order : {ByteOrder::abcd, ByteOrder::cdab, ByteOrder::badc, ByteOrder::dcba}) {
    const auto guesses = guess(floats({231.37F, 49.98F, 1530.5F, -12.25F, 401.2F}, order));
    REQUIRE(guesses.size() == 5);
    for (std::size_t i = 0; i < guesses.size(); ++i) {
      CHECK(guesses[i].type == ValueType::f32);
      CHECK(guesses[i].order == order);
      CHECK(guesses[i].first == 2 * i);
    }
    CHECK(guesses[0].meaning == "voltage, V");
    CHECK(guesses[1].meaning == "frequency, Hz");
    CHECK(guesses[1].value.value() == doctest::Approx(49.98));
    CHECK(guesses[2].meaning.empty());
    CHECK(guesses[4].meaning == "voltage between phases, V");
  }
  CHECK(guess(floats({49.98F}, ByteOrder::cdab)).at(0).in_words() == "f32 cdab 49.98: frequency, Hz?");
}

TEST_CASE("floats are found where they begin, not one register before, even when zeros lie around them") {
  for (const auto order : {ByteOrder::abcd, ByteOrder::cdab}) {
    Registers registers{0, 0, 0};
    const Registers values = floats({399.22F, 398.25F, 400.73F, 230.19F, 229.79F}, order);
    registers.insert(registers.end(), values.begin(), values.end());
    registers.insert(registers.end(), {0, 0, 0});
    const auto guesses = guess(registers);
    REQUIRE(guesses.size() == 5);
    for (std::size_t i = 0; i < guesses.size(); ++i) {
      CHECK(guesses[i].first == 3 + 2 * i);
      CHECK(guesses[i].order == order);
      CHECK(guesses[i].type == ValueType::f32);
    }
  }
}

TEST_CASE("whole numbers are not taken for floats") {
  for (const Registers& registers : {Registers{0, 0, 0, 0}, Registers{1, 2, 3, 4, 5},
                                     Registers{100, 1300, 30, 7, 900}, Registers{0, 5500}}) {
    CHECK(guess(registers).empty());
  }
}

TEST_CASE("scaled registers of a grid are known at sight") {
  const auto guesses = guess(Registers{4998, 17, 2315});
  REQUIRE(guesses.size() == 2);
  CHECK(guesses[0].in_words() == "u16 x 0.01 49.98: frequency, Hz?");
  CHECK(guesses[1].in_words() == "u16 x 0.1 231.5: voltage, V?");
  CHECK(guesses[1].first == 2);
}

TEST_CASE("texts are found with their length, in both byte orders") {
  const auto guesses = guess(text("SUN2000-10KTL", 15));
  REQUIRE(guesses.size() == 1);
  CHECK(guesses[0].text == "SUN2000-10KTL");
  CHECK(guesses[0].type == ValueType::string);
  CHECK(guesses[0].registers == 7);
  CHECK(guesses[0].in_words() == "string of 7 registers or more: \"SUN2000-10KTL\"");

  const auto swapped = guess(text("SUN2000-10KTL", 15, true));
  REQUIRE(swapped.size() == 1);
  CHECK(swapped[0].text == "SUN2000-10KTL");
  CHECK(swapped[0].type == ValueType::string_swapped);

  CHECK(guess(text("#!$%&'()*+", 5)).empty());  // printable, but no name
}

TEST_CASE("a number behind a text is not part of it") {
  Registers registers = text("ABCDEF", 3);
  registers.emplace_back(5000);
  registers.emplace_back(std::nullopt);
  const auto guesses = guess(registers);
  REQUIRE(guesses.size() == 2);
  CHECK(guesses[0].text == "ABCDEF");
  CHECK(guesses[1].meaning == "frequency, Hz");
  CHECK(guesses[1].first == 3);
}

TEST_CASE("the patterns for 'not available' are named") {
  const auto meanings = [](const Registers& registers) {
    std::vector<std::string> words;
    for (const Guess& one : guess(registers))
      words.push_back(one.in_words());
    return words;
  };
  using Words = std::vector<std::string>;
  CHECK(meanings({0x8000, 1}) == Words{"i16: not available?"});
  CHECK(meanings({0xFFFF, 1}) == Words{"u16: not available?"});
  CHECK(meanings({0x7FC0, 0}) == Words{"f32: not available?"});
  CHECK(meanings({0x8000, 0}) == Words{"i32: not available?"});
  CHECK(meanings({0xFFFF, 0xFFFF}) == Words{"u32: not available?"});
}

TEST_CASE("small negative numbers of 32 bits show their word order") {
  CHECK(guess(Registers{0xFFFF, 0xFF38}).at(0).in_words() == "i32 abcd -200");
  CHECK(guess(Registers{0xFF38, 0xFFFF}).at(0).in_words() == "i32 cdab -200");
}

TEST_CASE("missing registers are never part of a guess") {
  CHECK(guess(Registers{}).empty());
  CHECK(guess(Registers{std::nullopt, std::nullopt}).empty());
  CHECK(guess(Registers{0x4248, std::nullopt}).empty());
  CHECK(guess(Registers{std::nullopt, 0x4248}).empty());
}
