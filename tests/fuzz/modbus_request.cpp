// A request that decodes encodes to the same bytes; one that is refused names an exception of the standard.
#include <algorithm>
#include <array>

#include "fuzzing.hpp"
#include "protocols/modbus/pdu.hpp"

using namespace iw;
using namespace iw::modbus;
using iw::fuzzing::require;

namespace {

// The last byte of coils may have any bits behind the last coil; we send zeros.
std::vector<std::byte> without_padding(const Request& request, std::vector<std::byte> pdu) {
  if (const auto* coils = std::get_if<WriteMultipleCoils>(&request)) {
    const std::size_t used = coils->values.size() % 8;
    if (used != 0) pdu.back() &= static_cast<std::byte>((1U << used) - 1);
  }
  return pdu;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto pdu = fuzzing::copied(std::as_bytes(std::span(data, size)));
  const auto request = decode_request(pdu);
  if (!request) {
    const auto code = static_cast<int>(request.error().code);
    require(code >= 1 && code <= 3, "a refusal is exception 1, 2 or 3");
    require(!request.error().message.empty(), "a refusal says why");
    return 0;
  }
  std::array<std::byte, max_pdu> again;
  const auto encoded = encode(*request, again);
  require(encoded.has_value(), "a request that was decoded can be encoded");
  require(std::ranges::equal(Bytes(again).first(*encoded), without_padding(*request, pdu)),
          "encode(decode(x)) is x");
  require(decode_request(Bytes(again).first(*encoded)).value() == *request, "decode(encode(x)) is x");
  require(!describe(*request).empty(), "a request can be described");
  return 0;
}
