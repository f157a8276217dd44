#include "protocols/modbus/words.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace iw::modbus;

namespace {

// Each meaning has one word and each word one meaning.
template <class E, std::size_t N>
bool one_to_one(const std::array<iw::config::Word<E>, N>& /*words*/, E last) {
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i)
    texts.insert(to_string(static_cast<E>(i)));
  return texts.size() == N && static_cast<std::size_t>(last) + 1 == N && !texts.contains("");
}

}  // namespace

TEST_CASE("every table, type and byte order has one word") {
  CHECK(one_to_one(table_words, Table::holding_registers));
  CHECK(one_to_one(type_words, ValueType::string_swapped));
  CHECK(one_to_one(order_words, ByteOrder::fehgbadc));
  CHECK(to_string(Table::discrete_inputs) == "discrete");
  CHECK(to_string(static_cast<Table>(99)).empty());
}
