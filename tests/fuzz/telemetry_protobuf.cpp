// Any bytes are refused or give a catalogue or a batch that survives another round, as one message and as a
// stream.
#include <bit>

#include "formats/protobuf.hpp"
#include "fuzzing.hpp"

using namespace iw;
using namespace iw::formats;
using iw::fuzzing::require;

namespace {

void try_message(Bytes bytes) {
  ProtobufDecoder decoder;
  const auto content = decoder.decode(bytes);
  if (!content) return;
  std::vector<std::byte> out;
  if (*content == Content::catalog) {
    ProtobufEncoder().encode(decoder.catalog(), out);
  } else {
    ProtobufEncoder().encode(decoder.batch(), out);
  }
  ProtobufDecoder again;
  require(again.decode(out) == *content, "what was encoded can be decoded");
  const Batch& a = decoder.batch();
  const Batch& b = again.batch();
  require(a.alias == b.alias && a.time_ms == b.time_ms && a.quality == b.quality && a.texts == b.texts,
          "aliases, times, qualities and texts");
  for (std::size_t i = 0; i < a.value.size(); ++i) {
    require(std::bit_cast<std::uint64_t>(a.value[i]) == std::bit_cast<std::uint64_t>(b.value[i]),
            "every bit of every value");
  }
  require(decoder.catalog().points.size() == again.catalog().points.size(), "points");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  try_message(input);
  Bytes stream = input;
  for (auto next = take_delimited(stream); next && *next; next = take_delimited(stream))
    try_message(**next);
  return 0;
}
