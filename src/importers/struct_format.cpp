#include "importers/struct_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace iw::importers {
namespace {

using modbus::ByteOrder;
using modbus::ValueType;

Unexpected refuse(std::string_view format, std::string_view why) {
  return fail(ErrorKind::unsupported, fmt::format("'{}' {}", format, why),
              "write one value of 2, 4 or 8 bytes, as in >H, >i or >f");
}

struct Number {
  char letter;
  ValueType type;
  ValueType native;  // on 64-bit Linux
};

constexpr std::array numbers{
    Number{'h', ValueType::i16, ValueType::i16}, Number{'H', ValueType::u16, ValueType::u16},
    Number{'i', ValueType::i32, ValueType::i32}, Number{'I', ValueType::u32, ValueType::u32},
    Number{'l', ValueType::i32, ValueType::i64}, Number{'L', ValueType::u32, ValueType::u64},
    Number{'q', ValueType::i64, ValueType::i64}, Number{'Q', ValueType::u64, ValueType::u64},
    Number{'e', ValueType::f16, ValueType::f16}, Number{'f', ValueType::f32, ValueType::f32},
    Number{'d', ValueType::f64, ValueType::f64},
};

}  // namespace

ByteOrder byte_order(Endian endian, bool mixed, std::uint16_t registers) {
  const bool little = endian == Endian::little;
  if (registers == 1) return little ? ByteOrder::badc : ByteOrder::abcd;  // one word has no order of words
  if (mixed) return little ? ByteOrder::badc : ByteOrder::cdab;
  return little ? ByteOrder::dcba : ByteOrder::abcd;
}

Result<Layout> parse_struct(std::string_view format, bool mixed, std::optional<Endian> unsaid) {
  std::string_view rest = format;
  Layout layout;
  Endian endian = Endian::big;
  const char prefix = rest.empty() ? '\0' : rest.front();
  if (prefix == '>' || prefix == '!') {
    rest.remove_prefix(1);
  } else if (prefix == '<' || prefix == '=') {
    rest.remove_prefix(1);
    endian = Endian::little;
  } else if (prefix == '@' || !unsaid) {
    if (prefix == '@') rest.remove_prefix(1);
    layout.native = true;
    endian = Endian::little;
  } else {
    endian = *unsaid;
  }
  unsigned count = 1;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  const bool counted = error == std::errc{};
  if (counted) rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (rest.size() != 1) return refuse(format, "is not one value of a Python struct");
  if (rest == "s") {
    if (!counted || count < 2 || count % 2 != 0) return refuse(format, "is a text of an odd number of bytes");
    if (count > 250) return refuse(format, "is longer than one request can read");
    if (mixed && count > 2)
      return refuse(format, "is a text with its words reversed, which no point can have");
    layout.type = ValueType::string;
    layout.registers = static_cast<std::uint16_t>(count / 2);
    layout.native = false;  // bytes have no order
    return layout;
  }
  if (count != 1) return refuse(format, "is more than one value");
  const auto* number = std::ranges::find(numbers, rest.front(), &Number::letter);
  if (number == numbers.end()) return refuse(format, "has no whole number of registers");
  layout.type = layout.native ? number->native : number->type;
  layout.order = byte_order(endian, mixed, modbus::register_count(layout.type));
  return layout;
}

}  // namespace iw::importers
