// Any bytes are refused or give samples that survive another round: block -> samples -> block -> samples.
#include <bit>

#include "fuzzing.hpp"
#include "historian/block.hpp"

using namespace iw;
using namespace iw::historian;
using iw::fuzzing::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  const auto samples = decode_block(input);
  if (!samples) return 0;
  std::vector<std::byte> block;
  BlockEncoder().encode(*samples, block);
  const auto again = decode_block(block);
  require(again.has_value(), "what was encoded can be decoded");
  require(again->time_ms == samples->time_ms && again->quality == samples->quality, "times and qualities");
  for (std::size_t i = 0; i < samples->size(); ++i) {
    require(std::bit_cast<std::uint64_t>(again->value[i]) == std::bit_cast<std::uint64_t>(samples->value[i]),
            "every bit of every value");
  }
  return 0;
}
