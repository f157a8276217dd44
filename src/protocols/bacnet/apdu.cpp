#include "protocols/bacnet/apdu.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/overloaded.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::bacnet {
namespace {

enum class PduType : std::uint8_t {
  confirmed_request = 0,
  unconfirmed_request = 1,
  simple_ack = 2,
  complex_ack = 3,
  segment_ack = 4,
  error = 5,
  reject = 6,
  abort = 7,
};

constexpr std::uint8_t segmented_bit = 0x08;
constexpr std::uint8_t more_follows_bit = 0x04;
constexpr std::uint8_t segmented_accepted_bit = 0x02;
constexpr std::uint8_t negative_bit = 0x02;
constexpr std::uint8_t server_bit = 0x01;

// In the order of their codes (20.1.2.4, 20.1.2.5).
constexpr std::array<unsigned, 8> segment_counts{0, 2, 4, 8, 16, 32, 64, unlimited_segments};
constexpr std::array<std::uint16_t, 6> apdu_sizes{50, 128, 206, 480, 1024, 1476};

// The code of the largest entry that is not above the number.
template <class T, std::size_t N>
std::uint8_t code_of(const std::array<T, N>& sizes, T number) {
  const auto above = std::ranges::upper_bound(sizes, number);
  return static_cast<std::uint8_t>(above == sizes.begin() ? 0 : above - sizes.begin() - 1);
}

std::optional<Segment> read_segment(Reader& in, std::uint8_t first) {
  if ((first & segmented_bit) == 0) return std::nullopt;
  return Segment{.sequence = in.u8(), .window = in.u8(), .more_follows = (first & more_follows_bit) != 0};
}

std::uint8_t segment_bits(const std::optional<Segment>& segment) {
  if (!segment) return 0;
  return static_cast<std::uint8_t>(segmented_bit | (segment->more_follows ? more_follows_bit : 0));
}

void write_segment(Writer& out, const std::optional<Segment>& segment) {
  if (!segment) return;
  out.u8(segment->sequence);
  out.u8(segment->window);
}

void write_first(Writer& out, PduType type, unsigned flags) {
  out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags));
}

ConfirmedRequest read_confirmed(Reader& in, std::uint8_t first) {
  ConfirmedRequest request;
  request.segmented_response_accepted = (first & segmented_accepted_bit) != 0;
  const std::uint8_t sizes = in.u8();
  request.max_segments = segment_counts[sizes >> 4 & 7U];
  request.max_apdu = apdu_sizes[std::min<std::size_t>(sizes & 0x0FU, apdu_sizes.size() - 1)];
  request.invoke_id = in.u8();
  request.segment = read_segment(in, first);
  request.service = static_cast<ConfirmedService>(in.u8());
  request.data = in.rest();
  return request;
}

ComplexAck read_complex_ack(Reader& in, std::uint8_t first) {
  ComplexAck ack{.invoke_id = in.u8()};
  ack.segment = read_segment(in, first);
  ack.service = static_cast<ConfirmedService>(in.u8());
  ack.data = in.rest();
  return ack;
}

Decoded<Apdu> read_apdu(Reader& in) {
  const std::uint8_t first = in.u8();
  switch (static_cast<PduType>(first >> 4)) {
    case PduType::confirmed_request: return read_confirmed(in, first);
    case PduType::unconfirmed_request:
      return UnconfirmedRequest{.service = static_cast<UnconfirmedService>(in.u8()), .data = in.rest()};
    case PduType::simple_ack:
      return SimpleAck{.invoke_id = in.u8(), .service = static_cast<ConfirmedService>(in.u8())};
    case PduType::complex_ack: return read_complex_ack(in, first);
    case PduType::segment_ack:
      return SegmentAck{.invoke_id = in.u8(),
                        .sequence = in.u8(),
                        .window = in.u8(),
                        .negative = (first & negative_bit) != 0,
                        .from_server = (first & server_bit) != 0};
    case PduType::error:
      return ErrorPdu{
          .invoke_id = in.u8(), .service = static_cast<ConfirmedService>(in.u8()), .data = in.rest()};
    case PduType::reject:
      return RejectPdu{.invoke_id = in.u8(), .reason = static_cast<RejectReason>(in.u8())};
    case PduType::abort:
      return AbortPdu{.invoke_id = in.u8(),
                      .reason = static_cast<AbortReason>(in.u8()),
                      .from_server = (first & server_bit) != 0};
  }
  return tl::unexpected(RejectReason::invalid_data_encoding);
}

bool window_is_valid(const Apdu& apdu) {
  const auto valid = [](std::uint8_t window) { return window >= 1 && window <= max_window; };
  const auto of_segment = [&](const auto& pdu) { return !pdu.segment || valid(pdu.segment->window); };
  return std::visit(
      overloaded{[&](const ConfirmedRequest& pdu) { return of_segment(pdu); },
                 [&](const ComplexAck& pdu) { return of_segment(pdu); },
                 [&](const SegmentAck& pdu) { return valid(pdu.window); }, [](const auto&) { return true; }},
      apdu);
}

}  // namespace

Decoded<Apdu> decode_apdu(Bytes bytes) {
  Reader in(bytes);
  auto apdu = read_apdu(in);
  if (apdu && (!in.done() || !window_is_valid(*apdu)))
    return tl::unexpected(RejectReason::invalid_data_encoding);
  return apdu;
}

void write_apdu(Writer& out, const Apdu& apdu) {
  std::visit(
      overloaded{[&](const ConfirmedRequest& pdu) {
                   const unsigned accepted = pdu.segmented_response_accepted ? segmented_accepted_bit : 0U;
                   write_first(out, PduType::confirmed_request, segment_bits(pdu.segment) | accepted);
                   out.u8(static_cast<std::uint8_t>(code_of(segment_counts, pdu.max_segments) << 4 |
                                                    code_of(apdu_sizes, pdu.max_apdu)));
                   out.u8(pdu.invoke_id);
                   write_segment(out, pdu.segment);
                   out.u8(static_cast<std::uint8_t>(pdu.service));
                   out.bytes(pdu.data);
                 },
                 [&](const UnconfirmedRequest& pdu) {
                   write_first(out, PduType::unconfirmed_request, 0);
                   out.u8(static_cast<std::uint8_t>(pdu.service));
                   out.bytes(pdu.data);
                 },
                 [&](const SimpleAck& pdu) {
                   write_first(out, PduType::simple_ack, 0);
                   out.u8(pdu.invoke_id);
                   out.u8(static_cast<std::uint8_t>(pdu.service));
                 },
                 [&](const ComplexAck& pdu) {
                   write_first(out, PduType::complex_ack, segment_bits(pdu.segment));
                   out.u8(pdu.invoke_id);
                   write_segment(out, pdu.segment);
                   out.u8(static_cast<std::uint8_t>(pdu.service));
                   out.bytes(pdu.data);
                 },
                 [&](const SegmentAck& pdu) {
                   write_first(out, PduType::segment_ack,
                               (pdu.negative ? negative_bit : 0U) | (pdu.from_server ? server_bit : 0U));
                   out.u8(pdu.invoke_id);
                   out.u8(pdu.sequence);
                   out.u8(pdu.window);
                 },
                 [&](const ErrorPdu& pdu) {
                   write_first(out, PduType::error, 0);
                   out.u8(pdu.invoke_id);
                   out.u8(static_cast<std::uint8_t>(pdu.service));
                   out.bytes(pdu.data);
                 },
                 [&](const RejectPdu& pdu) {
                   write_first(out, PduType::reject, 0);
                   out.u8(pdu.invoke_id);
                   out.u8(static_cast<std::uint8_t>(pdu.reason));
                 },
                 [&](const AbortPdu& pdu) {
                   write_first(out, PduType::abort, pdu.from_server ? server_bit : 0U);
                   out.u8(pdu.invoke_id);
                   out.u8(static_cast<std::uint8_t>(pdu.reason));
                 }},
      apdu);
}

std::uint16_t max_apdu_at_most(std::size_t octets) {
  const auto most = static_cast<std::uint16_t>(std::min<std::size_t>(octets, max_apdu_ip));
  return apdu_sizes[code_of(apdu_sizes, most)];
}

std::string to_string(ConfirmedService service) {
  const auto name = name_of(confirmed_service_names(), static_cast<std::uint32_t>(service));
  return name.empty() ? fmt::format("confirmed service {}", static_cast<unsigned>(service))
                      : std::string(name);
}

std::string to_string(UnconfirmedService service) {
  const auto name = name_of(unconfirmed_service_names(), static_cast<std::uint32_t>(service));
  return name.empty() ? fmt::format("unconfirmed service {}", static_cast<unsigned>(service))
                      : std::string(name);
}

}  // namespace iw::bacnet
