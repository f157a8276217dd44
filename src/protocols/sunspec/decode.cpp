#include "protocols/sunspec/decode.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace iw::sunspec {

namespace {

double number(Type type, std::uint16_t size, std::uint64_t raw) {
  if (type == Type::float32) return double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))};
  if (type == Type::float64) return std::bit_cast<double>(raw);
  if (is_signed(type)) return static_cast<double>(to_signed(raw, size));
  return static_cast<double>(raw);
}

std::string raw_text(const PointDefinition& point, Bytes registers) {
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(registers[i]); };
  switch (point.type) {
    case Type::string: return decode_string(registers);
    case Type::ipaddr: return fmt::format("{}.{}.{}.{}", byte(0), byte(1), byte(2), byte(3));
    case Type::eui48:
      // Six bytes in four registers; the spare two come first.
      return fmt::format("{:02X}:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", byte(2), byte(3), byte(4), byte(5),
                         byte(6), byte(7));
    case Type::ipv6addr: {
      std::string text;
      for (std::size_t i = 0; i < registers.size(); i += 2)
        text += fmt::format("{}{:x}", i == 0 ? "" : ":", raw_value(registers.subspan(i, 2)));
      return text;
    }
    default: break;
  }
  const std::uint64_t raw = raw_value(registers);
  if (is_float(point.type)) return fmt::format("{}", number(point.type, point.size, raw));
  if (is_signed(point.type)) return fmt::format("{}", to_signed(raw, point.size));
  if (is_bitfield(point.type)) return fmt::format("0x{:0{}X}", raw, point.size * 4);
  return fmt::format("{}", raw);
}

bool is_implemented(const PointDefinition& point, Bytes registers) {
  const auto zero = [](std::byte b) { return b == std::byte{0}; };
  switch (point.type) {
    case Type::pad: return false;
    case Type::string:
    case Type::ipv6addr: return !std::ranges::all_of(registers, zero);
    default: break;
  }
  if (is_accumulator(point.type) && (point.flags & mandatory) != 0) return true;
  return !is_sentinel(point.type, raw_value(registers));
}

}  // namespace

std::uint64_t raw_value(Bytes registers) {
  std::uint64_t value = 0;
  for (const std::byte b : registers)
    value = value << 8U | std::to_integer<std::uint64_t>(b);
  return value;
}

std::int64_t to_signed(std::uint64_t raw, std::size_t registers) {
  const std::size_t unused = 64 - 16 * std::clamp<std::size_t>(registers, 1, 4);
  return static_cast<std::int64_t>(raw << unused) >> unused;
}

std::string decode_string(Bytes registers) {
  std::string text;
  for (const std::byte b : registers) {
    const auto c = std::to_integer<char>(b);
    if (c == '\0') break;
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

double scale_by(double value, int exponent) {
  return exponent < 0 ? value / std::pow(10.0, -exponent) : value * std::pow(10.0, exponent);
}

std::optional<int> scale_factor(std::uint16_t raw) {
  const auto exponent = static_cast<int>(static_cast<std::int16_t>(raw));
  if (exponent < -10 || exponent > 10) return std::nullopt;
  return exponent;
}

std::vector<DecodedPoint> decode_model(const ModelDefinition& model, Bytes registers) {
  const std::size_t count = registers.size() / 2;
  if (count <= header_registers) return {};
  const auto at = [&](std::uint32_t offset) -> std::optional<std::uint16_t> {
    if (offset >= count) return std::nullopt;
    return static_cast<std::uint16_t>(raw_value(registers.subspan(std::size_t{offset} * 2, 2)));
  };
  const std::size_t length = std::min<std::size_t>(*at(1), count - header_registers);

  std::vector<DecodedPoint> decoded;
  for (const PlacedPoint& placed : layout(model, static_cast<std::uint16_t>(length), at)) {
    const PointDefinition& point = *placed.definition;
    const Bytes bytes = registers.subspan(std::size_t{placed.offset} * 2, std::size_t{point.size} * 2);
    DecodedPoint out{.name = placed.path,
                     .offset = placed.offset,
                     .type = point.type,
                     .raw = raw_text(point, bytes),
                     .value = {},
                     .unit = point.unit,
                     .implemented = is_implemented(point, bytes)};
    const auto exponent =
        placed.scale_offset ? scale_factor(*at(*placed.scale_offset)) : std::optional<int>(placed.exponent);
    if (out.implemented && is_number(point.type) && exponent)
      out.value = scale_by(number(point.type, point.size, raw_value(bytes)), *exponent);
    decoded.push_back(std::move(out));
  }
  return decoded;
}

}  // namespace iw::sunspec
