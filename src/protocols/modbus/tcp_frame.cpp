#include "protocols/modbus/tcp_frame.hpp"

#include <algorithm>

namespace iw::modbus {
namespace {

void put_header(MutableBytes out, std::uint16_t tid, UnitId unit, std::size_t pdu_size) {
  Writer header(out);
  header.u16be(tid);
  header.u16be(0);
  header.u16be(static_cast<std::uint16_t>(1 + pdu_size));
  header.u8(unit.value());
}

Unexpected broken_stream(std::string what) {
  return fail(ErrorKind::malformed, fmt::format("{}: this is not a Modbus TCP stream", what),
              "check that the port speaks Modbus TCP, not RTU over TCP or another protocol");
}

}  // namespace

Result<std::size_t> encode_tcp(std::uint16_t tid, UnitId unit, const Request& request, MutableBytes out) {
  const MutableBytes body = out.subspan(std::min(out.size(), mbap_size));
  return encode(request, body).map([&](std::size_t pdu_size) {
    put_header(out, tid, unit, pdu_size);
    return mbap_size + pdu_size;
  });
}

Result<std::size_t> encode_tcp(std::uint16_t tid, UnitId unit, Bytes pdu, MutableBytes out) {
  if (pdu.empty() || pdu.size() > max_pdu || out.size() < mbap_size + pdu.size()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a PDU of {} bytes does not fit an ADU of {}", pdu.size(), out.size()));
  }
  put_header(out, tid, unit, pdu.size());
  std::ranges::copy(pdu, out.begin() + mbap_size);
  return mbap_size + pdu.size();
}

std::optional<Result<TcpFrame>> TcpFramer::next() {
  const Bytes bytes = buffer_.unread();
  Reader in(bytes);
  TcpFrame frame;
  frame.tid = in.u16be();
  const std::uint16_t protocol = in.u16be();
  // Judged as soon as it is there: a wrong stream may never send the rest.
  if (in.ok() && protocol != 0) return broken_stream(fmt::format("protocol id {}, expected 0", protocol));
  const std::size_t length = in.u16be();
  if (in.ok() && (length < 2 || length > 1 + max_pdu)) {
    return broken_stream(fmt::format("length {}, expected 2 to {}", length, 1 + max_pdu));
  }
  frame.unit = UnitId(in.u8());
  if (!in.ok()) return std::nullopt;
  frame.pdu = in.bytes(length - 1);
  if (!in.ok()) return std::nullopt;
  buffer_.take(mbap_size + frame.pdu.size());
  return frame;
}

}  // namespace iw::modbus
