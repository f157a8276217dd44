// A frame of the head log: one recording with its number and a checksum.
//
//   length u32 | crc32c u32 | sequence varint | count varint | series | times | values 64 bits | qualities
//   | notes, if there are any: count varint, and for each: series varint, length varint, bytes
//
// Numbers are little-endian; length counts what follows the checksum, which covers it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "historian/samples.hpp"

namespace iw::historian {

constexpr std::size_t largest_frame = std::size_t{16} << 20U;

class FrameEncoder {
 public:
  // Appends the frame to `out`. Allocates nothing else once its column has grown.
  void encode(std::uint64_t sequence, const Recording& recording, std::vector<std::byte>& out);

 private:
  std::vector<std::int64_t> series_;
};

struct Frame {
  std::uint64_t sequence = 0;
  std::size_t size = 0;  // with length and checksum
  Recording recording;
};

// The frame at the beginning of `bytes`. malformed: there is none, or it is cut or damaged; what follows
// means nothing then.
Result<Frame> decode_frame(Bytes bytes);

}  // namespace iw::historian
