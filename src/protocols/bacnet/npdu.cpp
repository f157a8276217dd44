#include "protocols/bacnet/npdu.hpp"

#include <array>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t network_message_bit = 0x80;
constexpr std::uint8_t destination_bit = 0x20;
constexpr std::uint8_t source_bit = 0x08;
constexpr std::uint8_t expecting_reply_bit = 0x04;
constexpr std::uint8_t priority_bits = 0x03;
constexpr std::uint8_t reserved_bits = 0x50;
constexpr std::uint8_t first_vendor_message = 0x80;

tl::unexpected<RejectReason> malformed_npdu() { return tl::unexpected(RejectReason::invalid_data_encoding); }

// Network, length, Mac. None when the length is that of no data link.
std::optional<Address> read_address(Reader& in) {
  const std::uint16_t network = in.u16be();
  const std::uint8_t length = in.u8();
  if (length > Mac::max_size || !in.ok()) return std::nullopt;
  return Address{.network = network, .mac = Mac(in.bytes(length))};
}

void write_address(Writer& out, const Address& address) {
  out.u16be(address.network);
  out.u8(static_cast<std::uint8_t>(address.mac.size()));
  out.bytes(address.mac.octets());
}

std::vector<std::uint16_t> read_networks(Reader& in) {
  std::vector<std::uint16_t> networks;
  networks.reserve(in.remaining() / 2);
  while (in.remaining() >= 2)
    networks.push_back(in.u16be());
  return networks;
}

std::vector<RoutingTableEntry> read_routing_table(Reader& in) {
  std::vector<RoutingTableEntry> entries;
  const std::uint8_t count = in.u8();
  for (unsigned i = 0; i < count && in.ok(); ++i) {
    RoutingTableEntry entry{.network = in.u16be(), .port = in.u8()};
    entry.port_info = in.bytes(in.u8());
    entries.push_back(entry);
  }
  return entries;
}

void write_networks(Writer& out, const std::vector<std::uint16_t>& networks) {
  for (const std::uint16_t network : networks)
    out.u16be(network);
}

void write_routing_table(Writer& out, const std::vector<RoutingTableEntry>& entries) {
  out.u8(static_cast<std::uint8_t>(entries.size()));
  for (const RoutingTableEntry& entry : entries) {
    out.u16be(entry.network);
    out.u8(entry.port);
    out.u8(static_cast<std::uint8_t>(entry.port_info.size()));
    out.bytes(entry.port_info);
  }
}

NetworkMessage read_message(const Npdu& npdu, Reader& in) {
  switch (*npdu.message) {
    case NetworkMessageType::who_is_router_to_network:
      return WhoIsRouterToNetwork{in.remaining() == 0 ? std::nullopt : std::optional(in.u16be())};
    case NetworkMessageType::i_am_router_to_network: return IAmRouterToNetwork{read_networks(in)};
    case NetworkMessageType::i_could_be_router_to_network:
      return ICouldBeRouterToNetwork{.network = in.u16be(), .performance = in.u8()};
    case NetworkMessageType::reject_message_to_network:
      return RejectMessageToNetwork{.reason = static_cast<RejectMessageReason>(in.u8()),
                                    .network = in.u16be()};
    case NetworkMessageType::router_busy_to_network: return RouterBusyToNetwork{read_networks(in)};
    case NetworkMessageType::router_available_to_network: return RouterAvailableToNetwork{read_networks(in)};
    case NetworkMessageType::initialize_routing_table: return InitializeRoutingTable{read_routing_table(in)};
    case NetworkMessageType::initialize_routing_table_ack:
      return InitializeRoutingTableAck{in.remaining() == 0 ? std::vector<RoutingTableEntry>()
                                                           : read_routing_table(in)};
    case NetworkMessageType::establish_connection_to_network:
      return EstablishConnectionToNetwork{.network = in.u16be(), .termination_minutes = in.u8()};
    case NetworkMessageType::disconnect_connection_to_network:
      return DisconnectConnectionToNetwork{in.u16be()};
    case NetworkMessageType::what_is_network_number: return WhatIsNetworkNumber{};
    case NetworkMessageType::network_number_is:
      return NetworkNumberIs{.network = in.u16be(), .configured = in.u8() == 1};
  }
  return OtherNetworkMessage{.type = *npdu.message, .vendor = npdu.vendor, .data = in.rest()};
}

// In the order of the alternatives of NetworkMessage.
constexpr std::array types{
    NetworkMessageType::who_is_router_to_network,        NetworkMessageType::i_am_router_to_network,
    NetworkMessageType::i_could_be_router_to_network,    NetworkMessageType::reject_message_to_network,
    NetworkMessageType::router_busy_to_network,          NetworkMessageType::router_available_to_network,
    NetworkMessageType::initialize_routing_table,        NetworkMessageType::initialize_routing_table_ack,
    NetworkMessageType::establish_connection_to_network, NetworkMessageType::disconnect_connection_to_network,
    NetworkMessageType::what_is_network_number,          NetworkMessageType::network_number_is};

}  // namespace

Decoded<Npdu> decode_npdu(Bytes bytes) {
  Reader in(bytes);
  if (in.u8() != version) return malformed_npdu();
  const std::uint8_t control = in.u8();
  if ((control & reserved_bits) != 0) return malformed_npdu();

  Npdu npdu;
  npdu.expecting_reply = (control & expecting_reply_bit) != 0;
  npdu.priority = static_cast<NetworkPriority>(control & priority_bits);
  if ((control & destination_bit) != 0) {
    npdu.destination = read_address(in);
    if (!npdu.destination || npdu.destination->network == local_network) return malformed_npdu();
  }
  if ((control & source_bit) != 0) {
    npdu.source = read_address(in);
    if (!npdu.source || npdu.source->mac.empty() || npdu.source->network == local_network ||
        npdu.source->network == every_network)
      return malformed_npdu();
  }
  if (npdu.destination) npdu.hops = in.u8();
  if ((control & network_message_bit) != 0) {
    npdu.message = static_cast<NetworkMessageType>(in.u8());
    if (static_cast<std::uint8_t>(*npdu.message) >= first_vendor_message) npdu.vendor = in.u16be();
  }
  npdu.payload = in.rest();
  if (!in.ok() || (!npdu.message && npdu.payload.empty())) return malformed_npdu();
  return npdu;
}

void write_npdu(Writer& out, const Npdu& npdu) {
  out.u8(version);
  out.u8(static_cast<std::uint8_t>((npdu.message ? network_message_bit : 0) |
                                   (npdu.destination ? destination_bit : 0) | (npdu.source ? source_bit : 0) |
                                   (npdu.expecting_reply ? expecting_reply_bit : 0) |
                                   static_cast<std::uint8_t>(npdu.priority)));
  if (npdu.destination) write_address(out, *npdu.destination);
  if (npdu.source) write_address(out, *npdu.source);
  if (npdu.destination) out.u8(npdu.hops);
  if (npdu.message) {
    out.u8(static_cast<std::uint8_t>(*npdu.message));
    if (static_cast<std::uint8_t>(*npdu.message) >= first_vendor_message) out.u16be(npdu.vendor);
  }
  out.bytes(npdu.payload);
}

Decoded<NetworkMessage> decode_network_message(const Npdu& npdu) {
  Reader in(npdu.payload);
  NetworkMessage message = read_message(npdu, in);
  if (!in.done()) return malformed_npdu();
  return message;
}

NetworkMessageType type_of(const NetworkMessage& message) {
  if (const auto* other = std::get_if<OtherNetworkMessage>(&message)) return other->type;
  return types[message.index()];
}

void write_network_message(Writer& out, const NetworkMessage& message) {
  std::visit(overloaded{[&](const WhoIsRouterToNetwork& m) {
                          if (m.network) out.u16be(*m.network);
                        },
                        [&](const IAmRouterToNetwork& m) { write_networks(out, m.networks); },
                        [&](const ICouldBeRouterToNetwork& m) {
                          out.u16be(m.network);
                          out.u8(m.performance);
                        },
                        [&](const RejectMessageToNetwork& m) {
                          out.u8(static_cast<std::uint8_t>(m.reason));
                          out.u16be(m.network);
                        },
                        [&](const RouterBusyToNetwork& m) { write_networks(out, m.networks); },
                        [&](const RouterAvailableToNetwork& m) { write_networks(out, m.networks); },
                        [&](const InitializeRoutingTable& m) { write_routing_table(out, m.entries); },
                        [&](const InitializeRoutingTableAck& m) { write_routing_table(out, m.entries); },
                        [&](const EstablishConnectionToNetwork& m) {
                          out.u16be(m.network);
                          out.u8(m.termination_minutes);
                        },
                        [&](const DisconnectConnectionToNetwork& m) { out.u16be(m.network); },
                        [](const WhatIsNetworkNumber&) {},
                        [&](const NetworkNumberIs& m) {
                          out.u16be(m.network);
                          out.u8(m.configured ? 1 : 0);
                        },
                        [&](const OtherNetworkMessage& m) { out.bytes(m.data); }},
             message);
}

std::string_view to_string(RejectMessageReason reason) {
  switch (reason) {
    case RejectMessageReason::other: return "other";
    case RejectMessageReason::no_route: return "the router knows no way to that network";
    case RejectMessageReason::busy: return "the router is busy";
    case RejectMessageReason::unknown_message_type: return "unknown message type";
    case RejectMessageReason::message_too_long: return "the message is too long for that network";
    case RejectMessageReason::security: return "security";
    case RejectMessageReason::addressing: return "wrong addressing";
  }
  return "unknown reason";
}

}  // namespace iw::bacnet
