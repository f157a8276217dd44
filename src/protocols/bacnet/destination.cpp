#include "protocols/bacnet/destination.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

constexpr std::size_t longest = 64;  // octets of one
constexpr std::uint8_t recipient_device = 0;
constexpr std::uint8_t recipient_address = 1;

template <std::size_t N>
std::array<bool, N> flags_in(const BitString& bits) {
  std::array<bool, N> flags{};
  for (std::size_t i = 0; i < N; ++i)
    flags[i] = bits.at(i);
  return flags;
}

template <std::size_t N>
void write_flags(ParameterWriter& out, const std::array<bool, N>& flags) {
  unsigned octet = 0;
  for (std::size_t i = 0; i < N; ++i)
    octet |= flags[i] ? 0x80U >> i : 0U;
  const std::array bytes{static_cast<std::byte>(octet)};
  out.application(BitString{.bytes = bytes, .unused = 8 - N});
}

Address read_address(ParameterReader& in) {
  in.open(recipient_address);
  const std::uint32_t network = in.application_u32();
  const auto mac = in.application<OctetString>();
  in.close(recipient_address);
  if (network > every_network || mac.bytes.size() > Mac::max_size)
    in.failed(RejectReason::parameter_out_of_range);
  return {.network = static_cast<std::uint16_t>(network), .mac = Mac(mac.bytes)};
}

Destination read_destination(ParameterReader& in) {
  Destination one{.days = flags_in<7>(in.application<BitString>()),
                  .from = in.application<Time>(),
                  .to = in.application<Time>()};
  if (in.next_is(recipient_device)) {
    one.recipient = in.context<ObjectId>(recipient_device);
  } else {
    one.recipient = read_address(in);
  }
  one.process = in.application_u32();
  one.confirmed = in.application<bool>();
  one.transitions = flags_in<3>(in.application<BitString>());
  return one;
}

void write_destination(ParameterWriter& out, const Destination& one) {
  write_flags(out, one.days);
  out.application(one.from);
  out.application(one.to);
  if (const auto* device = std::get_if<ObjectId>(&one.recipient)) {
    out.context(recipient_device, *device);
  } else {
    const Address& address = std::get<Address>(one.recipient);
    out.open(recipient_address);
    out.application(Unsigned{address.network});
    out.application(OctetString{address.mac.octets()});
    out.close(recipient_address);
  }
  out.application(Unsigned{one.process});
  out.application(one.confirmed);
  write_flags(out, one.transitions);
}

}  // namespace

bool Destination::wants(Transition transition, const DateTime& now) const {
  const std::size_t day = now.date.weekday - 1U;
  const bool today = day >= days.size() || days.at(day);
  return today && from <= now.time && now.time <= to && transitions.at(static_cast<std::size_t>(transition));
}

Decoded<std::vector<Destination>> decode_destinations(Bytes data) {
  ParameterReader in(data);
  std::vector<Destination> all;
  while (in.more())
    all.push_back(read_destination(in));
  return checked(in, std::move(all));
}

std::vector<std::byte> encoded(const std::vector<Destination>& destinations) {
  std::vector<std::byte> bytes(longest * destinations.size());
  ParameterWriter out(bytes);
  for (const Destination& one : destinations)
    write_destination(out, one);
  bytes.resize(out.size());
  return bytes;
}

std::string to_string(const std::vector<Destination>& destinations) {
  std::string text;
  for (const Destination& one : destinations) {
    text += fmt::format("{}{} process {}", text.empty() ? "" : ", ",
                        std::visit(overloaded{[](ObjectId device) { return to_string(device); },
                                              [](const Address& at) { return to_string(at); }},
                                   one.recipient),
                        one.process);
  }
  return text.empty() ? "nobody" : text;
}

}  // namespace iw::bacnet
