// A sealed block: some hundred samples of one series in half a byte each. Bit for bit what went in comes out:
// -0.0, NaN with its payload, times that go backwards.
//
// Values become integers (values.hpp); neighbours are subtracted and the differences packed (integers.hpp).
// The bytes are described in README.md.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "historian/samples.hpp"
#include "historian/values.hpp"

namespace iw::historian {

// So many samples at most fit into a block.
constexpr std::size_t largest_block = 1U << 16U;

class BlockEncoder {
 public:
  // Appends the block to `out`. Allocates nothing once its columns have grown.
  void encode(const Samples& samples, std::vector<std::byte>& out);

 private:
  ValuesEncoder values_;
};

// malformed: no block of ours, or a damaged one.
Result<Samples> decode_block(Bytes block);

}  // namespace iw::historian
