// The registers of one model in words: every point, mapped or not. For tools; the gateway polls by map.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::sunspec {

struct DecodedPoint {
  std::string name;  // "W", "Prt[1].DCW"
  std::uint32_t offset = 0;
  Type type{};
  std::string raw;              // the number before its scale factor, all digits; or the text
  std::optional<double> value;  // scaled; none without a number, or when its scale factor is not implemented
  std::string_view unit;        // as the model spells it
  bool implemented = false;
};

// `registers` begin with the ID and are high byte first, as a Modbus reply holds them; what is cut off is
// left out.
std::vector<DecodedPoint> decode_model(const ModelDefinition& model, Bytes registers);

// One value. `registers` are those of the point alone.
std::uint64_t raw_value(Bytes registers);  // big endian, at most 4 registers
std::int64_t to_signed(std::uint64_t raw, std::size_t registers);
std::string decode_string(Bytes registers);  // without padding; '?' for what can not be printed

// value x 10^exponent, rounded once.
double scale_by(double value, int exponent);

// A sunssf register: -10..10, or none.
std::optional<int> scale_factor(std::uint16_t raw);

}  // namespace iw::sunspec
