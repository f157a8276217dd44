#include "protocols/modbus/registers.hpp"

namespace iw::modbus {

std::uint16_t register_count(const RegisterPoint& point) {
  const bool text = point.type == ValueType::string || point.type == ValueType::string_swapped;
  return text ? point.string_registers : register_count(point.type);
}

std::uint16_t register_count(ValueType type) {
  switch (type) {
    case ValueType::boolean:
    case ValueType::u8_high:
    case ValueType::u8_low:
    case ValueType::u16:
    case ValueType::i16:
    case ValueType::f16:
    case ValueType::sign_magnitude:
    case ValueType::bcd16: return 1;
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32:
    case ValueType::bcd32:
    case ValueType::mod10k_2: return 2;
    case ValueType::u48:
    case ValueType::mod10k_3: return 3;
    case ValueType::u64:
    case ValueType::i64:
    case ValueType::f64:
    case ValueType::bcd64:
    case ValueType::mod10k_4: return 4;
    case ValueType::string:
    case ValueType::string_swapped: return 0;  // the point says
  }
  return 0;
}

}  // namespace iw::modbus
