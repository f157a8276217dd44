#include <fmt/format.h>

#include "formats/protobuf.hpp"

namespace iw::formats {

void put_delimited(Bytes envelope, std::vector<std::byte>& out) {
  std::size_t length = envelope.size();
  for (; length >= 0x80; length >>= 7U)
    out.push_back(static_cast<std::byte>(length | 0x80U));
  out.push_back(static_cast<std::byte>(length));
  out.insert(out.end(), envelope.begin(), envelope.end());
}

Result<std::optional<Bytes>> take_delimited(Bytes& stream) {
  std::uint64_t length = 0;
  unsigned shift = 0;
  for (std::size_t i = 0; i < stream.size(); ++i, shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(stream[i]);
    if (shift < 35) length |= (byte & 0x7FU) << shift;
    if (shift >= 35 || length > largest_envelope) {
      return fail(ErrorKind::malformed,
                  fmt::format("no stream of telemetry: a message of more than {} bytes", largest_envelope),
                  "is it the output of tail --format protobuf, from its beginning?");
    }
    if ((byte & 0x80U) != 0) continue;
    const Bytes after = stream.subspan(i + 1);
    if (after.size() < length) return std::nullopt;
    stream = after.subspan(length);
    return after.first(length);
  }
  return std::nullopt;
}

}  // namespace iw::formats
