// The registers of one model, whatever they are: decoding never reads past them, and every value it gives has
// a number.
//
// Input: the registers from the model's ID on.
#include <cstdint>

#include "fuzzing.hpp"
#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/models.hpp"

using namespace iw;
using namespace iw::sunspec;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto registers = fuzzing::copied(std::as_bytes(std::span(data, size)));
  if (registers.size() < 2) return 0;
  const ModelDefinition* model = find_model(static_cast<std::uint16_t>(raw_value(Bytes(registers).first(2))));
  if (model == nullptr) return 0;
  std::size_t end = 0;
  for (const DecodedPoint& point : decode_model(*model, registers)) {
    fuzzing::require(point.offset >= end, "points come in order and do not overlap");
    fuzzing::require(!point.value || point.implemented, "what is not implemented has no value");
    fuzzing::require(!point.value || is_number(point.type), "only numbers have values");
    fuzzing::require(!point.name.empty(), "every point has a name");
    end = point.offset + 1;
  }
  fuzzing::require(end <= registers.size() / 2, "points lie within the registers");
  return 0;
}
