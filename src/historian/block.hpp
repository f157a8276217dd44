// A sealed block: some hundred samples of one series in half a byte each. Bit for bit what went in comes out:
// -0.0, NaN with its payload, times that go backwards.
//
// Values that are decimal numbers, as meters give them, become integers (230.1 is 2301 with one digit);
// floats of devices that send 32 bits keep those; all others keep 64 bits. Whatever integers they become,
// neighbours are subtracted and the differences packed (integers.hpp). The bytes are described in README.md.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "historian/samples.hpp"

namespace iw::historian {

// So many samples at most fit into a block.
constexpr std::size_t largest_block = 1U << 16U;

class BlockEncoder {
 public:
  // Appends the block to `out`. Allocates nothing once its columns have grown.
  void encode(const Samples& samples, std::vector<std::byte>& out);

 private:
  std::vector<std::int64_t> integers_;
  std::vector<std::size_t> odd_;  // the samples that are no decimal numbers
};

// malformed: no block of ours, or a damaged one.
Result<Samples> decode_block(Bytes block);

}  // namespace iw::historian
