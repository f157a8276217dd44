// A TCP stream gives the same frames whether it comes at once, byte by byte, or in pieces of any size, and
// every frame encodes to the bytes it came from. The first byte of the input chooses the pieces.
#include <algorithm>
#include <array>
#include <string>

#include "fuzzing.hpp"
#include "protocols/modbus/tcp_frame.hpp"

using namespace iw;
using namespace iw::modbus;
using iw::fuzzing::require;

namespace {

struct Outcome {
  std::vector<std::byte> taken;  // the frames, encoded again
  std::string error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome run(Bytes stream, std::size_t piece) {
  TcpFramer framer;
  Outcome outcome;
  while (!stream.empty()) {
    const MutableBytes space = framer.free_space();
    require(!space.empty(), "there is room when next() gave none");
    const std::size_t n = std::min({piece, space.size(), stream.size()});
    std::ranges::copy(stream.first(n), space.begin());
    framer.filled(n);
    stream = stream.subspan(n);
    while (const auto frame = framer.next()) {
      if (!frame->has_value()) {
        outcome.error = frame->error().message;
        return outcome;
      }
      std::array<std::byte, max_tcp_adu> adu;
      const auto size = encode_tcp((*frame)->tid, (*frame)->unit, (*frame)->pdu, adu);
      require(size.has_value(), "a frame that was decoded can be encoded");
      outcome.taken.insert(outcome.taken.end(), adu.begin(),
                           adu.begin() + static_cast<std::ptrdiff_t>(*size));
    }
  }
  return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto stream = fuzzing::copied(std::as_bytes(std::span(data + 1, size - 1)));
  const Outcome whole = run(stream, stream.size());
  require(whole.taken.size() <= stream.size(), "no frame comes from nothing");
  require(std::ranges::equal(whole.taken, Bytes(stream).first(whole.taken.size())),
          "the frames are the bytes of the stream");
  require(run(stream, 1) == whole, "byte by byte is the same");
  require(run(stream, 1 + data[0]) == whole, "in pieces is the same");
  return 0;
}
