// Whatever is taken from a datagram, layer by layer, is written and taken again as the same.
#include <algorithm>
#include <array>

#include "fuzzing.hpp"
#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/bvlc.hpp"
#include "protocols/bacnet/npdu.hpp"

using namespace iw;
using namespace iw::bacnet;
using iw::fuzzing::require;

namespace {

constexpr std::size_t largest = 1 << 17;

template <class Write>
std::vector<std::byte> written(Write write) {
  std::vector<std::byte> bytes(largest);
  Writer out(bytes);
  write(out);
  bytes.resize(out.size());
  return bytes;
}

void check_apdu(Bytes bytes) {
  const auto apdu = decode_apdu(bytes);
  if (!apdu) return;
  const auto once = written([&](Writer& out) { write_apdu(out, *apdu); });
  const auto again = decode_apdu(once);
  require(again.has_value(), "a written APDU is taken");
  require(written([&](Writer& out) { write_apdu(out, *again); }) == once, "an APDU stays what it is");
}

void check_npdu(Bytes bytes) {
  const auto npdu = decode_npdu(bytes);
  if (!npdu) return;
  require(std::ranges::equal(written([&](Writer& out) { write_npdu(out, *npdu); }), bytes),
          "an NPDU that was taken encodes to the same bytes");
  if (!npdu->message) return check_apdu(npdu->payload);
  const auto message = decode_network_message(*npdu);
  if (!message) return;
  require(type_of(*message) == *npdu->message, "a network layer message keeps its type");
  const auto once = written([&](Writer& out) { write_network_message(out, *message); });
  Npdu same = *npdu;
  same.payload = once;
  require(decode_network_message(same).has_value(), "a written network layer message is taken");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzzing::copied(std::as_bytes(std::span(data, size)));
  const auto message = decode_bvlc(bytes);
  if (!message) return 0;
  require(written([&](Writer& out) { write_bvlc(out, *message); }) == bytes,
          "a BVLC message that was taken encodes to the same bytes");
  if (const auto* unicast = std::get_if<OriginalUnicastNpdu>(&*message)) check_npdu(unicast->npdu);
  if (const auto* broadcast = std::get_if<OriginalBroadcastNpdu>(&*message)) check_npdu(broadcast->npdu);
  if (const auto* forwarded = std::get_if<ForwardedNpdu>(&*message)) check_npdu(forwarded->npdu);
  return 0;
}
