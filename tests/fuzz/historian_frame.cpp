// Any bytes are refused or give a recording that survives another round. The input is tried as it is and as
// the content of a frame whose length and checksum are right.
#include <algorithm>

#include "base/crc.hpp"
#include "fuzzing.hpp"
#include "historian/head_frame.hpp"

using namespace iw;
using namespace iw::historian;
using iw::fuzzing::require;

namespace {

void try_frame(Bytes bytes) {
  const auto frame = decode_frame(bytes);
  if (!frame) return;
  require(frame->size <= bytes.size(), "a frame is within its bytes");
  std::vector<std::byte> out;
  FrameEncoder().encode(frame->sequence, frame->recording, out);
  const auto again = decode_frame(out);
  require(again.has_value() && again->size == out.size(), "what was encoded can be decoded");
  require(again->sequence == frame->sequence, "its number");
  require(again->recording.series == frame->recording.series, "its series");
  const Notes& notes = frame->recording.notes;
  require(again->recording.notes.size() == notes.size(), "as many notes");
  for (std::size_t i = 0; i < notes.size(); ++i) {
    require(again->recording.notes.series(i) == notes.series(i), "whose they are");
    require(std::ranges::equal(again->recording.notes.bytes(i), notes.bytes(i)), "what they say");
  }
  require(again->recording.samples.time_ms == frame->recording.samples.time_ms, "its times");
}

void put_u32(std::vector<std::byte>& out, std::size_t v) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::byte>(v >> shift));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  try_frame(input);
  std::vector<std::byte> framed;
  put_u32(framed, input.size());
  put_u32(framed, crc32c(input));
  framed.insert(framed.end(), input.begin(), input.end());
  try_frame(framed);
  return 0;
}
