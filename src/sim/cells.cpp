#include "sim/cells.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace iw::sim {

namespace {

using modbus::ValueType;

// Rounded; the ends of T where the number does not fit.
template <class T>
std::uint64_t whole(double raw) {
  const double rounded = std::round(raw);
  if (!(rounded > static_cast<double>(std::numeric_limits<T>::min()))) {
    return static_cast<std::uint64_t>(std::numeric_limits<T>::min());
  }
  if (rounded >= static_cast<double>(std::numeric_limits<T>::max())) {
    return static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  }
  return static_cast<std::uint64_t>(static_cast<T>(rounded));
}

std::uint64_t bits_of(ValueType type, double raw) {
  switch (type) {
    case ValueType::u16: return whole<std::uint16_t>(raw);
    case ValueType::i16: return whole<std::int16_t>(raw);
    case ValueType::u32: return whole<std::uint32_t>(raw);
    case ValueType::i32: return whole<std::int32_t>(raw);
    case ValueType::u64: return whole<std::uint64_t>(raw);
    case ValueType::i64: return whole<std::int64_t>(raw);
    case ValueType::f32: return std::bit_cast<std::uint32_t>(static_cast<float>(raw));
    default: throw std::invalid_argument("simulated devices have no cells of this type");
  }
}

}  // namespace

void put(RegisterBank& bank, Table table, std::uint16_t address, ValueType type, double raw) {
  const auto registers = bank.find(table, address, modbus::register_count(type));
  if (registers.empty()) throw std::out_of_range("the simulated device has no such registers");
  std::uint64_t bits = bits_of(type, raw);
  for (std::size_t i = registers.size(); i-- > 0; bits >>= 16U)
    registers[i] = static_cast<std::uint16_t>(bits);
}

void put_text(RegisterBank& bank, Table table, std::uint16_t address, std::size_t registers,
              std::string_view text) {
  const auto into = bank.find(table, address, registers);
  if (into.empty()) throw std::out_of_range("the simulated device has no such registers");
  const auto character = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  for (std::size_t i = 0; i < registers; ++i) {
    into[i] = static_cast<std::uint16_t>(character(2 * i) << 8U | character(2 * i + 1));
  }
}

}  // namespace iw::sim
