// Whatever comes on the line, RtuFramer gives only frames of the unit that was asked, with a right CRC, that
// stand in the input as they are; and it is ready for the next reply afterwards. The server's framer gives
// only such frames too. Input: unit, length of the request's PDU, that PDU, then the bytes on the line.
#include <algorithm>
#include <array>

#include "fuzzing.hpp"
#include "protocols/modbus/rtu_frame.hpp"

using namespace iw;
using namespace iw::modbus;
using iw::fuzzing::require;

namespace {

bool contains(Bytes all, Bytes part) { return !std::ranges::search(all, part).empty(); }

template <class Framer>
void feed(Framer& framer, Bytes bytes) {
  const MutableBytes space = framer.free_space();
  require(space.size() >= bytes.size(), "there is room when next() gave none");
  std::ranges::copy(bytes, space.begin());
  framer.filled(bytes.size());
}

void require_frame(const RtuFrame& frame, Bytes line) {
  std::array<std::byte, max_rtu_adu> adu;
  const auto size = encode_rtu(frame.unit, frame.pdu, adu);
  require(size.has_value(), "a frame that was decoded can be encoded");
  require(contains(line, Bytes(adu).first(*size)), "a frame stands on the line as it is, with its CRC");
}

void client(UnitId unit, const Request& request, Bytes line) {
  RtuFramer framer;
  if (!framer.ask(unit, request)) return;
  for (std::size_t i = 0; i < line.size(); ++i) {
    feed(framer, line.subspan(i, 1));
    const auto frame = framer.next();
    if (!frame) continue;
    if (frame->has_value()) {
      require((*frame)->unit == unit, "only the unit that was asked answers");
      require_frame(**frame, line.first(i + 1));
    }
    break;
  }
  (void)framer.incomplete();
  if (unit == UnitId(0)) return;

  // Whatever was before: the next exception reply, after silence, is taken.
  const bool echoes = framer.echoes();
  const auto sent = fuzzing::copied(framer.ask(unit, request).value());
  std::array<std::byte, 5> reply;
  const std::array pdu{sent[1] | std::byte{exception_flag}, std::byte{2}};
  require(encode_rtu(unit, pdu, reply).has_value(), "an exception can be encoded");
  if (echoes) feed(framer, sent);
  feed(framer, reply);
  const auto frame = framer.next();
  require(frame.has_value() && frame->has_value() && std::ranges::equal((*frame)->pdu, pdu),
          "the next clean reply is taken");
}

void server(Bytes line) {
  RtuServerFramer framer;
  for (std::size_t i = 0; i < line.size(); ++i) {
    feed(framer, line.subspan(i, 1));
    while (const auto frame = framer.next())
      require_frame(*frame, line.first(i + 1));
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(std::as_bytes(std::span(data, size)));
  const UnitId unit(in.u8());
  const auto request = decode_request(in.bytes(in.u8()));
  const auto line = fuzzing::copied(in.rest());
  if (request) client(unit, *request, line);
  server(line);
  return 0;
}
