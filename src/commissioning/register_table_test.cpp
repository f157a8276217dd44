#include "commissioning/register_table.hpp"

#include <doctest/doctest.h>

#include "json/json.hpp"

namespace iw::commissioning {
namespace {

using Words = std::vector<std::optional<std::uint16_t>>;

RegisterRange read(Words words) {
  return {.range = {.first = 100, .last = static_cast<std::uint16_t>(99 + words.size())},
          .registers = std::move(words),
          .requests = 1,
          .error = {}};
}

TEST_CASE("two registers stand side by side as all types in all orders, one without a neighbour as one") {
  RegisterTable table;
  table.take(read({0x4248, 0x0000, std::nullopt, 0xFFFE}));
  const auto rows = to_json(table);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["address"] == 100);
  CHECK(rows[0]["f32"]["abcd"] == 50.0);
  CHECK(rows[0]["u32"]["cdab"] == 0x00004248);
  CHECK(rows[0]["text"] == "BH");
  CHECK_FALSE(rows[1].contains("u32"));  // what is behind it the device does not have
  CHECK(rows[2]["address"] == 103);
  CHECK(rows[2]["i16"] == -2);
  CHECK_FALSE(rows[0].contains("moved"));
}

TEST_CASE("what moves is counted, with its last step") {
  RegisterTable table;
  table.take(read({10, 20}));
  table.take(read({13, 20}));
  table.take(read({11, 20}));
  const auto rows = table.rows();
  CHECK(rows[0].changes == 2);
  CHECK(rows[0].by == -2);
  CHECK(rows[1].changes == 0);
  CHECK(to_json(table)[0]["moved"] == -2);
}

TEST_CASE("a reading that ended early changes nothing of what is known") {
  RegisterTable table;
  table.take(read({10, 20}));
  RegisterRange broken = read({std::nullopt, std::nullopt});
  broken.error = Error{ErrorKind::timeout, "no answer", ""};
  table.take(broken);
  CHECK(table.rows().size() == 2);
  CHECK(table.readings() == 1);
}

TEST_CASE("a guess stands where its value begins") {
  RegisterTable table;
  table.take(read({std::nullopt, 0x4248, 0x0000}));
  const auto rows = table.rows();
  REQUIRE(rows[0].guess.has_value());
  CHECK(rows[0].guess->type == modbus::ValueType::f32);
  CHECK_FALSE(rows[1].guess.has_value());
}

}  // namespace
}  // namespace iw::commissioning
