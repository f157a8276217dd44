#include "protocols/modbus/words.hpp"

namespace iw::modbus {

std::string_view to_string(Table table) { return word_of(table_words, table); }
std::string_view to_string(ValueType type) { return word_of(type_words, type); }
std::string_view to_string(ByteOrder order) { return word_of(order_words, order); }

}  // namespace iw::modbus
