#include "protocols/modbus/words.hpp"

namespace iw::modbus {

std::string_view to_string(Table table) { return word_of(table_words, table); }
std::string_view in_words(Table table) {
  switch (table) {
    case Table::coils: return "coils";
    case Table::discrete_inputs: return "discrete inputs";
    case Table::input_registers: return "input registers";
    case Table::holding_registers: return "holding registers";
  }
  return "";
}

std::string_view to_string(ValueType type) { return word_of(type_words, type); }
std::string_view to_string(ByteOrder order) { return word_of(order_words, order); }

}  // namespace iw::modbus
