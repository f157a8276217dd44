#include "commissioning/arguments.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/nearest.hpp"

namespace iw::commissioning {
namespace {

using config::Word;
using modbus::ByteOrder;
using modbus::Table;
using modbus::UnitId;
using modbus::ValueType;

// The four of profiles, and the names of the standard.
constexpr std::array<Word<Table>, 8> all_table_words = [] {
  std::array<Word<Table>, 8> all{{{},
                                  {},
                                  {},
                                  {},
                                  {"holding_registers", Table::holding_registers},
                                  {"input_registers", Table::input_registers},
                                  {"coils", Table::coils},
                                  {"discrete_inputs", Table::discrete_inputs}}};
  std::ranges::copy(modbus::table_words, all.begin());
  return all;
}();

template <class E, std::size_t N>
Result<E> parse_word(const std::array<Word<E>, N>& words, std::string_view what, std::string_view word) {
  const auto found = std::ranges::find(words, word, &Word<E>::first);
  if (found != words.end()) return found->second;
  std::array<std::string_view, N> names;
  std::ranges::transform(words, names.begin(), &Word<E>::first);
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no {}{}", word, what, suggestion(word, names)));
}

// Modicon's first digit of a table.
char entity_digit(Table table) {
  switch (table) {
    case Table::coils: return '0';
    case Table::discrete_inputs: return '1';
    case Table::input_registers: return '3';
    case Table::holding_registers: return '4';
  }
  return '4';
}

// "40001" and "400001" without the digit of the table, from 1.
std::optional<std::int64_t> entity_number(std::string_view text, Table table) {
  if (text.size() != 5 && text.size() != 6) return std::nullopt;
  if (text.front() != entity_digit(table)) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::uint16_t> parse_unsigned16(std::string_view what, std::string_view text) {
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > 0xFFFF) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no {}, allowed are 0 to 65535", text, what));
  }
  return static_cast<std::uint16_t>(*number);
}

// "7", "1-10".
Result<std::pair<std::uint16_t, std::uint16_t>> parse_range(std::string_view what, std::string_view text) {
  const auto dash = text.find('-');
  auto first = parse_unsigned16(what, text.substr(0, dash));
  if (!first || dash == std::string_view::npos)
    return std::move(first).map([](std::uint16_t n) { return std::pair(n, n); });
  const auto last = parse_unsigned16(what, text.substr(dash + 1));
  if (!last) return fail(last.error());
  if (*last < *first)
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' ends before it begins", text));
  return std::pair(*first, *last);
}

}  // namespace

Result<Table> parse_table(std::string_view word) { return parse_word(all_table_words, "table", word); }

Result<ValueType> parse_value_type(std::string_view word) {
  return parse_word(modbus::type_words, "type", word);
}

Result<ByteOrder> parse_byte_order(std::string_view word) {
  return parse_word(modbus::order_words, "byte order", word);
}

Result<std::uint16_t> parse_register_address(std::string_view text, Table table, AddressBase base) {
  std::optional<std::int64_t> number;
  if (base == AddressBase::entity) {
    number = entity_number(text, table);
    if (!number) {
      return fail(ErrorKind::invalid_argument,
                  fmt::format("'{}' is no entity number of the table '{}'", text, to_string(table)),
                  fmt::format("they begin with {0} and count from 1: {0}0001 is address 0 on the wire",
                              entity_digit(table)));
    }
  } else {
    number = parse_integer(text);
    if (!number) {
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no address", text),
                  "addresses are numbers from 0 as on the wire, decimal or 0x hexadecimal");
    }
  }
  if (base != AddressBase::pdu) *number -= 1;
  if (*number < 0 || *number > 0xFFFF) {
    return fail(ErrorKind::invalid_argument, fmt::format("address {} is out of range", text),
                base == AddressBase::pdu ? "allowed are 0 to 65535; is it an entity number? then add --entity"
                                         : "counted from 1, allowed are 1 to 65536");
  }
  return static_cast<std::uint16_t>(*number);
}

std::string entity_hint(std::uint16_t address, Table table) {
  const auto number = entity_number(fmt::format("{:05}", address), table);
  if (!number || *number == 0) return {};
  return fmt::format(
      "{} was taken as the address on the wire; if the manual counts entity numbers, --entity reads {}",
      address, *number - 1);
}

Result<AddressRange> parse_address_range(std::string_view text) {
  return parse_range("address", text).map([](auto range) { return AddressRange{range.first, range.second}; });
}

Result<std::vector<UnitId>> parse_units(std::string_view text) {
  if (text == "all") text = "1-247";
  std::vector<UnitId> units;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    const auto range = parse_range("unit id", text.substr(0, comma));
    if (!range) return fail(range.error());
    if (range->second > 255) {
      return fail(ErrorKind::invalid_argument, fmt::format("there is no unit {}", range->second),
                  "unit ids are 1 to 247; 0 and 255 mean the device itself over TCP");
    }
    for (std::uint16_t id = range->first; id <= range->second; ++id) {
      const UnitId unit(static_cast<std::uint8_t>(id));
      if (std::ranges::find(units, unit) == units.end()) units.push_back(unit);
    }
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return units;
}

Result<std::optional<bacnet::InstanceRange>> parse_instances(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto dash = text.find('-');
  const auto low = parse_integer(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : parse_integer(text.substr(dash + 1));
  const auto valid = [](const std::optional<std::int64_t>& n) {
    return n && *n >= 0 && *n <= bacnet::max_instance;
  };
  if (!valid(low) || !valid(high) || *low > *high) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no range of devices", text),
                "write 1234 or 1000-1999");
  }
  return bacnet::InstanceRange{.low = static_cast<std::uint32_t>(*low),
                               .high = static_cast<std::uint32_t>(*high)};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_number(std::string_view text) {
  if (const auto whole = parse_integer(text)) return static_cast<double>(*whole);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

Result<Mask> parse_mask(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) {
    return fail(
        ErrorKind::invalid_argument, fmt::format("'{}' is no mask", text),
        "write AND,OR: the register becomes (old AND and) OR (or AND NOT and); 0xFFFE,0x0001 sets bit 0");
  }
  const auto and_mask = parse_unsigned16("AND mask", text.substr(0, comma));
  if (!and_mask) return fail(and_mask.error());
  const auto or_mask = parse_unsigned16("OR mask", text.substr(comma + 1));
  if (!or_mask) return fail(or_mask.error());
  return Mask{.and_mask = *and_mask, .or_mask = *or_mask};
}

bool contains_any_case(std::string_view text, std::string_view part) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return part.empty() || !std::ranges::search(text, part, same).empty();
}

std::string format_number(double value) {
  constexpr double exactly_whole = 1e15;
  if (std::isnan(value)) return "";
  if (value == std::trunc(value) && std::abs(value) < exactly_whole)
    return fmt::format("{:.0f}", value + 0.0);
  return fmt::format("{:.7g}", value);
}

}  // namespace iw::commissioning
