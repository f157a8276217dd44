// Words: how tables, value types and byte orders are spelled in profiles, on the command line and in
// messages.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "config/rule.hpp"
#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

inline constexpr std::array<config::Word<Table>, 4> table_words{{{"holding", Table::holding_registers},
                                                                 {"input", Table::input_registers},
                                                                 {"coil", Table::coils},
                                                                 {"discrete", Table::discrete_inputs}}};

inline constexpr std::array<config::Word<ValueType>, 22> type_words{
    {{"bool", ValueType::boolean},      {"u8_high", ValueType::u8_high},
     {"u8_low", ValueType::u8_low},     {"u16", ValueType::u16},
     {"i16", ValueType::i16},           {"u32", ValueType::u32},
     {"i32", ValueType::i32},           {"u48", ValueType::u48},
     {"u64", ValueType::u64},           {"i64", ValueType::i64},
     {"f16", ValueType::f16},           {"f32", ValueType::f32},
     {"f64", ValueType::f64},           {"sign_magnitude", ValueType::sign_magnitude},
     {"bcd16", ValueType::bcd16},       {"bcd32", ValueType::bcd32},
     {"bcd64", ValueType::bcd64},       {"mod10k_2", ValueType::mod10k_2},
     {"mod10k_3", ValueType::mod10k_3}, {"mod10k_4", ValueType::mod10k_4},
     {"string", ValueType::string},     {"string_swapped", ValueType::string_swapped}}};

inline constexpr std::array<config::Word<ByteOrder>, 6> order_words{{{"abcd", ByteOrder::abcd},
                                                                     {"cdab", ByteOrder::cdab},
                                                                     {"badc", ByteOrder::badc},
                                                                     {"dcba", ByteOrder::dcba},
                                                                     {"efghabcd", ByteOrder::efghabcd},
                                                                     {"fehgbadc", ByteOrder::fehgbadc}}};

// Empty for what has no word.
template <class E, std::size_t N>
std::string_view word_of(const std::array<config::Word<E>, N>& words, E meaning) {
  const auto found = std::ranges::find(words, meaning, &config::Word<E>::second);
  return found == words.end() ? "" : found->first;
}

std::string_view to_string(Table table);
std::string_view in_words(Table table);  // "holding registers"
std::string_view to_string(ValueType type);
std::string_view to_string(ByteOrder order);

}  // namespace iw::modbus
